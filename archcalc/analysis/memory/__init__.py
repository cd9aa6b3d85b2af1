"""Memory: storages alive while a network runs, and what a training step keeps."""

from archcalc.analysis.memory.footprint import (
    Footprint,
    footprint,
    for_all_images,
    is_saved,
    last_uses,
    storages,
)
from archcalc.analysis.memory.heap import KINDS, Moment
from archcalc.analysis.memory.step import Timeline, inference, training_step

__all__ = [
    "KINDS",
    "Footprint",
    "Moment",
    "Timeline",
    "footprint",
    "for_all_images",
    "inference",
    "is_saved",
    "last_uses",
    "storages",
    "training_step",
]
