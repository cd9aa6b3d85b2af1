"""Ops that only move values, on tensors of any axes: views, copies, and values picked by an index.

Programs that are traced from a framework are full of them. Axes are counted without the batch, from the first.
Source: the operators of the same names in PyTorch and in ONNX.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable
from typing import Any, Literal, final

from archcalc.algebra.dims import Dim, Shape, any_below, ceil_div, known_equal, known_to_differ, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    CAST_TO_WIDEST,
    FIRST,
    FLOAT32,
    KEEPS_INPUTS,
    KEEPS_NOTHING,
    NO_PARAMETERS,
    NO_WORK,
    PASSES_GRADIENT,
    POINTWISE,
    VIEW,
    WIDEST,
    Autocast,
    AutocastDevice,
    Axis,
    Memory,
    Nothing,
    Op,
    OpFormulas,
    Parameters,
    Reach,
    Window,
    Work,
    show_shape,
)
from archcalc.graph.rules import RESULT_CHANNELS, RESULT_SIZE
from archcalc.ops.combine import of_one_batch

__all__ = [
    "Copy",
    "Expand",
    "Flip",
    "Index",
    "Narrow",
    "Pad",
    "Permute",
    "Repeat",
    "Reshape",
    "Roll",
    "Select",
    "Stack",
]


class Movement(Op, ABC):
    """An op without arithmetic and without parameters; its units have no common window unless it says so.

    Axes are read as those of a map: the first one is the channels', and positions are along the others.
    """

    role = "layout"
    channel_axis = "unknown"
    formulas = OpFormulas(
        RESULT_CHANNELS,
        RESULT_SIZE,
        params=(Nothing("moving values has nothing to learn"),),
        mult_adds=(Nothing("it only moves values"),),
    )

    @final
    def params(self, *inputs: Shape) -> Parameters:
        return NO_PARAMETERS

    @final
    def work(self, *inputs: Shape) -> Work:
        return NO_WORK


def alike(one: Shape, other: Shape) -> bool:
    """Return True if two shapes are known to be equal."""
    return len(one) == len(other) and all([known_equal(a, b) for a, b in zip(one, other, strict=True)])


def same_positions(one: Shape, other: Shape) -> bool:
    """Return True if two maps are known to have the same positions, whatever their channels."""
    return len(one) == len(other) and alike(one[1:], other[1:])


def axis_of(axis: int, x: Shape) -> int:
    """An axis of a tensor. Raises RuleError if there is no such axis."""
    if not 0 <= axis < len(x):
        raise RuleError(f"there is no axis {axis} in {show_shape(x)}")
    return axis


@final
class Reshape(Movement):
    """The same values, in their order, with other axes: a view, or a `copy` where no view can have them.

    Errors: another number of values.

    >>> Reshape((768, 196)).shape((768, 14, 14))
    (768, 196)
    """

    sizes: tuple[Dim, ...]
    copy: bool = False

    def shape(self, x: Shape) -> Shape:
        if any([any_below(size, 1) for size in self.sizes]) or known_to_differ(product(x), product(self.sizes)):
            raise RuleError(f"its values do not fill {show_shape(self.sizes)}")
        return self.sizes

    def window(self, x: Shape) -> Window | Reach:
        if alike(self.sizes, x):
            return POINTWISE
        return Reach.WHOLE if len(self.sizes) == 1 else Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        return PASSES_GRADIENT if self.copy else VIEW

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        def reshape(x: Any) -> Any:
            x = x.reshape(len(x), *self.sizes)
            return x.clone() if self.copy else x

        return reshape


@final
class Permute(Movement):
    """Axes in another order; a view. Errors: an order that does not name every axis once.

    >>> Permute((1, 2, 0)).shape((96, 56, 56))
    (56, 56, 96)
    """

    order: tuple[int, ...]

    def shape(self, x: Shape) -> Shape:
        if sorted(self.order) != list(range(len(x))):
            raise RuleError(f"{self.order} is no order of its {len(x)} axes")
        return tuple([x[axis] for axis in self.order])

    def window(self, x: Shape) -> Window | Reach:
        if list(self.order) == sorted(self.order):
            return POINTWISE
        return Reach.WHOLE if len(x) == 2 else Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        return VIEW

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        def permute(x: Any) -> Any:
            return x.permute(0, *[axis + 1 for axis in self.order])

        return permute


@final
class Expand(Movement):
    """Axes of size 1 repeated without a copy; axes may be added in front. A view.

    Errors: an axis of another size than 1 that would change.

    >>> Expand((4, 1, 197, 64)).shape((1, 197, 64))
    (4, 1, 197, 64)
    """

    sizes: tuple[Dim, ...]

    def shape(self, x: Shape) -> Shape:
        kept = self.sizes[len(self.sizes) - len(x) :]
        if len(x) > len(self.sizes) or any(
            [not known_equal(size, 1) and known_to_differ(size, wide) for size, wide in zip(x, kept, strict=True)]
        ):
            raise RuleError(f"{show_shape(x)} cannot be repeated to {show_shape(self.sizes)}")
        return self.sizes

    def window(self, x: Shape) -> Window | Reach:
        return POINTWISE if same_positions(self.sizes, x) else Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        return VIEW

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        added = len(self.sizes) - len(x)

        def expand(x: Any) -> Any:
            x = x.reshape(len(x), *[1] * added, *x.shape[1:])
            return x.expand(len(x), *self.sizes)

        return expand


@final
class Select(Movement):
    """One position of an axis, which is gone then; a view. Errors: an axis or a position that is not there.

    >>> Select(0, 2).shape((3, 12, 197, 64))
    (12, 197, 64)
    """

    axis: int
    position: Dim

    def shape(self, x: Shape) -> Shape:
        axis = axis_of(self.axis, x)
        if any_below(self.position, 0) or any_below(x[axis] - 1, self.position):
            raise RuleError(f"there is no position {self.position} on axis {axis} of {show_shape(x)}")
        return x[:axis] + x[axis + 1 :]

    def window(self, x: Shape) -> Reach:
        return Reach.WHOLE if len(x) == 2 and self.axis == 0 else Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        return VIEW

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        def select(x: Any) -> Any:
            return x.select(self.axis + 1, self.position)

        return select


@final
class Narrow(Movement):
    """Positions `start` up to `stop`, `stop` not included, of an axis, every `step`-th; a view.

    Errors: an axis or positions that are not there, or no positions.

    >>> Narrow(0, 1, 197).shape((197, 768))
    (196, 768)
    """

    axis: int
    start: Dim
    stop: Dim
    step: int = 1

    def shape(self, x: Shape) -> Shape:
        axis = axis_of(self.axis, x)
        if any_below(self.start, 0) or any_below(x[axis], self.stop) or self.step < 1:
            raise RuleError(f"positions {self.start} to {self.stop} are not on axis {axis} of {show_shape(x)}")
        size = ceil_div(self.stop - self.start, self.step)
        if any_below(size, 1):
            raise RuleError(f"there are no positions from {self.start} to {self.stop}")
        return (*x[:axis], size, *x[axis + 1 :])

    def window(self, x: Shape) -> Window | Reach:
        if self.axis == 0:
            return POINTWISE
        own = Axis(stride=self.step, padding=-self.start)
        return Window([own if axis == self.axis else Axis() for axis in range(1, len(x))])

    def memory(self, x: Shape) -> Memory:
        return VIEW

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        every = (*[slice(None)] * (self.axis + 1), slice(self.start, self.stop, self.step))

        def narrow(x: Any) -> Any:
            return x[every]

        return narrow


@final
class Stack(Movement):
    """Tensors of one shape, side by side on a new axis; a copy. Errors: shapes that differ.

    >>> Stack(0).shape((196, 64), (196, 64))
    (2, 196, 64)
    """

    axis: int
    autocast_cpu = CAST_TO_WIDEST

    def shape(self, *inputs: Shape) -> Shape:
        first = inputs[0]
        for other in inputs[1:]:
            if len(other) != len(first) or any([known_to_differ(a, b) for a, b in zip(first, other, strict=True)]):
                raise RuleError(f"shapes {show_shape(first)} and {show_shape(other)} do not match")
        if not 0 <= self.axis <= len(first):
            raise RuleError(f"there is no place {self.axis} for a new axis in {show_shape(first)}")
        return (*first[: self.axis], len(inputs), *first[self.axis :])

    def window(self, *inputs: Shape) -> Reach:
        return Reach.WHOLE if len(inputs[0]) == 1 else Reach.IRREGULAR

    def memory(self, *inputs: Shape) -> Memory:
        return PASSES_GRADIENT

    def lower(self, torch: Any, *inputs: Shape) -> Callable[..., Any]:
        def stack(*values: Any) -> Any:
            return torch.stack(of_one_batch(values), self.axis + 1)

        return stack


@final
class Pad(Movement):
    """Values put around a tensor, on each axis some `before` and some `after`; a copy.

    `mode` says which: a constant, or the tensor's own values mirrored ("reflect"), repeated ("replicate") or continued
    from the other side ("circular"). Negative numbers cut off. Errors: one of the lists too long, or nothing left.
    """

    before: tuple[Dim, ...]
    after: tuple[Dim, ...]
    mode: Literal["constant", "reflect", "replicate", "circular"] = "constant"

    def shape(self, x: Shape) -> Shape:
        if not len(self.before) == len(self.after) == len(x):
            raise RuleError(f"it needs two numbers for each of its {len(x)} axes")
        sizes = [size + a + b for size, a, b in zip(x, self.before, self.after, strict=True)]
        if any([any_below(size, 1) for size in sizes]):
            raise RuleError("nothing would be left")
        return tuple(sizes)

    def window(self, x: Shape) -> Window | Reach:
        if self.mode != "constant" and not same_positions(self.shape(x), x):
            return Reach.IRREGULAR
        return Window([Axis(padding=before) for before in self.before[1:]])

    def memory(self, x: Shape) -> Memory:
        return KEEPS_INPUTS if self.mode in ("reflect", "replicate") else KEEPS_NOTHING

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        """PyTorch's CPU mirrors on up to two axes, and repeats on up to three, in float32."""
        most = {"reflect": 2, "replicate": 3}.get(self.mode, 0)
        return FLOAT32 if device == "cpu" and 0 < len(self._pairs()) <= most else WIDEST

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        sides = [side for pair in reversed(self._pairs()) for side in pair]

        def pad(x: Any) -> Any:
            return torch.nn.functional.pad(x, sides, mode=self.mode) if sides else x.clone()

        return pad

    def _pairs(self) -> list[tuple[Dim, Dim]]:
        """The values before and after, from the first axis that has any."""
        pairs = list(zip(self.before, self.after, strict=True))
        while pairs and pairs[0] == (0, 0):
            del pairs[0]
        return pairs


