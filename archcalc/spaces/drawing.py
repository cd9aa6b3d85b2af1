"""The points of a space one after another: all in order, or drawn at random in an order that a seed fixes.

A drawing is a rule from positions 0, 1, 2 ... to points. Any stretch of positions is computed alone, on any machine and
in any process, with the same result.

A sample of a space of at most 2^62 combinations is a permutation of its indices: a Feistel network on as many bits as
the largest index has, applied again where its result is no index (cycle walking; Black & Rogaway 2002, "Ciphers with
Arbitrary Finite Domains", CT-RSA). Every point comes once before any comes again. Each of its 16 rounds changes half of
the bits by the finalizer of SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators",
OOPSLA) of the other half and a key. The keys are the first 8 bytes, read as big-endian numbers, of SHA-256 of the text
"archcalc sample 1|SEED|COMBINATIONS|ROUND". Only wrapping arithmetic of 64 bits is used, so that the order depends
neither on the platform nor on the version of numpy.

A larger space has no indices: a place on each axis is drawn by itself, the remainder of a number of 64 bits by the
axis's length. A point may come again, as in any sample with replacement; of 2^62 points that is rare.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, final

from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.base.spelling import cut
from archcalc.spaces.space import Columns, DesignSpace

ROUNDS = 16
BLOCK = 2**14
"""Numbers that are permuted together, so that they stay in the processor's cache."""
LARGEST_SEED = 2**63
_GOLDEN = 0x9E3779B97F4A7C15


@final
@dataclass(frozen=True, eq=False)
class Drawing:
    """The points of a space at positions 0, 1, 2 ...: in order without a seed, otherwise at random."""

    space: DesignSpace
    seed: int | None = None
    """None: all points in the order of their indices."""

    def __post_init__(self) -> None:
        """Raise ArchcalcError for a seed that is none, and for a walk over more than 2^62 combinations."""
        seed: Any = self.seed
        if seed is None and not self.space.has_indices:
            space = self.space
            said = f"{space.name} has {space.combinations:.3g} combinations, too many to walk over: draw a sample"
            raise ArchcalcError(said, "sample")
        if seed is not None and (type(seed) is not int or not 0 <= seed < LARGEST_SEED):
            raise ArchcalcError(f"a seed is a whole number from 0 to 2^63 - 1, not {cut(repr(seed))}", "seed")

    @property
    def length(self) -> int | None:
        """The number of positions; None if there is no end, as points are drawn with replacement."""
        return self.space.combinations if self.space.has_indices else None

    @property
    def with_replacement(self) -> bool:
        """True if a point may be drawn again: the space has more than 2^62 combinations."""
        return not self.space.has_indices

    def indices(self, start: int, stop: int) -> Any:
        """The indices of the points at positions from `start` to before `stop`, an int64 array.

        Positions at and after `length` have no points and are left out. Raises ArchcalcError if points of the space
        have no indices: `columns` has their values.
        """
        numpy = need("numpy", "a design space")
        if not self.space.has_indices:
            raise ArchcalcError(f"points of {self.space.name}, of more than 2^62 combinations, have no indices")
        start, stop = _stretch(start, stop)
        positions = numpy.arange(start, max(start, min(stop, self.space.combinations)), dtype=numpy.int64)
        if self.seed is None:
            return positions
        return _permuted(positions, self.space.combinations, self._keys)

    def columns(self, start: int, stop: int) -> Columns:
        """The values of every axis of the points at positions from `start` to before `stop`, as `space.columns`."""
        if self.space.has_indices:
            return self.space.columns(self.indices(start, stop))
        numpy = need("numpy", "a design space")
        start, stop = _stretch(start, stop)
        positions = numpy.arange(start, max(start, stop), dtype=numpy.uint64)
        places: Columns = {}
        for axis in self.space.axes:
            key = numpy.uint64(_key(f"archcalc sample 1|{self.seed}|axis|{axis.name}"))
            drawn = _mixed(positions * numpy.uint64(_GOLDEN) + key) % numpy.uint64(len(axis))
            places[axis.name] = drawn.astype(numpy.int64)
        return self.space.columns_at(places)

    @cached_property
    def _keys(self) -> tuple[int, ...]:
        of = f"archcalc sample 1|{self.seed}|{self.space.combinations}"
        return tuple([_key(f"{of}|{each}") for each in range(ROUNDS)])


def everything(space: DesignSpace) -> Drawing:
    """All points of a space, in the order of their indices. Raises ArchcalcError for more than 2^62 combinations.

    >>> space = DesignSpace.of("resnet18", over={"classes": "10..1000:10"})
    >>> everything(space).indices(98, 105).tolist()
    [98, 99]
    """
    return Drawing(space)


def sample(space: DesignSpace, seed: int) -> Drawing:
    """The points of a space in an order that looks random and is fixed by a seed, a whole number from 0.

    >>> space = DesignSpace.of("resnet18", over={"classes": "10..1000:10"})
    >>> sample(space, 1).indices(0, 5).tolist()
    [78, 22, 18, 56, 93]
    >>> sorted(sample(space, 1).indices(0, 100).tolist()) == list(range(100))
    True
    """
    return Drawing(space, seed)


def _key(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")


def _stretch(start: int, stop: int) -> tuple[int, int]:
    """The ends of a stretch. Raises ArchcalcError unless they are positions."""
    if not 0 <= start <= 2**62 or not start <= stop <= 2**62:
        raise ArchcalcError(f"positions from {start} to {stop} are no stretch of numbers from 0 to 2^62")
    return int(start), int(stop)


def _mixed(numbers: Any) -> Any:
    """The finalizer of SplitMix64 of an array of uint64."""
    import numpy

    numbers = (numbers ^ (numbers >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> numpy.uint64(31))


def _permuted(positions: Any, count: int, keys: tuple[int, ...]) -> Any:
    """The places of positions in a permutation of the numbers below `count`."""
    import numpy

    found = numpy.empty(len(positions), dtype=numpy.int64)
    for start in range(0, len(positions), BLOCK):
        numbers = _once(positions[start : start + BLOCK].astype(numpy.uint64), count, keys)
        (outside,) = numpy.nonzero(numbers >= numpy.uint64(count))
        while len(outside):
            numbers[outside] = _once(numbers[outside], count, keys)
            outside = outside[numbers[outside] >= numpy.uint64(count)]
        found[start : start + BLOCK] = numbers
    return found


def _once(numbers: Any, count: int, keys: tuple[int, ...]) -> Any:
    """The Feistel network on the bits of the largest index, once: a permutation of the numbers of so many bits."""
    import numpy

    bits = (count - 1).bit_length()
    low = bits // 2
    high = numpy.uint64(bits - low)
    kept, masks = numpy.uint64(low), (numpy.uint64(2**low - 1), numpy.uint64(2 ** (bits - low) - 1))
    right, left = numbers & masks[0], numbers >> kept
    for place, key in enumerate(keys):
        if place % 2:
            left = left ^ (_mixed(right + numpy.uint64(key)) & masks[1])
        else:
            right = right ^ (_mixed(left + numpy.uint64(key)) & masks[0])
    assert high <= 62  # noqa: S101  so that no shift is by the width of the type
    return (left << kept) | right
