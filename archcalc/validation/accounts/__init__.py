"""Second accounts: networks as others wrote them down, in a file of facts for each, apart from the catalogue's own.

A line of a file is one operation: its name, its kind, the operations that it reads, and its facts. Sizes, parameters
and mult-adds are worked out here by arithmetic of its own, so that nothing is shared with archcalc's operations.

    data   input            -
    conv1  conv             data   out=96 kernel=11 stride=4
    relu1  relu             conv1
    pool1  max_pool         relu1  kernel=3 stride=2 round=up
    fc     linear           pool1  out=1000

A convolution and a linear layer have a bias unless `bias=no`; a batch norm learns a scale and a shift, with `scale=no` a
shift, with `affine=no` nothing. `kernel=3,1` is 3 high and 1 wide. `padding=1,0` is that of height and width,
`padding=0,1,0,1` that of top, bottom, left and right, less than nothing for what is cut off, `padding=same`
TensorFlow's. `round=up` is Caffe's rounding of pools, `counts_padding=no` an average without the zeros around.

The first line is a remark with the source; the last operations are the outputs. What comes again and again may be a
block with a name, and a line may be repeated: see `blocks`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from importlib.resources import files
from math import prod
from typing import NamedTuple, TypeAlias

from archcalc.base.errors import ArchcalcError
from archcalc.validation.accounts.blocks import written_out
from archcalc.validation.models import Counts
from archcalc.validation.traces import ExecutedOp, Trace, joined

Size: TypeAlias = tuple[int, ...]
SAME_SIZE = ("relu", "sigmoid", "tanh", "complement", "batch_norm", "lrn", "add", "mul")
"""Operations whose result has the size of what they read."""


class Account(NamedTuple):
    """The lines of a file, with the source that they are from."""

    source: str
    input: Size
    """The input that the source states."""
    lines: tuple[tuple[str, ...], ...]


def account(name: str, left_out: Collection[str] = ()) -> Account:
    """The account in the file of a name, without facts of some names."""
    file = files(__name__).joinpath(f"{name}.txt")
    first, *rest = file.read_text(encoding="utf-8").splitlines()
    lines = written_out(rest)
    size = tuple([int(side) for side in _facts(lines[0])["size"].split(",")])
    kept = [(*line[:3], *[fact for fact in line[3:] if fact.partition("=")[0] not in left_out]) for line in lines]
    return Account(first.removeprefix("# "), size, tuple(kept))


def read(given: Account, size: Size) -> tuple[Counts, Trace]:
    """The counts and operations of an account for an input: (channels, height, width).

    Raises ArchcalcError for a line that is no operation, and where a window does not fit.
    """
    reader = _AccountReader(size)
    for line in given.lines:
        try:
            reader.add(line)
        except (KeyError, ValueError) as error:
            raise ArchcalcError(f"line {line[0]} of an account: {error}: {' '.join(line)}") from error
    steps = reader.steps
    used = {source for step in steps for source in step.inputs}
    ends = [index for index in range(len(steps)) if index not in used]
    return Counts(reader.params, reader.mult_adds), joined(steps, ends, Counter())


def _facts(line: tuple[str, ...]) -> dict[str, str]:
    return {word.partition("=")[0]: word.partition("=")[2] for word in line[3:]}


class _AccountReader:
    """Turns lines into operations, and adds up parameters and mult-adds."""

    def __init__(self, size: Size) -> None:
        self.steps: list[ExecutedOp] = []
        self.params = self.mult_adds = 0
        self._input = size
        self._sizes: list[Size] = []
        self._at: dict[str, int] = {}

    def add(self, line: tuple[str, ...]) -> None:
        """Add one line. A name may come again, as for what Caffe does in place: it then means the last one."""
        name, kind, read = line[:3]
        sources = () if read == "-" else tuple([self._at[source] for source in read.split(",")])
        self._at[name] = self._made(name, kind, sources, _facts(line))

    def _made(self, name: str, kind: str, sources: tuple[int, ...], facts: Mapping[str, str]) -> int:
        if kind == "input":
            return self._step(name, kind, sources, self._input)
        sizes = [self._sizes[source] for source in sources]
        first = sizes[0]
        if kind == "conv":
            return self._conv(name, sources, first, facts)
        if kind == "linear":
            return self._weighted(name, sources, prod(first), (int(facts["out"]),), 1, facts)
        if kind.endswith("_pool"):
            return self._pool(name, kind, sources, first, facts)
        if kind == "concat":
            first = (sum(size[0] for size in sizes), *first[1:])
        elif kind not in SAME_SIZE:
            raise ValueError(f"there is no such kind: {kind}")
        own = (
            self._norm(first, facts)
            if kind == "batch_norm"
            else (("size", int(facts["size"])),)
            if kind == "lrn"
            else ()
        )
        return self._step(name, kind, sources, first, *own)

    def _norm(self, first: Size, facts: Mapping[str, str]) -> tuple[tuple[str, object], ...]:
        affine = facts.get("affine", "yes") == "yes"
        self.params += (affine + (affine and facts.get("scale", "yes") == "yes")) * first[0]
        return (("affine", affine),)

    def _step(self, name: str, kind: str, sources: tuple[int, ...], size: Size, *facts: tuple[str, object]) -> int:
        self.steps.append(ExecutedOp(kind, facts, sources, size[0], prod(size[1:]), name))
        self._sizes.append(size)
        return len(self.steps) - 1

    def _conv(self, name: str, sources: tuple[int, ...], first: Size, facts: Mapping[str, str]) -> int:
        window = _Window(facts, first[1:])
        groups = int(facts.get("groups", 1))
        size = (int(facts["out"]), *window.sizes())
        named: tuple[tuple[str, object], ...] = (("kernel", (1,)),)
        if prod(window.kernel) > 1 or prod(window.stride) > 1 or any(map(any, window.sides)):
            named = (*window.facts, ("dilation", window.dilation))
        weights = first[0] // groups * prod(window.kernel)
        return self._weighted(name, sources, weights, size, groups, facts, named)

    def _weighted(
        self,
        name: str,
        sources: tuple[int, ...],
        weights: int,
        size: Size,
        groups: int,
        facts: Mapping[str, str],
        named: tuple[tuple[str, object], ...] = (("kernel", (1,)),),
    ) -> int:
        """A layer with so many weights for each of its outputs."""
        bias = facts.get("bias", "yes") == "yes"
        self.params += size[0] * (weights + bias)
        self.mult_adds += prod(size) * weights
        return self._step(name, "conv", sources, size, *named, ("groups", groups), ("bias", bias))

    def _pool(self, name: str, kind: str, sources: tuple[int, ...], first: Size, facts: Mapping[str, str]) -> int:
        if kind == "global_avg_pool":
            return self._step(name, kind, sources, (first[0], 1, 1))
        window = _Window(facts, first[1:])
        size = (first[0], *window.sizes())
        padded = any(map(any, window.sides))
        if kind == "avg_pool" and window.kernel == first[1:] and not padded:
            return self._step(name, "global_avg_pool", sources, size)
        if prod(window.kernel) == 1 and not padded:
            return self._step(name, "subsample", sources, size, ("stride", window.stride))
        counts = facts.get("counts_padding", "yes") == "yes"
        more = (("dilation", (1, 1)),) if kind == "max_pool" else (("counts padding", counts),) if padded else ()
        up = ("rounds up", window.up and prod(window.stride) > 1)
        return self._step(name, kind, sources, size, *window.facts, *more, up)


class _Window:
    """The window of a layer on height and width."""

    def __init__(self, facts: Mapping[str, str], before: Size) -> None:
        self.kernel, self.stride = _both(facts["kernel"]), _both(facts.get("stride", "1"))
        self.dilation = _both(facts.get("dilation", "1"))
        self.up = facts.get("round", "down") == "up"
        self._before = before
        self._extents = tuple([d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True)])
        self.sides = self._sides(facts.get("padding", "0"))
        self.facts = (("kernel", self.kernel), ("stride", self.stride), ("padding", self.sides))

    def _sides(self, padding: str) -> tuple[tuple[int, int], ...]:
        """The padding before and after each axis. TensorFlow's is of as many as a window for every stride takes."""
        if padding != "same":
            each = [int(side) for side in padding.split(",")]
            high, wide = (each[:2], each[2:]) if len(each) == 4 else ([each[0]] * 2, [each[-1]] * 2)
            return (high[0], high[1]), (wide[0], wide[1])
        sides: list[tuple[int, int]] = []
        for size, extent, stride in zip(self._before, self._extents, self.stride, strict=True):
            whole = max(0, (size - 1) // stride * stride + extent - size)
            sides.append((whole // 2, whole - whole // 2))
        return tuple(sides)

    def sizes(self) -> Size:
        """Positions on each axis: windows that fit, or with `round=up` that begin before the end."""
        found: list[int] = []
        for size, extent, stride, (left, right) in zip(
            self._before, self._extents, self.stride, self.sides, strict=True
        ):
            starts = size + left + right - extent
            if starts < 0:
                raise ValueError(f"a window of {extent} on {size} positions")
            count = starts // stride + 1
            if self.up and starts % stride and count * stride < size + left:
                count += 1
            found.append(count)
        return tuple(found)


def _both(text: str) -> Size:
    first, _, second = text.partition(",")
    return int(first), int(second or first)
