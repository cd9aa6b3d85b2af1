"""Tables of `archcalc devices`: devices that networks run on, and one of them with its sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archcalc.hardware.devices import BASES, KINDS, PEAKS, Device
from archcalc.present.tables import Column, Table, digits, human_bytes, left

_SHOWN = ("float32", "float16", "bfloat16", "int8", "tf32", "float64")
"""The columns of peak rates in their order: what is wanted most stands first."""


def _rate(value: Any) -> str:
    """A peak rate or a bandwidth, which sources print with at most five digits: 312T, 362.05T, 192.4G."""
    return "".join(_scaled(value))


def _scaled(value: int) -> tuple[str, str]:
    """A number and its prefix: 362.05 and T."""
    limit, prefix = (10**12, "T") if value >= 10**12 else (10**9, "G")
    return f"{value / limit:.5g}", prefix


def devices_table(found: Sequence[Device]) -> Table:
    """A table with a line for each device."""
    rows = [
        (
            each.key,
            each.memory_bytes,
            each.usable_bytes,
            each.bandwidth,
            *[each.peaks.get(dtype) for dtype in _SHOWN],
            "" if each.year is None else str(each.year),
        )
        for each in found
    ]
    columns = [
        left("device"),
        Column("memory", human_bytes),
        Column("usable", human_bytes),
        Column("bytes/s", _rate),
        *[Column(dtype, _rate, rank=max(0, place - 1)) for place, dtype in enumerate(_SHOWN)],
        Column("year", rank=len(_SHOWN)),
    ]
    remarks = [
        "Memory as sold, in decimal units: a vendor's GB of it are GiB. Usable: what a process can fill of the memory "
        "that such a device reported, or of that as sold where no report is known; reports are up to 8 % lower. "
        "Rates in FLOP/s, of int8 in OP/s, dense: never with sparsity.",
        "`archcalc devices NAME` shows one with its sources.",
    ]
    return Table(f"{len(found)} devices", columns, rows, remarks=remarks)


def device_tables(each: Device) -> list[Table]:
    """Tables of one device: its figures, and its sources."""
    facts: list[tuple[str, str | None]] = [
        ("key", each.key),
        ("vendor", each.vendor or None),
        ("kind", KINDS[each.kind]),
        ("year", None if each.year is None else str(each.year)),
        ("memory", _bytes(each.memory_bytes)),
        ("reported", _bytes(each.reported_bytes)),
        ("usable", _usable(each)),
        ("bandwidth", _per_second(each.bandwidth, "B")),
        *[(dtype, _per_second(each.peaks.get(dtype), "OP" if dtype == "int8" else "FLOP")) for dtype in PEAKS],
        ("units", None if each.units is None else str(each.units)),
        ("clock", None if each.boost_mhz is None else f"{each.boost_mhz} MHz"),
        ("power", None if each.tdp_watts is None else f"{each.tdp_watts} W"),
        ("capability", each.capability or None),
        ("note", each.note or None),
        ("figures", BASES[each.basis]),
    ]
    figures = Table(each.name, [left("", "keep"), left("", "wrap")], [fact for fact in facts if fact[1] is not None])
    sources = Table("", [left("source", "wrap")], [(source,) for source in each.sources])
    return [figures, sources] if each.sources else [figures]


def _bytes(value: int | None) -> str | None:
    return None if value is None else f"{human_bytes(value)} ({digits(value)} B)"


def _usable(each: Device) -> str | None:
    if each.usable_bytes is None:
        return None
    less = f", {human_bytes(each.context_bytes)} less for the context of a process" if each.context_bytes else ""
    return f"{human_bytes(each.usable_bytes)} ({digits(each.usable_bytes)} B{less})"


def _per_second(value: int | None, unit: str) -> str | None:
    return None if value is None else "{} {}".format(*_scaled(value)) + f"{unit}/s"


def device_data(each: Device) -> dict[str, Any]:
    """A device as plain data; a figure that no source states is None."""
    return {
        "key": each.key,
        "name": each.name,
        "aliases": list(each.aliases),
        "vendor": each.vendor,
        "kind": each.kind,
        "year": each.year,
        "capability": each.capability or None,
        "memory_bytes": each.memory_bytes,
        "reported_bytes": each.reported_bytes,
        "context_bytes": each.context_bytes,
        "usable_bytes": each.usable_bytes,
        "bandwidth": each.bandwidth,
        **{dtype: each.peaks.get(dtype) for dtype in PEAKS},
        "units": each.units,
        "boost_mhz": each.boost_mhz,
        "tdp_watts": each.tdp_watts,
        "basis": each.basis,
        "sources": list(each.sources),
        "note": each.note,
    }


def device_record(each: Device) -> dict[str, Any]:
    """A device as a flat dictionary."""
    return device_data(each) | {"aliases": " ".join(each.aliases), "sources": " ".join(each.sources)}
