"""Second accounts: networks as others wrote them down, in a file of facts for each, apart from the catalogue's own.

A line of a file is one operation: its name, its kind, the operations that it reads, and its facts. Sizes, parameters
and mult-adds are worked out here by arithmetic of its own, so that nothing is shared with archcalc's operations.

    data   input            -
    conv1  conv             data   out=96 kernel=11 stride=4
    relu1  relu             conv1
    pool1  max_pool         relu1  kernel=3 stride=2 round=up
    fc     linear           pool1  out=1000

A convolution and a linear layer have a bias unless `bias=no`; a batch norm learns a scale and a shift, a shift with
`scale=no`, nothing with `affine=no`. `kernel=3,1` is 3 high and 1 wide. `padding=1,0` is that of height and width,
`padding=0,1,0,1` that of top, bottom, left and right, less than nothing for what is cut off, `padding=same`
TensorFlow's; `pad` does it alone, by `sides=`. `round=up` is Caffe's rounding of pools, `counts_padding=no` an average
without the zeros around. `weights=conv1` are those of the operation of that name once more.

The first line is a remark with the source; the last operations are the outputs. What comes again and again may be a
block with a name, and a line may be repeated: see `blocks`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from importlib.resources import files
from math import prod
from typing import NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.validation.accounts.blocks import written_out
from archcalc.validation.accounts.windows import Sides, Size, SlidingWindow, added, sides_of
from archcalc.validation.models import Counts
from archcalc.validation.traces import ExecutedOp, Trace, joined

SAME_SIZE = ("relu", "sigmoid", "tanh", "complement", "batch_norm", "lrn", "add", "mul")
"""Operations whose result has the size of what they read."""


class Account(NamedTuple):
    """The lines of a file, with the source that they are from."""

    source: str
    input: Size
    """The input that the source states."""
    lines: tuple[tuple[str, ...], ...]


def account(name: str, left_out: AbstractSet[str] = frozenset()) -> Account:
    """The account in the file of a name, without some facts: `scale`, or that of lines with a name `norm.scale`."""
    file = files(__name__).joinpath(f"{name}.txt")
    first, *rest = file.read_text(encoding="utf-8").splitlines()
    lines = written_out(rest)
    size = tuple([int(side) for side in _facts(lines[0])["size"].split(",")])
    kept = [(*line[:3], *[fact for fact in line[3:] if left_out.isdisjoint(_called(fact, line[0]))]) for line in lines]
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
    ends = [index for index in range(len(reader.steps)) if index not in reader.used]
    return Counts(reader.params, reader.mult_adds), joined(reader.steps, ends, Counter())


def _called(fact: str, line: str) -> set[str]:
    """The names of a fact: alone, and with each part of the name of its line."""
    name = fact.partition("=")[0]
    return {name, *[f"{part}.{name}" for part in line.split(".")]}


def _facts(line: tuple[str, ...]) -> dict[str, str]:
    return {word.partition("=")[0]: word.partition("=")[2] for word in line[3:]}


class _AccountReader:
    """Turns lines into operations, and adds up parameters and mult-adds."""

    def __init__(self, size: Size) -> None:
        self.steps: list[ExecutedOp] = []
        self.used: set[int] = set()
        self.params = self.mult_adds = 0
        self._input = size
        self._sizes: list[Size] = []
        self._at: dict[str, int] = {}
        self._learnt: dict[str, int] = {}

    def add(self, line: tuple[str, ...]) -> None:
        """Add one line. A name may come again, as for what Caffe does in place: it then means the last one."""
        name, kind, read = line[:3]
        sources = () if read == "-" else tuple([self._at[source] for source in read.split(",")])
        self.used.update(sources)
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
        if kind == "pad":
            return self._padded(name, sources[0], sides_of(facts["sides"]))
        return self._joined(name, kind, sources, sizes, facts)

    def _joined(
        self, name: str, kind: str, sources: tuple[int, ...], sizes: list[Size], facts: Mapping[str, str]
    ) -> int:
        """What is joined, or has the size of what it reads. Joining one changes nothing."""
        first = sizes[0]
        if kind == "concat":
            if len(sources) == 1:
                return sources[0]
            first = (sum(size[0] for size in sizes), *first[1:])
        elif kind not in SAME_SIZE:
            raise ValueError(f"there is no such kind: {kind}")
        return self._step(name, kind, sources, first, *self._own(name, kind, first, facts))

    def _own(self, name: str, kind: str, first: Size, facts: Mapping[str, str]) -> tuple[tuple[str, object], ...]:
        """The facts of a normalisation."""
        if kind == "lrn":
            return (("size", int(facts["size"])),)
        if kind != "batch_norm":
            return ()
        affine = facts.get("affine", "yes") == "yes"
        self._learn(name, (affine + (affine and facts.get("scale", "yes") == "yes")) * first[0], facts)
        return (("affine", affine),)

    def _step(self, name: str, kind: str, sources: tuple[int, ...], size: Size, *facts: tuple[str, object]) -> int:
        self.steps.append(ExecutedOp(kind, facts, sources, size[0], prod(size[1:]), name))
        self._sizes.append(size)
        return len(self.steps) - 1

    def _padded(self, name: str, source: int, sides: Sides) -> int:
        """Zeros around, or positions cut off; with those of a value that is padded already."""
        size = [each + a + b for each, (a, b) in zip(self._sizes[source][1:], sides, strict=True)]
        source, before = self._before_padding(source)
        whole = added(before, sides)
        if not any(map(any, whole)):
            return source
        return self._step(name, "pad", (source,), (self._sizes[source][0], *size), ("sides", ((0, 0), *whole)))

    def _before_padding(self, source: int) -> tuple[int, Sides]:
        """What is padded, and by how much."""
        step = self.steps[source]
        return (step.inputs[0], step.facts[0][1][1:]) if step.kind == "pad" else (source, ((0, 0), (0, 0)))

    def _learn(self, name: str, count: int, facts: Mapping[str, str]) -> None:
        """Add the parameters of an operation, unless they are those of an earlier one."""
        self._learnt[name] = count
        if "weights" not in facts:
            self.params += count
        elif self._learnt[facts["weights"]] != count:
            raise ValueError(f"not so many as {facts['weights']} has")

    def _conv(self, name: str, sources: tuple[int, ...], first: Size, facts: Mapping[str, str]) -> int:
        window = SlidingWindow(facts, first[1:])
        source, before = self._before_padding(sources[0])
        sides = added(before, window.sides)
        groups = int(facts.get("groups", 1))
        size = (int(facts["out"]), *window.sizes())
        named: tuple[tuple[str, object], ...] = (("kernel", (1,)),)
        if prod(window.kernel) > 1 or prod(window.stride) > 1 or any(map(any, sides)):
            named = (*window.facts, ("padding", sides), ("dilation", window.dilation))
        weights = first[0] // groups * prod(window.kernel)
        return self._weighted(name, (source,), weights, size, groups, facts, named)

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
        self._learn(name, size[0] * (weights + bias), facts)
        self.mult_adds += prod(size) * weights
        return self._step(name, "conv", sources, size, *named, ("groups", groups), ("bias", bias))

    def _pool(self, name: str, kind: str, sources: tuple[int, ...], first: Size, facts: Mapping[str, str]) -> int:
        if kind == "global_avg_pool":
            return self._step(name, kind, sources, (first[0], 1, 1))
        window = SlidingWindow(facts, first[1:])
        size = (first[0], *window.sizes())
        padded = any(map(any, window.sides))
        if kind == "avg_pool" and window.kernel == first[1:] and not padded:
            return self._step(name, "global_avg_pool", sources, size)
        if prod(window.kernel) == 1 and not padded:
            return self._step(name, "subsample", sources, size, ("stride", window.stride))
        counts, source, sides = facts.get("counts_padding", "yes") == "yes", sources[0], window.sides
        if counts or not padded:
            source, before = self._before_padding(source)
            sides = added(before, sides)
        own = (("counts padding", counts or not padded),) if any(map(any, sides)) else ()
        own = (("dilation", (1, 1)),) if kind == "max_pool" else own
        up = ("rounds up", window.up and prod(window.stride) > 1)
        return self._step(name, kind, (source,), size, *window.facts, ("padding", sides), *own, up)
