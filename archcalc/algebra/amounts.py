"""Numbers with a unit: as a user types one, exactly; as documents print one, with the exact numbers that round to it.

`25.6M` stands for every number from 25.55M to 25.65M: half a unit of the last printed digit to either side. Zeros at
the end of a whole number may be digits or only hold places: `720` is 719.5 to 720.5, or 715 to 725 if the zero holds a
place; two digits always count. Words such as `~` and `about` change nothing; they are kept for display.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown

Unit = Literal["", "mult-adds", "FLOPs", "bytes", "params", "layers", "%", "x"]

_POWERS = {"": 0, "k": 1, "K": 1, "M": 2, "G": 3, "B": 3, "T": 4}
COUNTS: Mapping[str, int] = {prefix: 1000**power for prefix, power in _POWERS.items() if prefix != "B"}
BYTES: Mapping[str, int] = {
    "": 1,
    "B": 1,
    **{f"{prefix}B": 1000 ** _POWERS[prefix] for prefix in "kMGT"},
    **{f"{prefix}iB": 1024 ** _POWERS[prefix] for prefix in "KMGT"},
}
"""The units of counts and of bytes, and the number that each stands for."""
TIMES: Mapping[str, int | Fraction] = {
    "": 1,
    "s": 1,
    **{f"{prefix}s": Fraction(1, 1000**power) for power, prefix in enumerate("mun", 1)},
}
"""The units of time, in seconds."""
_WORDS = {"thousand": "K", "million": "M", "millions": "M", "billion": "G", "billions": "G", "trillion": "T"}
_COUNTS: dict[str, Unit] = {
    "": "",
    "ops": "",
    "values": "",
    "elements": "",
    "flop": "FLOPs",
    "flops": "FLOPs",
    "mac": "mult-adds",
    "macs": "mult-adds",
    "maccs": "mult-adds",
    "madds": "mult-adds",
    "mult-adds": "mult-adds",
    "multadds": "mult-adds",
    "params": "params",
    "parameters": "params",
    "weights": "params",
    "byte": "bytes",
    "bytes": "bytes",
    "layer": "layers",
    "layers": "layers",
}
_JOINED = re.compile(r"(mult|multiply|multiplication)[\s-]*(add|accumulate)(?:ition)?s?\b", re.IGNORECASE)
"""Multiply-adds in words: `multiply adds`, `Multiply-Accumulate`."""
_NUMBER = re.compile(
    r"""(?P<words>(?:[~\u2248\u223c<>\u2264\u2265]|about|roughly|approx\.?|only|ca\.?|around|=|\s)*)
    (?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.?\d*|\.\d+)
    (?:e\+?(?P<e>\d{1,2})|\s*[x\u00d7*\u00b7]\s*10\^?\{?(?P<power>\d{1,2})\}?)?
    \s*(?P<unit>.*)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_AMOUNT = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3}){1,6}|\d{1,18}(?:\.\d{1,18})?)(?:[eE]\+?(?P<e>\d{1,2}))?"
    r"\s?(?P<unit>[A-Za-z]{0,3})",
    re.ASCII,
)
ACCEPTED = "25.6M, 3.8G, 4.1 GFLOPs, 569 million mult-adds, 138,357,544, 1.8e9, 98 MB, 97.5 MiB or 22 layers"


class Span(NamedTuple):
    """The range of exact numbers that a printed one may stand for, both ends included, and the way of reading it."""

    low: Fraction
    high: Fraction
    reading: str = ""
    """The way of reading it; empty: rounded to its last printed digit."""
    changed: bool = False
    """True if it is read in another way than as rounded to one of its printed digits."""

    def holds(self, number: Fraction | int) -> bool:
        return self.low <= number <= self.high


