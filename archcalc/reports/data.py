"""The numbers of the atlas as CSV files: totals of all networks, layers and formulas of those shown in full.

Results of validation are in the records in reports/validation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from archcalc import zoo
from archcalc.analysis.table import analyze
from archcalc.base.errors import ArchcalcError
from archcalc.evidence.audit import audit
from archcalc.forms.formulas import formulas
from archcalc.graph import Network
from archcalc.present.claims import audit_records
from archcalc.present.markup import as_csv
from archcalc.reports.families import papers


def data_files(only: str | None = None) -> Iterator[tuple[str, str]]:
    """The files, or only one of them: name and contents."""
    for name, lines in FILES.items():
        if only in (None, name):
            yield name, as_csv(lines()) + "\n"


def _shown() -> list[str]:
    return [name for paper in papers() for name in paper.representatives]


def _network(each: Network) -> dict[str, Any]:
    analysis = analyze(each.name)
    return {
        "name": each.name,
        "summary": each.summary,
        "authors": each.family.authors,
        "year": each.family.year,
        "source": each.family.source,
        "input": "x".join(map(str, analysis.input)),
        **analysis.totals,
    }


def _layers(name: str) -> list[dict[str, Any]]:
    return [{"architecture": name, **line} for line in analyze(name).records()]


def _formulas(name: str) -> list[dict[str, Any]]:
    try:
        sheet = formulas(name)
    except ArchcalcError:  # no polynomial in the size
        return []
    where = "; ".join(each.definition for each in sheet.letters)
    return [
        {"architecture": name, "quantity": quantity, "formula": each.text, "unit": each.unit, "letters": where}
        for quantity, each in sheet.quantities.items()
    ]


FILES: Mapping[str, Callable[[], list[dict[str, Any]]]] = {
    "networks.csv": lambda: [_network(each) for each in zoo.networks()],
    "layers.csv": lambda: [line for name in _shown() for line in _layers(name)],
    "formulas.csv": lambda: [line for name in _shown() for line in _formulas(name)],
    "audit.csv": lambda: audit_records(audit().audited),
}
"""The files by name, each with the function that returns its lines."""
