"""The devices of `data/devices.csv`: memory, memory bandwidth and peak rates, each row with its sources.

A figure that no source states is empty: nothing is filled in from another dtype or another device.

- **Memory** is as sold, in bytes: the GB in the names of GPUs and accelerators are GiB, as what programs report shows
  (H100, "80 GB": 84,942,979,072 bytes, more than 80e9). `reported_bytes` is what one such device reported to a program,
  which is a little less, and 7 to 8 % less on boards with GDDR6 and ECC. It differs by up to 1 % between drivers.
- **Bandwidth** is that between a device and its own memory, in bytes/s, in decimal units as sources print it.
- **Peak rates** are in FLOP/s, in OP/s for int8; a multiply-accumulate counts as two. They are dense: where a data
  sheet prints rates with sparsity, the row has half of them. float64 and float32 are those of the vector units; tf32,
  float16, bfloat16 and int8 are those of tensor or matrix cores where there are any, with sums in float32 (int32 for
  int8). The float32 of a processor is cores x units x lanes x 2 x the highest clock, which not all cores reach at once;
  its note has the factors.
- **Basis** says how the figures were read: in the vendor's document (`vendor`), in others' quotations of it (`quoted`),
  or in a database (`database`: TechPowerUp's, or Epoch AI's table of machine-learning hardware).
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from os import PathLike
from typing import NamedTuple, TypeAlias

from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.base.package import read_text
from archcalc.base.spelling import cut, matched, unknown

PEAKS = ("float64", "float32", "tf32", "float16", "bfloat16", "int8")
"""The dtypes and precisions that have a column of peak rates."""

KINDS: Mapping[str, str] = {
    "gpu": "GPU with memory of its own",
    "shared": "GPU that shares the memory of the processor",
    "tpu": "Google TPU",
    "cpu": "processor",
}
"""The kinds of devices."""

BASES: Mapping[str, str] = {
    "vendor": "read in the vendor's document",
    "quoted": "figures of the vendor's document, read where others quote them",
    "database": "read in a database",
    "own": "read in a file of your own",
}
"""How the figures of a row were read."""

CONTEXT_BYTES = 400_000_000
"""Memory that a process on an NVIDIA GPU uses before its first tensor: the CUDA context, with the kernels in it.

