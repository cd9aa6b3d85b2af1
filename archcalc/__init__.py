"""archcalc: exact output sizes, parameters, mult-adds, memory and receptive fields of neural networks.

Every function that takes a network takes the name of one in the catalogue, or a network of your own:

>>> import archcalc
>>> archcalc.analyze("vgg16").totals.params
138357544

>>> from archcalc import Network, row
>>> from archcalc.ops import Conv, Flatten, Linear, MaxPool, ReLU
>>> def net(x, width=16):
...     x = row("conv1", x, Conv(width, 3, padding=1), ReLU())
...     x = row("pool1", x, MaxPool(2, 2))
...     return row("fc", x, Flatten(), Linear(10))
>>> mine = Network.build(net, input=(3, 32, 32), name="mine")
>>> archcalc.closed_form(mine, ("S", "width")).quantities["mult_adds"].text
'118*s^2*width'
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from archcalc.algebra.dims import below, equal
    from archcalc.analysis.difference import diff
    from archcalc.analysis.energy import EnergyStatement, energy
    from archcalc.analysis.latency.statement import LatencyStatement, latency
    from archcalc.analysis.memory.statement import MemoryStatement, memory
    from archcalc.analysis.quantities import Totals
    from archcalc.analysis.results import Analysis, Layer, ReceptiveField
    from archcalc.analysis.several import compare
    from archcalc.analysis.table import analyze
    from archcalc.base.errors import ArchcalcError, UnknownName
    from archcalc.conventions.counting import count
    from archcalc.conventions.reconciling import reconcile
    from archcalc.derivations.derive import derive as why
    from archcalc.evidence.audit import audit
    from archcalc.evidence.explain import explain
    from archcalc.evidence.selecting import select
    from archcalc.exporters.export import Export, export
    from archcalc.forms.closed import closed_form, exact_form
    from archcalc.graph import Graph, Network, Op, Value, block, row
    from archcalc.reports.rendering import graph_picture, plot, report
    from archcalc.request import Request, names
    from archcalc.search.scaling import scaling
    from archcalc.search.solving import solve
    from archcalc.service.async_client import AsyncClient as AsyncClient
    from archcalc.service.client import Client as Client
    from archcalc.spaces.documented import describe
    from archcalc.spaces.sweeping import sweep
    from archcalc.training import Training
    from archcalc.validation.runner import validate

__version__ = "0.1.0"

_WHERE = {
    "Analysis": "archcalc.analysis.results",
    "ArchcalcError": "archcalc.base.errors",
    "AsyncClient": "archcalc.service.async_client",
    "Client": "archcalc.service.client",
    "EnergyStatement": "archcalc.analysis.energy",
    "Export": "archcalc.exporters.export",
    "Graph": "archcalc.graph",
    "Layer": "archcalc.analysis.results",
    "LatencyStatement": "archcalc.analysis.latency.statement",
    "MemoryStatement": "archcalc.analysis.memory.statement",
    "Network": "archcalc.graph",
    "Op": "archcalc.graph",
    "ReceptiveField": "archcalc.analysis.results",
    "Request": "archcalc.request",
    "Totals": "archcalc.analysis.quantities",
    "Training": "archcalc.training",
    "UnknownName": "archcalc.base.errors",
    "Value": "archcalc.graph",
    "analyze": "archcalc.analysis.table",
    "audit": "archcalc.evidence.audit",
    "below": "archcalc.algebra.dims",
    "block": "archcalc.graph",
    "closed_form": "archcalc.forms.closed",
    "compare": "archcalc.analysis.several",
    "count": "archcalc.conventions.counting",
    "describe": "archcalc.spaces.documented",
    "diff": "archcalc.analysis.difference",
    "energy": "archcalc.analysis.energy",
    "equal": "archcalc.algebra.dims",
    "exact_form": "archcalc.forms.closed",
    "explain": "archcalc.evidence.explain",
    "export": "archcalc.exporters.export",
    "graph_picture": "archcalc.reports.rendering",
    "latency": "archcalc.analysis.latency.statement",
    "memory": "archcalc.analysis.memory.statement",
    "names": "archcalc.request",
    "plot": "archcalc.reports.rendering",
    "reconcile": "archcalc.conventions.reconciling",
    "report": "archcalc.reports.rendering",
    "row": "archcalc.graph",
    "scaling": "archcalc.search.scaling",
    "select": "archcalc.evidence.selecting",
    "solve": "archcalc.search.solving",
    "sweep": "archcalc.spaces.sweeping",
    "validate": "archcalc.validation.runner",
    "why": "archcalc.derivations.derive:derive",
}
"""The modules of the public names, which are imported on first use: `import archcalc` takes a millisecond."""

__all__ = [  # without the clients, so that `from archcalc import *` does not need gRPC
    "Analysis",
    "ArchcalcError",
    "EnergyStatement",
    "Export",
    "Graph",
    "LatencyStatement",
    "Layer",
    "MemoryStatement",
    "Network",
    "Op",
    "ReceptiveField",
    "Request",
    "Totals",
    "Training",
    "UnknownName",
    "Value",
    "__version__",
    "analyze",
    "audit",
    "below",
    "block",
    "closed_form",
    "compare",
    "count",
    "describe",
    "diff",
    "energy",
    "equal",
    "exact_form",
    "explain",
    "export",
    "graph_picture",
    "latency",
    "memory",
    "names",
    "plot",
    "reconcile",
    "report",
    "row",
    "scaling",
    "select",
    "solve",
    "sweep",
    "validate",
    "why",
]


def __dir__() -> list[str]:
    """The public names, and those that every module has."""
    return sorted({*_WHERE, *[name for name in globals() if name.startswith("__")]})


def __getattr__(name: str) -> "Any":
    """Import a public name on first use. Raises AttributeError if there is none."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, _, other = _WHERE[name].partition(":")
    value = getattr(import_module(module), other or name)
    globals()[name] = value
    return value
