"""Second accounts: networks as others wrote them down, in a file of facts for each, apart from the catalogue's own.

A line of a file is one operation: its name, its kind, the operations that it reads, and its facts. Sizes, parameters
and mult-adds are worked out here by arithmetic of its own, so that nothing is shared with archcalc's operations.

    data   input            -
    conv1  conv             data   out=96 kernel=11 stride=4
    relu1  relu             conv1
    pool1  max_pool         relu1  kernel=3 stride=2 round=up
    fc     linear           pool1  out=1000

A convolution and a linear layer have a bias unless `bias=no`; `kernel=3,1` is 3 high and 1 wide; `round=up` is Caffe's
rounding of pools. The first line is a remark with the source; the last operations are the outputs. What comes again
and again may be a block with a name, and a line may be repeated: see `blocks`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
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


def account(name: str) -> Account:
    """The account in the file of a name."""
    file = files(__name__).joinpath(f"{name}.txt")
    first, *rest = file.read_text(encoding="utf-8").splitlines()
    lines = written_out(rest)
    size = tuple([int(side) for side in _facts(lines[0])["size"].split(",")])
    return Account(first.removeprefix("# "), size, tuple(lines))


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
        if kind == "batch_norm":
            self.params += 2 * first[0]
        own = (("affine", True),) if kind == "batch_norm" else (("size", int(facts["size"])),) if kind == "lrn" else ()
        return self._step(name, kind, sources, first, *own)

    def _step(self, name: str, kind: str, sources: tuple[int, ...], size: Size, *facts: tuple[str, object]) -> int:
        self.steps.append(ExecutedOp(kind, facts, sources, size[0], prod(size[1:]), name))
        self._sizes.append(size)
        return len(self.steps) - 1

    def _conv(self, name: str, sources: tuple[int, ...], first: Size, facts: Mapping[str, str]) -> int:
        window = _Window(facts)
        groups = int(facts.get("groups", 1))
        size = (int(facts["out"]), *window.sizes(first[1:]))
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
        window = _Window(facts)
        size = (first[0], *window.sizes(first[1:]))
        padded = any(map(any, window.sides))
        if kind == "avg_pool" and window.kernel == first[1:] and not padded:
            return self._step(name, "global_avg_pool", sources, size)
        if prod(window.kernel) == 1 and not padded:
            return self._step(name, "subsample", sources, size, ("stride", window.stride))
        more = (("dilation", (1, 1)),) if kind == "max_pool" else (("counts padding", True),) if padded else ()
        up = ("rounds up", window.up and prod(window.stride) > 1)
        return self._step(name, kind, sources, size, *window.facts, *more, up)


class _Window:
    """The window of a layer on height and width."""

    def __init__(self, facts: Mapping[str, str]) -> None:
        self.kernel, self.stride = _both(facts["kernel"]), _both(facts.get("stride", "1"))
        self.dilation = _both(facts.get("dilation", "1"))
        self.sides = tuple([(side, side) for side in _both(facts.get("padding", "0"))])
        self.up = facts.get("round", "down") == "up"
        self.facts = (("kernel", self.kernel), ("stride", self.stride), ("padding", self.sides))

    def sizes(self, before: Size) -> Size:
        """Positions on each axis: windows that fit, or with `round=up` that begin before the end."""
        found: list[int] = []
        for size, kernel, stride, dilation, (left, right) in zip(
            before, self.kernel, self.stride, self.dilation, self.sides, strict=True
        ):
            starts = size + left + right - (dilation * (kernel - 1) + 1)
            if starts < 0:
                raise ValueError(f"a window of {kernel} on {size} positions")
            count = starts // stride + 1
            if self.up and starts % stride and count * stride < size + left:
                count += 1
            found.append(count)
        return tuple(found)


def _both(text: str) -> Size:
    first, _, second = text.partition(",")
    return int(first), int(second or first)