An assumption, not a property of a device: PyTorch's developers name about 400 MB where kernels are loaded when they are
first used (https://github.com/pytorch/pytorch/issues/109888) and measured 287,047,680 bytes so, and 666,632,192 bytes
with all of them loaded (https://github.com/pytorch/pytorch/pull/86509). It differs with GPU, driver and libraries.
"""

_DATA = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data")
_UNSAID = {"nvidia", "geforce", "tesla", "amd", "radeon", "instinct", "apple", "google", "cloud", "gpu", "intel"}
"""Words of a device's name that may be left out."""
_LISTED = 8


class Device(NamedTuple):
    """A device, with what its sources state: see the module. None: no source states it."""

    key: str
    """The name that archcalc uses: a100-40gb."""
    name: str
    aliases: tuple[str, ...]
    vendor: str
    kind: str
    """One of `KINDS`."""
    year: int | None
    """The year in which the device was announced or first sold; None only for a device of one's own."""
    capability: str
    """NVIDIA's compute capability, such as 8.0; empty for other vendors."""
    memory_bytes: int | None
    reported_bytes: int | None
    bandwidth: int | None
    peaks: Mapping[str, int]
    """FLOP/s or OP/s by dtype; a dtype without a figure is not in it."""
    units: int | None
    """SMs of NVIDIA's GPUs, compute units of AMD's, cores of others."""
    boost_mhz: int | None
    """The highest clock that is stated for the units."""
    tdp_watts: int | None
    basis: str
    """One of `BASES`."""
    sources: tuple[str, ...]
    """Addresses: the vendor's document first where it is known, then what was read."""
    note: str

    @property
    def context_bytes(self) -> int:
        """Memory that a process uses before its first tensor: `CONTEXT_BYTES` on NVIDIA's GPUs, 0 on other devices."""
        return CONTEXT_BYTES if self.capability else 0

    @property
    def usable_bytes(self) -> int | None:
        """Memory that a process can fill: what the device reports, or is sold with, less `context_bytes`.

        None if the memory is not known. On devices that share the memory of the processor, the operating system and
        other programs use some of it too.

        >>> device("a100-40gb").usable_bytes == 42_298_834_944 - CONTEXT_BYTES
        True
        """
        total = self.reported_bytes or self.memory_bytes
        return None if total is None else total - self.context_bytes

    def peak(self, dtype: str) -> int:
        """The peak rate for a dtype or precision of `PEAKS`, in FLOP/s (OP/s for int8).

        Raises ArchcalcError if no source states it: there is no substitute from another dtype.

        >>> device("rtx-3090").peak("float16")
        71000000000000
        """
        if dtype in self.peaks:
            return self.peaks[dtype]
        have = ", ".join(self.peaks) or "none at all"
        raise ArchcalcError(
            f"{self.key} has no peak rate for {cut(dtype)}; those that a source states: {have}", "dtype"
        )


DeviceLike: TypeAlias = str | PathLike[str] | Device
"""A device by name, by the path of a file that describes it, or itself."""


@cache
def devices() -> tuple[Device, ...]:
    """Every device of the table, in its order.

    >>> [each.key for each in devices() if each.year == 2010]
    ['gtx-580']
    """
    lines = csv.reader(read_text(_DATA, "devices.csv").splitlines(keepends=True))
    head = next(lines)
    return tuple([_device(dict(zip(head, cells, strict=True))) for cells in lines])


def device(name: DeviceLike) -> Device:
    """The device of that name: a key, a device's name or an alias, as people write it; or one of your own.

    A path is that of a TOML file that describes a device: see `archcalc.hardware.device_files`. Text is never a path,
    so that a name from elsewhere opens no file. A `Device` is returned as it is.

    Case, separators, the order of words and the vendor's name do not matter, and words may be left out as long as one
    device has all of those that are given. Raises UnknownName with the candidates for a name that fits several
    devices, and with the nearest keys for one that fits none.

    >>> device("NVIDIA A100-SXM4-40GB").key
    'a100-40gb'
    >>> device("A100")
    Traceback (most recent call last):
    archcalc.base.errors.UnknownName: a100 is one of several devices: a100-40gb, a100-80gb-pcie, a100-80gb-sxm
    """
    if isinstance(name, Device):
        return name
    if isinstance(name, PathLike):
        from archcalc.hardware.device_files import read_device_file

        return read_device_file(name)
    if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArchcalcError(f"a device is a name, a path or a Device, not {cut(repr(name))}", about="device")
    found = find_devices(name)
    if len(found) == 1:
        return found[0]
    keys = tuple([each.key for each in found])
    more = ", ..." if len(keys) > _LISTED else ""
    listed = ", ".join(keys[:_LISTED])
    raise UnknownName(f"{cut(name.lower())} is one of several devices: {listed}{more}", keys, "device", "device", name)


def find_devices(name: str) -> tuple[Device, ...]:
    """The device that has exactly that name, or else all devices with the words of the name, at least one.

    Raises UnknownName with the nearest keys if there is none.

    >>> [each.key for each in find_devices("v100 32gb")]
    ['v100-sxm2-32gb', 'v100-pcie-32gb']
    """
    words = _words(name)
    forms = _forms()
    exact = [each for each in devices() if "".join(words) in ["".join(form) for form in forms[each.key]]]
    if exact:
        return tuple(exact)
    fits = [each for each in devices() if any([set(words) <= set(form) for form in forms[each.key]])]
    found = tuple(fits) if words else ()
    if not found:
        known = {spelling: each.key for each in devices() for spelling in (each.key, *each.aliases)}
        raise unknown("device", name, known, "`archcalc devices` lists all", about="device")
    return found


@cache
def _forms() -> dict[str, list[Sequence[str]]]:
    """The words of every name of a device, by its key."""
    return {each.key: [_words(name) for name in (each.key, each.name, *each.aliases)] for each in devices()}


def _words(name: str) -> Sequence[str]:
    """The words of a name in lower case, without the vendor's; a size and its unit are one word: 40gb."""
    joined = re.sub(r"\((?:r|tm)\)", " ", re.sub(r"(\d)\s*gi?b\b", r"\1gb", name.lower()))
    words = [matched(word) for word in re.split(r"[^a-z0-9.]+", joined)]
    return tuple([word for word in words if word and word not in _UNSAID])


def _device(cells: dict[str, str]) -> Device:
    return Device(
        key=cells["key"],
        name=cells["name"],
        aliases=tuple(cells["aliases"].split()),
        vendor=cells["vendor"],
        kind=cells["kind"],
        year=int(cells["year"]),
        capability=cells["capability"],
        memory_bytes=_whole(cells["memory_bytes"]),
        reported_bytes=_whole(cells["reported_bytes"]),
        bandwidth=_whole(cells["bandwidth"]),
        peaks={dtype: int(Decimal(cells[dtype])) for dtype in PEAKS if cells[dtype]},
        units=_whole(cells["units"]),
        boost_mhz=_whole(cells["boost_mhz"]),
        tdp_watts=_whole(cells["tdp_watts"]),
        basis=cells["basis"],
        sources=tuple(cells["sources"].split()),
        note=cells["note"],
    )


def _whole(cell: str) -> int | None:
    """A whole number; 192.4e9 is one."""
    return int(Decimal(cell)) if cell else None
