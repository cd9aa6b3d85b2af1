"""Memory: storages alive while a network runs, and what a training step keeps."""

from archcalc.analysis.memory.footprint import (
    Footprint,
    footprint,
    for_all_images,
    is_saved,
    last_uses,
    storages,
)

__all__ = ["Footprint", "footprint", "for_all_images", "is_saved", "last_uses", "storages"]
