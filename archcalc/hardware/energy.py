"""The published tables of `data/energy.csv`: energy of an operation and of an access to memory, each with its source.

A table is of one process. A dtype that a table lacks is an error: nothing is filled in from another dtype, process or
table. Energies are whole femtojoules, 1000 of them a picojoule, so that sums are exact.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.base.package import read_text
from archcalc.base.spelling import cut, unknown

DEFAULT = "horowitz2014-45nm"
"""The table that is read where none is named."""

WIDER: Mapping[str, str] = {"int8": "int32", "float16": "float32", "bfloat16": "float32"}
"""The type in which sums of products of a narrow type are kept where they are not kept in the type itself."""

_DATA = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data")


class EnergyTable(NamedTuple):
    """A published table; energies in femtojoules."""

    name: str
    process: str
    add: Mapping[str, int]
    """Of one addition, by dtype."""
    multiply: Mapping[str, int]
    """Of one multiplication, by dtype."""
    dram: tuple[int, int]
    """Of moving one byte to or from DRAM: the least and the most that the table says."""
    source: str
    place: str
    """Where in the source the figures stand."""
    read: tuple[str, ...]
    """Addresses at which the figures were read."""

    def check(self, dtype: str) -> None:
        """Raise ArchcalcError if the table has no arithmetic of a dtype.

        >>> energy_table().check("float64")
        Traceback (most recent call last):
        archcalc.base.errors.ArchcalcError: horowitz2014-45nm has no energy of float64; it has int8, float16, float32
        """
        there = [each for each in self.multiply if each in self.add and WIDER.get(each, each) in self.add]
        if dtype not in there:
            asked = [each for each in there if each != "int32"]
            said = f"{self.name} has no energy of {cut(dtype)}; it has {', '.join(asked)}"
            raise ArchcalcError(said, about="dtype")


@cache
def energy_tables() -> Mapping[str, EnergyTable]:
    """Every table by its name.

    >>> list(energy_tables())
    ['horowitz2014-45nm']
    """
    rows = list(csv.DictReader(read_text(_DATA, "energy.csv").splitlines()))
    names = dict.fromkeys([row["table"] for row in rows])
    return {name: _table(name, [row for row in rows if row["table"] == name]) for name in names}


def energy_table(name: str = DEFAULT) -> EnergyTable:
    """The table of that name. Raises UnknownName with the nearest.

    >>> energy_table().multiply["float32"]
    3700
    """
    tables = energy_tables()
    if name not in tables:
        raise unknown("table of energies", name, list(tables), f"there are {', '.join(tables)}", about="table")
    return tables[name]


def _table(name: str, rows: list[dict[str, str]]) -> EnergyTable:
    def of(operation: str) -> dict[str, int]:
        return {row["dtype"]: _femtojoules(row["picojoules"]) for row in rows if row["operation"] == operation}

    dram = next(row for row in rows if row["operation"] == "dram")
    size = int(dram["bits"]) // 8
    least, most = _femtojoules(dram["picojoules"]), _femtojoules(dram["most"] or dram["picojoules"])
    return EnergyTable(
        name=name,
        process=rows[0]["process"],
        add=of("add"),
        multiply=of("multiply"),
        dram=(least // size, -(-most // size)),
        source=rows[0]["source"],
        place=rows[0]["place"],
        read=tuple(dict.fromkeys([row["read"] for row in rows])),
    )


def _femtojoules(picojoules: str) -> int:
    return int(Decimal(picojoules) * 1000)