class Printed(NamedTuple):
    """A printed number: its value, and the value of one unit of its last digit."""

    text: str
    value: Fraction
    last: Fraction
    """One unit of the last printed digit."""
    power: int
    """The power of a thousand in its unit: 1 for K, 2 for M, 3 for G."""
    unit: Unit
    binary: bool = False
    """True if it is printed as KiB, MiB or GiB: a thousand is 1024."""
    words: str = ""
    grouped: bool = False
    """True if a point stands before three digits: it may separate thousands."""
    places: Fraction | None = None
    """One unit of the last digit before the final zeros, if there are final zeros."""

    def spans(self) -> tuple[Span, ...]:
        """The ranges of exact numbers that it may stand for.

        It may be rounded to its last digit; its final zeros may only hold places; it may be rounded down; its point may
        separate thousands.
        """
        value, half = self.value, self.last / 2
        spans = [Span(value - half, value + half)]
        if self.places is not None:
            half = self.places / 2
            spans.append(Span(value - half, value + half, "final zeros hold places"))
        if self.last > 1 or self.value.denominator != 1 or self.power or self.places:
            step = self.places or self.last
            spans.append(Span(value, value + step - Fraction(1, 10**9), "rounded down", changed=True))
        if self.grouped:
            spans.append(Span(value * 1000, value * 1000, "its point separates thousands", changed=True))
        return tuple(spans)

    def scaled(self, factor: Fraction) -> Printed:
        """The same number in units that are `factor` times as large."""
        places = None if self.places is None else self.places * factor
        return self._replace(value=self.value * factor, last=self.last * factor, places=places)

    def bases(self) -> tuple[tuple[Printed, str], ...]:
        """The number with K, M or G as a power of 1000 and, unless it is KiB, MiB or GiB, of 1024; with a remark."""
        if self.binary or self.power == 0:
            return ((self, ""),)
        name = {1: "K", 2: "M", 3: "G", 4: "T"}[self.power]
        return ((self, ""), (self.scaled(Fraction(1024, 1000) ** self.power), f"{name} of 1024^{self.power}"))


def read_amount(text: str, units: Mapping[str, int] | Mapping[str, int | Fraction]) -> Fraction | None:
    """A number with one of some units as a user types it, exactly; None if it is not one.

    Units are read in any case where no other unit differs by the case alone; `B` is a billion where it is not bytes.

    >>> [int(read_amount(text, COUNTS)) for text in ("300M", "300 m", "1e9", "2B", "1,000")]
    [300000000, 300000000, 1000000000, 2000000000, 1000]
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        return None
    known = {unit.lower(): factor for unit, factor in units.items()}
    if "g" in known:
        known = {"b": known["g"], **known}
    factor = units.get(match["unit"], known.get(match["unit"].lower()))
    if factor is None:
        return None
    return Fraction(match["number"].replace(",", "")) * 10 ** int(match["e"] or 0) * factor


def read_printed(text: str) -> Printed:
    """A printed number, read from text. Raises ArchcalcError, with examples, for anything else."""
    match = _NUMBER.fullmatch(text.strip()) if len(text) <= 200 else None
    if match is None:
        raise _unreadable(text)
    digits = match["digits"].replace(",", "")
    if match["unit"].startswith(","):
        raise _unreadable(text, "a comma stands before three digits, a decimal point is a point; ")
    power, unit, binary = _read_unit(match["unit"], text)
    exponent = int(match["e"] or match["power"] or 0)
    scale = Fraction(1024 if binary else 1000) ** power * 10**exponent
    if unit == "%":
        scale /= 100
    whole, _, decimals = digits.partition(".")
    zeros = 0 if decimals or "." in digits else min(len(whole) - 2, len(whole) - len(whole.rstrip("0")))
    return Printed(
        text=text.strip(),
        value=Fraction(digits) * scale,
        last=scale / 10 ** len(decimals),
        power=power,
        unit=unit,
        binary=binary,
        words=" ".join(match["words"].split()),
        grouped=re.fullmatch(r"\d{1,3}\.\d{3}", digits) is not None and not power and not unit and not exponent,
        places=scale * 10**zeros if zeros > 0 else None,
    )


def _read_unit(given: str, text: str) -> tuple[int, Unit, bool]:
    """The power of a thousand, the unit, and whether a thousand is 1024."""
    unit = given.strip().rstrip(".!")
    if unit in ("%", "x"):
        return 0, "%" if unit == "%" else "x", False
    for word, letter in _WORDS.items():
        if unit.lower().startswith(word):
            unit = letter + unit[len(word) :]
            break
    size = re.fullmatch(r"([kKMGT]?)(i?)B(?:ytes?)?", unit)
    if size and (size[1] or size[2]) and not (size[2] and not size[1]):
        return _POWERS[size[1]], "bytes", bool(size[2])
    unit = re.sub(r"\b(?:learnable|trainable)\s+", "", _JOINED.sub("mult-adds", unit))
    match = re.fullmatch(r"([kKMGBT]?)\s*([A-Za-z-]*)", unit)
    if match is None or match[2].lower() not in _COUNTS:
        raise _unreadable(text)
    return _POWERS[match[1]], _COUNTS[match[2].lower()], False


def _unreadable(text: str, why: str = "") -> ArchcalcError:
    return ArchcalcError(f"{shown(text)} cannot be read as a printed number: {why}expected a number such as {ACCEPTED}")
