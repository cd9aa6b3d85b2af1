"""Bounds on energy as messages."""

from __future__ import annotations

from archcalc.analysis.energy import EnergyBounds, EnergyStatement, LayerEnergy
from archcalc.service.messages.costs import DTYPE
from archcalc.service.messages.fields import PLAINS, SHAPE, VALUES, Record, many

BOUNDS = Record(EnergyBounds, "", " ".join(EnergyBounds._fields))
LAYER = Record(LayerEnergy, "name", energy=BOUNDS)
STATEMENT = Record(
    EnergyStatement,
    "architecture citation batch table process source",
    "uncounted",
    inputs=many(SHAPE),
    dtype=DTYPE,
    changed=VALUES,
    total=BOUNDS,
    layers=many(LAYER),
    remarks=PLAINS,
)
