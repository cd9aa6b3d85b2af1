"""Devices of one's own, described in a TOML file.

```toml
name = "My accelerator"
kind = "gpu"               # gpu, shared, tpu or cpu, as `archcalc devices` has them
memory = "24 GiB"
bandwidth = "936 GB/s"
units = 82
boost_mhz = 1695
tdp_watts = 350

[peaks]                    # dense, by dtype; a multiply-accumulate counts as two
float32 = "35.6 TFLOPS"
float16 = 71e12
int8 = "284 TOPS"
```

`kind` is needed, every other key may be left out; what is left out is not known, and nothing is filled in for it.
`key` is the name in messages and tables, by default the file's; `name` is by default the key. `capability`, NVIDIA's
compute capability such as "8.6", says that a process needs memory for a CUDA context. `reported` is the memory that the
device reports to programs. There are also `vendor`, `year`, `note`, and `sources`, a list of texts. Amounts are numbers
of bytes, bytes/s and FLOP/s (OP/s), or texts with a unit. Nothing in the file is run, and no other file is opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from os import PathLike, fspath
from pathlib import Path
from typing import Any, cast

from archcalc.algebra.amounts import BYTES, COUNTS, read_amount
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import nearest, shown
from archcalc.base.text_files import parsed_toml, read_file
from archcalc.hardware.devices import KINDS, PEAKS, Device

MOST = 100_000
"""Bytes of a file, at most."""
_LONGEST = 500
_OPERATIONS = re.compile(r"\s*(?:fl)?ops?(?:/s)?", re.IGNORECASE)
_RATES: Mapping[str, int] = {**COUNTS, "P": 10**15}
_SIZES: Mapping[str, int] = {**BYTES, "PB": 10**15}
_NUMBERS: Mapping[str, tuple[int, str]] = {
    "memory": (10**18, 'a size, such as "24 GiB" or 25769803776'),
    "reported": (10**18, 'a size, such as "23.6 GiB" or 25383256719'),
    "bandwidth": (10**18, 'a rate, such as "936 GB/s" or 936e9'),
    "units": (10**9, "a whole number, such as 82"),
    "boost_mhz": (10**6, "a whole number of MHz, such as 1695"),
    "tdp_watts": (10**6, "a whole number of watts, such as 350"),
    "year": (9999, "a year, such as 2024"),
}
"""The keys with numbers: the largest, and what it is."""
_TEXTS = ("key", "name", "vendor", "kind", "capability", "note")
KEYS = (*_TEXTS, *_NUMBERS, "sources", "peaks")
"""The keys of a file."""


def is_device_file(name: str) -> bool:
    """True for the name of a TOML file: no device of the table is called so.

    >>> is_device_file("mine.toml"), is_device_file("a100-40gb")
    (True, False)
    """
    return name.lower().endswith(".toml")


def read_device_file(path: str | PathLike[str]) -> Device:
    """The device that a TOML file describes. Raises ArchcalcError naming the file and the key for every fault."""
    name = fspath(path)
    return device_of_text(read_file(name, MOST, "device"), Path(name).name)


def device_of_text(text: str, name: str) -> Device:
    """The device that a text in TOML describes; `name` is that of its file, for the key and for messages.

    Raises ArchcalcError naming the file and the key for every fault.

    >>> mine = device_of_text('kind = "gpu"\\nmemory = "24 GiB"\\n[peaks]\\nfloat32 = "35.6 TFLOPS"', "mine.toml")
    >>> mine.key, mine.memory_bytes, mine.peak("float32")
    ('mine', 25769803776, 35600000000000)
    """
    given = parsed_toml(text, name)
    _check_keys(given, KEYS, name)
    texts = {key: _text(given[key], key, name) for key in _TEXTS if key in given}
    numbers = {key: _number(given[key], key, name) for key in _NUMBERS if key in given}
    key = texts.get("key", Path(name).stem)
    if not key.strip() or not key.isprintable() or "," in key:
        raise _wrong(name, "key", "a name in one line, without commas", key)
    kind = texts.get("kind", "")
    if kind not in KINDS:
        given = f"not {shown(kind)}" if kind else "and is missing"
        raise ArchcalcError(f"{name}: kind is one of {', '.join(KINDS)}, {given}", about="device")
    return Device(
        key=key,
        name=texts.get("name", key),
        aliases=(),
        vendor=texts.get("vendor", ""),
        kind=kind,
        year=numbers.get("year"),
        capability=texts.get("capability", ""),
        memory_bytes=numbers.get("memory"),
        reported_bytes=numbers.get("reported"),
        bandwidth=numbers.get("bandwidth"),
        peaks=_peaks(given.get("peaks", {}), name),
        units=numbers.get("units"),
        boost_mhz=numbers.get("boost_mhz"),
        tdp_watts=numbers.get("tdp_watts"),
        basis="own",
        sources=_sources(given.get("sources", []), name),
        note=texts.get("note", ""),
    )


def _check_keys(given: Mapping[str, Any], known: tuple[str, ...], name: str, table: str = "") -> None:
    """Raise ArchcalcError for a key that is not known, with the nearest."""
    wrong = next((key for key in given if key not in known), None)
    if wrong is not None:
        near = nearest(wrong, known) if not table else ()  # the dtype that is nearest to fp32 is tf32
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise ArchcalcError(f"{name}: there is no key {shown(table + wrong)}; {hint}", about="device")


def _wrong(name: str, key: str, what: str, given: Any) -> ArchcalcError:
    return ArchcalcError(f"{name}: {key} is {what}, not {shown(given)}", about="device")


def _text(given: Any, key: str, name: str) -> str:
    if not isinstance(given, str) or len(given) > _LONGEST or not given.replace("\n", " ").isprintable():
        raise _wrong(name, key, f"a text of at most {_LONGEST} characters", given)
    return " ".join(given.split())


def _sources(given: Any, name: str) -> tuple[str, ...]:
    if not isinstance(given, list):
        raise _wrong(name, "sources", "a list of texts", given)
    each = cast("list[Any]", given)
    return tuple([_text(source, "a source", name) for source in each])


def _peaks(given: Any, name: str) -> dict[str, int]:
    if not isinstance(given, dict):
        raise _wrong(name, "peaks", "a table, [peaks]", given)
    table = cast("dict[str, Any]", given)
    _check_keys(table, PEAKS, name, "peaks.")
    what = 'a rate, such as "35.6 TFLOPS" or 35.6e12'
    return {dtype: _amount(table[dtype], f"peaks.{dtype}", name, 10**21, what) for dtype in PEAKS if dtype in table}


def _number(given: Any, key: str, name: str) -> int:
    most, what = _NUMBERS[key]
    return _amount(given, key, name, most, what)


def _amount(given: Any, key: str, name: str, most: int, what: str) -> int:
    """A number from 1 to `most`, which a text may give with the unit that the key has."""
    value: Fraction | int | float | None = given if type(given) in (int, float) else None
    if isinstance(given, str):
        value = _with_unit(given, key)
    if value is None or not 1 <= value <= most or (type(value) is int and value > most):
        raise _wrong(name, key, f"{what}, from 1 to {most:.0e}", given)
    if key in ("units", "boost_mhz", "tdp_watts", "year") and value != int(value):
        raise _wrong(name, key, what, given)
    return int(value)


def _with_unit(text: str, key: str) -> Fraction | None:
    """The amount in a text; None if it is none, or has a unit of something else."""
    if key in ("memory", "reported"):
        return read_amount(text, _SIZES)
    if key == "bandwidth":
        return read_amount(re.sub(r"\s*/\s*s\s*$", "", text), _SIZES)
    if key.startswith("peaks."):
        return read_amount(re.sub(rf"{_OPERATIONS.pattern}\s*$", "", text, flags=re.IGNORECASE), _RATES)
    return None
