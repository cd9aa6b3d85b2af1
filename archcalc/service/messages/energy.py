"""Bounds on energy as messages."""

from __future__ import annotations

from archcalc.analysis.energy import EnergyBounds, EnergyStatement, LayerEnergy
from archcalc.service.messages.costs import DTYPE
from archcalc.service.messages.fields import PLAINS, SHAPE, VALUES, Record, many

FEMTOJOULES = ("lower_arithmetic", "lower_memory", "upper_arithmetic", "upper_memory")
BOUNDS = Record(
    EnergyBounds,
    "",
    " ".join(EnergyBounds._fields),
    " ".join([f"{name}={name}_femtojoules" for name in FEMTOJOULES]),
)
LAYER = Record(LayerEnergy, "name", energy=BOUNDS)
STATEMENT = Record(
    EnergyStatement,
    "architecture citation batch table process source",
    "uncounted",
    "uncounted=uncounted_operations",
    inputs=many(SHAPE),
    dtype=DTYPE,
    changed=VALUES,
    total=BOUNDS,
    layers=many(LAYER),
    remarks=PLAINS,
)