@final
class Repeat(Movement):
    """A tensor put side by side with itself, so many `times` on each axis; a copy. Axes may be added in front.

    >>> Repeat((2, 1, 3)).shape((4, 5))
    (2, 4, 15)
    """

    times: tuple[Dim, ...]

    def shape(self, x: Shape) -> Shape:
        added = len(self.times) - len(x)
        if added < 0:
            raise RuleError(f"it needs a number for each of its {len(x)} axes")
        if any([any_below(times, 1) for times in self.times]):
            raise RuleError(f"it repeats an axis at least once, not {self.times} times")
        return tuple([size * times for size, times in zip((*[1] * added, *x), self.times, strict=True)])

    def window(self, x: Shape) -> Window | Reach:
        if same_positions(self.shape(x), x):
            return POINTWISE
        return Reach.WHOLE if len(x) == 1 else Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        return KEEPS_NOTHING

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        added = len(self.times) - len(x)

        def repeat(x: Any) -> Any:
            return x.reshape(len(x), *[1] * added, *x.shape[1:]).repeat(1, *self.times)

        return repeat


@final
class Roll(Movement):
    """Values moved along axes by `shifts`, those that leave come back on the other side; a copy."""

    shifts: tuple[Dim, ...]
    axes: tuple[int, ...]

    def shape(self, x: Shape) -> Shape:
        if len(self.shifts) != len([axis_of(axis, x) for axis in self.axes]):
            raise RuleError("it needs a shift for each axis")
        return x

    def window(self, x: Shape) -> Reach:
        return Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        return KEEPS_NOTHING

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        def roll(x: Any) -> Any:
            return x.roll(self.shifts, [axis + 1 for axis in self.axes])

        return roll


