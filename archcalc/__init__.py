"""archcalc: exact output sizes, parameters, mult-adds, memory and receptive fields of documented neural networks.

>>> import archcalc
>>> archcalc.analyze("vgg16").totals.params
138357544
"""

from archcalc.errors import ArchcalcError, UnknownName
from archcalc.query import analyze, names
from archcalc.results import Analysis, Layer, ReceptiveField, Totals

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "ArchcalcError",
    "Layer",
    "ReceptiveField",
    "Totals",
    "UnknownName",
    "__version__",
    "analyze",
    "names",
]
