"""archcalc: exact output sizes, parameters, mult-adds, memory and receptive fields of documented neural networks.

>>> import archcalc
>>> archcalc.analyze("vgg16").totals.params
138357544
"""

from typing import TYPE_CHECKING, Any

from archcalc.analysis.results import Analysis, Layer, ReceptiveField, Totals
from archcalc.analysis.table import analyze
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.request import names

if TYPE_CHECKING:
    from archcalc.forms.closed import closed_form, exact_form
    from archcalc.service.async_client import AsyncClient
    from archcalc.service.client import Client

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "ArchcalcError",
    "AsyncClient",
    "Client",
    "Layer",
    "ReceptiveField",
    "Totals",
    "UnknownName",
    "__version__",
    "analyze",
    "closed_form",
    "exact_form",
    "names",
]


_WHERE = {
    "AsyncClient": "archcalc.service.async_client",
    "Client": "archcalc.service.client",
    "closed_form": "archcalc.forms.closed",
    "exact_form": "archcalc.forms.closed",
}
"""Where the names are that not every command needs."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for. Raises AttributeError if there is none."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_WHERE[name]), name)
