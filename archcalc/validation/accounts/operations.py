"""What each kind of line of an account is: its operation, the size of its result, its parameters and mult-adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TypeAlias

from archcalc.validation.accounts.windows import Sides, Size, SlidingWindow, added, both, sides_of
from archcalc.validation.traces import ExecutedOp

Facts: TypeAlias = Mapping[str, str]
Sources: TypeAlias = tuple[int, ...]
SAME_SIZE = ("relu", "sigmoid", "tanh", "complement", "add", "mul")
"""Operations that have no facts and learn nothing, and whose result has the size of what they read."""


def facts_of(line: Sequence[str]) -> dict[str, str]:
    """The facts of a line by their names."""
    return {word.partition("=")[0]: word.partition("=")[2] for word in line[3:]}


class AccountReader:
    """Turns lines into operations, and adds up parameters and mult-adds.

    The method `on_KIND` makes the operations of a line of that kind of the name of the line, the operations that it
    reads, the sizes of these, and the facts of the line. It returns the number of the operation that is its result.
    """

    def __init__(self, size: Size) -> None:
        self.steps: list[ExecutedOp] = []
        self.used: set[int] = set()
        self.params = self.mult_adds = 0
        self._input = size
        self._sizes: list[Size] = []
        self._at: dict[str, int] = {}
        self._learnt: dict[str, int] = {}

    def add(self, line: tuple[str, ...]) -> None:
        """Add one line. A name may come again, as for what Caffe does in place: it then means the last one.

        Raises KeyError for a name or a fact that is not there, ValueError for what cannot be.
        """
        name, kind, read = line[:3]
        sources = () if read == "-" else tuple([self._at[source] for source in read.split(",")])
        self.used.update(sources)
        sizes = [self._sizes[source] for source in sources]
        made = getattr(self, f"on_{kind}", None)
        if made is not None:
            self._at[name] = made(name, sources, sizes, facts_of(line))
        elif kind in SAME_SIZE:
            self._at[name] = self._step(name, kind, sources, sizes[0])
        else:
            raise ValueError(f"there is no such kind: {kind}")

    def on_input(self, name: str, sources: Sources, _: list[Size], __: Facts) -> int:
        return self._step(name, "input", sources, self._input)

    # Layers with weights.

    def on_conv(self, name: str, sources: Sources, sizes: list[Size], facts: Facts) -> int:
        first = sizes[0]
        window = SlidingWindow(facts, first[1:])
        source, before = self._before_padding(sources[0])
        sides = added(before, window.sides)
        groups = int(facts.get("groups", 1))
        size = (int(facts["out"]), *window.sizes())
        named: tuple[tuple[str, object], ...] = (("kernel", (1,)),)
        if prod(window.kernel) > 1 or prod(window.stride) > 1 or any(map(any, sides)):
            named = (*window.facts, ("padding", sides), ("dilation", window.dilation))
        weights = first[0] // groups * prod(window.kernel)
        return self._weighted(name, source, weights, size, groups, facts, named)

    def on_linear(self, name: str, sources: Sources, sizes: list[Size], facts: Facts) -> int:
        return self._weighted(name, sources[0], prod(sizes[0]), (int(facts["out"]),), 1, facts)

    def _weighted(
        self,
        name: str,
        source: int,
        weights: int,
        size: Size,
        groups: int,
        facts: Facts,
        named: tuple[tuple[str, object], ...] = (("kernel", (1,)),),
    ) -> int:
        """A layer with so many weights for each of its outputs."""
        bias = facts.get("bias", "yes") == "yes"
        self._learn(name, size[0] * (weights + bias), facts)
        self.mult_adds += prod(size) * weights
        return self._step(name, "conv", (source,), size, *named, ("groups", groups), ("bias", bias))

    def on_transposed_conv(self, name: str, sources: Sources, sizes: list[Size], facts: Facts) -> int:
        """Each value that is read spreads over a whole window of the result."""
        first = sizes[0]
        window, extra = SlidingWindow(facts, first[1:]), both(facts.get("output_padding", "0"))
        groups, out, bias = int(facts.get("groups", 1)), int(facts["out"]), facts.get("bias", "yes") == "yes"
        weights = first[0] * out // groups * prod(window.kernel)
        self._learn(name, weights + bias * out, facts)
        self.mult_adds += weights * prod(first[1:])
        named = (*window.facts, ("padding", window.sides), ("dilation", window.dilation), ("output padding", extra))
        size = (out, *window.spread(extra))
        return self._step(name, "conv", sources, size, *named, ("groups", groups), ("bias", bias))

    def on_batch_norm(self, name: str, sources: Sources, sizes: list[Size], facts: Facts) -> int:
        affine = facts.get("affine", "yes") == "yes"
        self._learn(name, (affine + (affine and facts.get("scale", "yes") == "yes")) * sizes[0][0], facts)
        return self._step(name, "batch_norm", sources, sizes[0], ("affine", affine))

    def on_mul_weight(self, name: str, sources: Sources, sizes: list[Size], facts: Facts) -> int:
        self._learn(name, sizes[0][0], facts)
        return self._step(name, "mul_weight", sources, sizes[0])

    def on_add_weight(self, name: str, sources: Sources, sizes: list[Size], facts: Facts) -> int:
        self._learn(name, sizes[0][0], facts)
        return self._step(name, "add_weight", sources, sizes[0])

    def on_distances(self, name: str, sources: Sources, sizes: list[Size], facts: Facts) -> int:
        """The squared distances to points that are not learnt: squares for each, and their sum."""
        squares = self._step(name, "pow", sources, (prod(sizes[0]), int(facts["out"])))
        return self._step(name, "sum", (squares,), (int(facts["out"]),))

    def _learn(self, name: str, count: int, facts: Facts) -> None:
        """Add the parameters of an operation, unless they are those of an earlier one."""
        self._learnt[name] = count
        if "weights" not in facts:
            self.params += count
        elif self._learnt[facts["weights"]] != count:
            raise ValueError(f"not so many as {facts['weights']} has")

    # Pools.

    def on_global_avg_pool(self, name: str, sources: Sources, sizes: list[Size], _: Facts) -> int:
        return self._step(name, "global_avg_pool", sources, (sizes[0][0], 1, 1))

    def on_max_pool(self, name: str, sources: Sources, sizes: list[Size], facts: Facts) -> int:
        return self._pool(name, "max_pool", sources, sizes[0], facts)

    def on_sum_pool(self, name: str, sources: Sources, sizes: list[Size], facts: Facts) -> int:
        return self._pool(name, "sum_pool", sources, sizes[0], facts)

    def on_avg_pool(self, name: str, sources: Sources, sizes: list[Size], facts: Facts) -> int:
        return self._pool(name, "avg_pool", sources, sizes[0], facts)

    def _pool(self, name: str, kind: str, sources: Sources, first: Size, facts: Facts) -> int:
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

    # Joints, and what is done to each value.

    def on_concat(self, name: str, sources: Sources, sizes: list[Size], _: Facts) -> int:
        """Channels side by side. Joining one changes nothing."""
        if len(sources) == 1:
            return sources[0]
        return self._step(name, "concat", sources, (sum(size[0] for size in sizes), *sizes[0][1:]))

    def on_mean(self, name: str, sources: Sources, sizes: list[Size], _: Facts) -> int:
        """The mean of several, value by value."""
        total = self._step(name, "add", sources, sizes[0])
        return self._step(name, "scale", (total,), sizes[0], ("factor", round(1 / len(sources), 6)))

    def on_lrn(self, name: str, sources: Sources, sizes: list[Size], facts: Facts) -> int:
        return self._step(name, "lrn", sources, sizes[0], ("size", int(facts["size"])))

    # Padding, crops and parts.

    def on_pad(self, name: str, sources: Sources, _: list[Size], facts: Facts) -> int:
        return self._padded(name, sources[0], sides_of(facts["sides"]))

    def on_crop(self, name: str, sources: Sources, sizes: list[Size], _: Facts) -> int:
        """The first cut to the size of the second, around its middle; of an odd rest one more goes after it."""
        first, second = sizes
        more = [large - small for large, small in zip(first[1:], second[1:], strict=True)]
        if min(more) < 0:
            raise ValueError(f"no crop makes {second} of {first}")
        return self._padded(name, sources[0], tuple([(-(each // 2), each // 2 - each) for each in more]))

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

    def on_channels(self, name: str, sources: Sources, sizes: list[Size], facts: Facts) -> int:
        """Some of the channels, by their numbers from 0."""
        taken = tuple(sorted(map(int, facts["taken"].split(","))))
        if not 0 <= taken[0] <= taken[-1] < sizes[0][0]:
            raise ValueError(f"there are {sizes[0][0]} channels")
        return self._step(name, "channels", sources, (len(taken), *sizes[0][1:]), ("taken", taken))

    # Sampling.

    def on_affine_grid(self, name: str, sources: Sources, sizes: list[Size], _: Facts) -> int:
        """Points by the six numbers of the first, one for each position of the second."""
        if prod(sizes[0]) != 6:
            raise ValueError("an affine map has six numbers")
        return self._step(name, "affine_grid_generator", sources[:1], (2, *sizes[1][1:]))

    def on_sample(self, name: str, sources: Sources, sizes: list[Size], _: Facts) -> int:
        """The first, read at the points of the second."""
        return self._step(name, "sample", sources, (sizes[0][0], *sizes[1][1:]), ("interpolation", "bilinear"))

    def _step(self, name: str, kind: str, sources: Sources, size: Size, *facts: tuple[str, object]) -> int:
        self.used.update(sources)
        self.steps.append(ExecutedOp(kind, facts, sources, size[0], prod(size[1:]), name))
        self._sizes.append(size)
        return len(self.steps) - 1
