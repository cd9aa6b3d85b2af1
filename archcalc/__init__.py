"""archcalc: exact output sizes, parameters, mult-adds, memory and receptive fields of documented neural networks.

>>> import archcalc
>>> archcalc.analyze("vgg16").totals.params
138357544
"""

from typing import TYPE_CHECKING, Any

from archcalc.errors import ArchcalcError, UnknownName
from archcalc.query import analyze, names
from archcalc.results import Analysis, Layer, ReceptiveField, Totals

if TYPE_CHECKING:
    from archcalc.query.formulas import closed_form, exact_form
    from archcalc.rpc.async_client import AsyncClient
    from archcalc.rpc.client import Client

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
    "AsyncClient": "archcalc.rpc.async_client",
    "Client": "archcalc.rpc.client",
    "closed_form": "archcalc.query.formulas",
    "exact_form": "archcalc.query.formulas",
}
"""Where the names are that not every command needs."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for. Raises AttributeError if there is none."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_WHERE[name]), name)
