"""The closed forms of a network for its page: with the terms from which a page computes their values."""

from __future__ import annotations

from typing import Any

from archcalc.forms.closed import closed_form_of
from archcalc.forms.results import Formula
from archcalc.forms.sheets import Written, letter, write
from archcalc.forms.symbols import axes_of
from archcalc.request import NetworkLike, Request

QUANTITIES = (
    "params",
    "mult_adds",
    "activation_sum",
    "parameter_bytes",
    "peak_inference_bytes",
    "training_saved_bytes",
    "bytes_moved",
)
"""Totals of a page that have short forms: that of a training step is the largest of up to hundreds of polynomials."""


def network_forms(network: NetworkLike, **given: Any) -> dict[str, Any]:
    """The closed forms of a network in the sizes of its input and the batch N, for JSON; the request as in `analyze`.

    A form has its `terms`: for each of one or more polynomials, of which the largest counts, the coefficients with the
    powers of the letters. Raises ArchcalcError as `closed_form` does.

    >>> forms = network_forms("resnet50")
    >>> forms["forms"]["mult_adds"]["text"], forms["forms"]["mult_adds"]["terms"]
    ('83410944*h*w + 2048000', [[['83410944', {'h': 1, 'w': 1}], ['2048000', {}]]])
    """
    request = Request.of(network, **given)
    form = closed_form_of(request, (*axes_of(request.resolved), "N"), QUANTITIES)
    return {
        "architecture": form.architecture,
        "letters": [_letter(each) for each in form.symbols],
        "conditions": list(form.conditions),
        "forms": {key: _form(formula) for key, formula in form.quantities.items()},
    }


def _letter(symbol: Any) -> dict[str, Any]:
    """A letter of the forms: `symbol` = `period` x `letter` + `residue`, from `least` to `largest` (empty: no end)."""
    each = letter(symbol)
    return {
        "symbol": each.symbol,
        "letter": each.letter,
        "meaning": each.meaning,
        "period": each.period,
        "residue": each.residue,
        "least": each.least,
        "largest": each.largest,
        "definition": each.definition,
    }


def _form(formula: Formula) -> dict[str, Any]:
    written: Written = write(formula)
    return {
        "text": written.text,
        "latex": written.latex,
        "unit": written.unit,
        "terms": [[[term.coefficient, dict(term.exponents)] for term in each] for each in written.polynomials],
    }