@final
class Flip(Movement):
    """The order on some axes turned round; a copy."""

    axes: tuple[int, ...]

    def shape(self, x: Shape) -> Shape:
        for axis in self.axes:
            axis_of(axis, x)
        return x

    def window(self, x: Shape) -> Reach:
        return Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        return KEEPS_NOTHING

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        def flip(x: Any) -> Any:
            return x.flip([axis + 1 for axis in self.axes])

        return flip


@final
class Copy(Movement):
    """The same values in a storage of their own: `contiguous`, `clone`, or a conversion to another type."""

    channel_axis = "kept"

    def shape(self, x: Shape) -> Shape:
        return x

    def window(self, x: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape) -> Memory:
        return PASSES_GRADIENT

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        def copy(x: Any) -> Any:
            return x.clone(memory_format=torch.contiguous_format)

        return copy


@final
class Index(Movement):
    """Values picked by an index: a gather, an advanced index, a lookup by position; a copy of the given `sizes`.

    Autograd keeps an index of 8 bytes for each of the `indices` that are picked: once, or for each image if the index
    is a second input (PyTorch's `gather`, which keeps its input too).
    """

    sizes: tuple[Dim, ...]
    indices: Dim = 0
    autocast = FIRST

    def shape(self, *inputs: Shape) -> Shape:
        if any([any_below(size, 1) for size in self.sizes]):
            raise RuleError(f"{show_shape(self.sizes)} is no shape")
        return self.sizes

    def window(self, *inputs: Shape) -> Reach:
        return Reach.IRREGULAR

    def memory(self, *inputs: Shape) -> Memory:
        kept = 8 * self.indices
        if len(inputs) == 1:
            return Memory(once_bytes=kept)
        return Memory(saves_inputs=True, saved_for=((0,), ()), extra_bytes=kept)

    def lower(self, torch: Any, *inputs: Shape) -> Callable[..., Any]:
        count = product(self.sizes)
        size = product(inputs[0])

        def pick(x: Any, index: Any = None) -> Any:
            flat = x.reshape(len(x), -1)
            if index is not None:
                index = (
                    index.detach()
                    .reshape(len(index), -1)[:, torch.arange(count, device=x.device) % index[0].numel()]
                    .long()
                )
                return flat.gather(1, index % flat.shape[1]).reshape(len(x), *self.sizes)
            if not self.indices:
                turns = -(-count // flat.shape[1])  # pyright: ignore[reportOperatorIssue]
                return torch.cat([flat] * turns, 1)[:, :count].clone().reshape(len(x), *self.sizes)
            return flat[:, torch.arange(count, device=x.device) % size].reshape(len(x), *self.sizes)

        return pick
