"""Tables of `archcalc energy`: the energy of an inference between two bounds, by kind and by layer."""

from __future__ import annotations

from typing import Any

from archcalc.analysis.energy import EnergyBounds, EnergyStatement, energy_dict
from archcalc.analysis.results import settings_text
from archcalc.graph.axes import example
from archcalc.present.tables import Column, Table, human, human_bytes, left
from archcalc.present.words import by_all, cited

_UNITS = ((10**15, "J"), (10**12, "mJ"), (10**9, "\N{MICRO SIGN}J"), (10**6, "nJ"), (10**3, "pJ"), (1, "fJ"))


def joules(femtojoules: Any) -> str:
    """An energy with four digits: 12.34mJ.

    >>> joules(4_600_000)
    '4.600nJ'
    """
    if not femtojoules:
        return "0"
    femtojoules = round(femtojoules, 4 - len(str(femtojoules)))
    limit, unit = next(((limit, unit) for limit, unit in _UNITS if femtojoules >= limit), _UNITS[-1])
    value = femtojoules / limit
    whole = len(str(int(value)))
    return f"{value:,.{max(0, 4 - whole)}f}{unit}"


def energy_tables(statement: EnergyStatement, layers: bool = False) -> list[Table]:
    """The tables of a statement: by kind, and with `layers` by layer."""
    tables = [_kinds(statement)]
    return [*tables, _layers(statement)] if layers else tables


def _kinds(statement: EnergyStatement) -> Table:
    total = statement.total
    changed = "".join(f", {each}" for each in settings_text(statement.changed))
    one = example(statement.inputs)
    of = f"a batch of {statement.batch} {one}s" if statement.batch > 1 else f"one {one}"
    rows = [
        ("arithmetic", total.lower_arithmetic, total.upper_arithmetic),
        ("DRAM", total.lower_memory, total.upper_memory),
    ]
    return Table(
        f"Bounds on the energy of an inference of {statement.architecture}{changed}, {of}, input "
        f"{by_all(statement.inputs)}, {statement.dtype}, {statement.process}{cited(statement.citation)}",
        [left(""), Column("lower", joules), Column("upper", joules)],
        rows,
        [("total", total.lower, total.upper)],
        [*_says(statement), *statement.remarks],
    )


def _says(statement: EnergyStatement) -> list[str]:
    total = statement.total
    return [
        f"Not measured: operations and bytes times the energies of {statement.table} ({statement.source}).",
        "Lower: multiply-accumulates of convolutions, linear layers and products; every weight, input and output of "
        f"the network crosses DRAM once, {human_bytes(total.lower_bytes)}. Upper: multiplications and additions of all "
        "ops; every op reads its inputs and weights from DRAM and writes its output there, each once, "
        f"{human_bytes(total.upper_bytes)}.",
        f"Not counted: caches, registers, instructions, control, leakage, and {human(statement.uncounted)} "
        "comparisons, divisions, exponentials and roots, of which the table has no energy.",
    ]


def _layers(statement: EnergyStatement) -> Table:
    def cells(found: EnergyBounds) -> tuple[int, ...]:
        parts = (found.lower_arithmetic, found.lower_memory, found.upper_arithmetic, found.upper_memory)
        return (*parts, found.lower, found.upper)

    return Table(
        "",
        [
            left("layer"),
            Column("arithmetic, lower", joules, rank=1),
            Column("DRAM, lower", joules, rank=1),
            Column("arithmetic, upper", joules, rank=2),
            Column("DRAM, upper", joules, rank=2),
            Column("lower", joules),
            Column("upper", joules),
        ],
        [(each.name, *cells(each.energy)) for each in statement.layers],
        [("total", *cells(statement.total))],
    )


def energy_records(statement: EnergyStatement, layers: bool = False) -> list[dict[str, Any]]:
    """A record for the whole network; with `layers` one for each layer and the total last."""
    own = {"architecture": statement.architecture, "batch": statement.batch, "dtype": statement.dtype}
    own |= {"table": statement.table}
    each = [(layer.name, layer.energy) for layer in statement.layers] if layers else []
    return [{**own, "layer": name, **energy_dict(found)} for name, found in [*each, ("total", statement.total)]]


def energy_data(statement: EnergyStatement, layers: bool = False) -> dict[str, Any]:
    """The statement as plain data, with its layers if they are asked for."""
    found = statement.to_dict()
    if not layers:
        del found["layers"]
    return found
