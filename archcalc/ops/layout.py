"""Ops that move values without arithmetic: crop, zero-pad, flatten, slice, channel shuffle, subsampling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape, any_below, ceil_div, is_int, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    KEEPS_NOTHING,
    NO_PARAMETERS,
    NO_WORK,
    POINTWISE,
    VIEW,
    Axis,
    Memory,
    Nothing,
    Op,
    OpFormulas,
    Parameters,
    Reach,
    Rule,
    Window,
    Work,
)
from archcalc.graph.rules import SAME_CHANNELS, SAME_SIZE, by_side
from archcalc.ops.sliding import MAPS, axes_of, split

__all__ = ["ChannelShuffle", "ChannelsFirst", "ChannelsLast", "Crop", "Flatten", "Slice", "Subsample", "ZeroPad"]

MOVED = OpFormulas(
    SAME_CHANNELS,
    SAME_SIZE,
    params=(Nothing("moving values has nothing to learn"),),
    mult_adds=(Nothing("it only moves values"),),
)


@final
class Crop(Op):
    """Rows and columns cut off: (C, H, W) to (C, H - top - bottom, W - left - right); a view.

    On (C, L) there are `left` and `right` only, on (C, D, H, W) also `front` and `back`.
    Errors: sides below 0, or that leave no rows or columns.
    Source: Ronneberger et al. 2015, arXiv:1505.04597, the skip connections.
    """

    top: Dim = 0
    bottom: Dim = 0
    left: Dim = 0
    right: Dim = 0
    front: Dim | None = None
    back: Dim | None = None
    role = "layout"
    formulas = MOVED._replace(
        size=(Rule("N - c_before - c_after", says="what is cut off on both sides is gone"),),
        meanings={
            "c_top": "rows cut off above",
            "c_bottom": "rows cut off below",
            "c_left": "columns cut off on the left",
            "c_right": "columns cut off on the right",
            "c_near": "planes cut off in front",
            "c_far": "planes cut off behind",
        },
    )

    def shape(self, x: Shape) -> Shape:
        cut = margins(self, x)
        if any(any_below(side, 0) for both in cut for side in both):
            raise RuleError("a crop takes away, it cannot add")
        sizes = [size - before - after for size, (before, after) in zip(x[1:], cut, strict=True)]
        if any(any_below(size, 1) for size in sizes):
            raise RuleError("nothing would be left")
        return (x[0], *sizes)

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        return NO_WORK

    def window(self, x: Shape) -> Window:
        return Window([Axis(padding=-before) for before, _ in margins(self, x)])

    def memory(self, x: Shape) -> Memory:
        return VIEW

    def letters(self, x: Shape) -> dict[str, Any]:
        return by_side("c", margins(self, x))

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        kept: Any = zip(margins(self, x), x[1:], strict=True)
        inner = (..., *[slice(before, size - after) for (before, after), size in kept])

        def crop(x: Any) -> Any:
            return x[inner]

        return crop


@final
class ZeroPad(Op):
    """Zeros put around (C, H, W): rows, columns, and whole channels before and after.

    On (C, L) there are `left` and `right` only, on (C, D, H, W) also `front` and `back`.
    No arithmetic. Errors: sides below 0. Source: PyTorch's `pad`.

    >>> ZeroPad(bottom=1, right=1, channels_after=16).shape((16, 32, 32))
    (32, 33, 33)
    """

    top: Dim = 0
    bottom: Dim = 0
    left: Dim = 0
    right: Dim = 0
    channels_before: Dim = 0
    channels_after: Dim = 0
    front: Dim | None = None
    back: Dim | None = None
    role = "layout"
    formulas = MOVED._replace(
        channels=(Rule("C_in + a_front + a_back", says="channels of zeros are put before and after"),),
        size=(Rule("N + a_before + a_after", says="zeros are put on both sides"),),
        meanings={
            "a_top": "rows added above",
            "a_bottom": "rows added below",
            "a_left": "columns added on the left",
            "a_right": "columns added on the right",
            "a_near": "planes added in front",
            "a_far": "planes added behind",
            "a_front": "channels added before",
            "a_back": "channels added after",
        },
    )

    def shape(self, x: Shape) -> Shape:
        added = ((self.channels_before, self.channels_after), *margins(self, x))
        if any(any_below(side, 0) for both in added for side in both):
            raise RuleError("padding cannot be negative; use Crop")
        return tuple([size + before + after for size, (before, after) in zip(x, added, strict=True)])

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        return NO_WORK

    def window(self, x: Shape) -> Window:
        return Window([Axis(padding=before) for before, _ in margins(self, x)])

    def memory(self, x: Shape) -> Memory:
        return KEEPS_NOTHING

    def letters(self, x: Shape) -> dict[str, Any]:
        return by_side("a", margins(self, x)) | {"a_front": self.channels_before, "a_back": self.channels_after}

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        added = ((self.channels_before, self.channels_after), *margins(self, x))
        sides = tuple([side for both in reversed(added) for side in both])

        def pad(x: Any) -> Any:
            return torch.nn.functional.pad(x, sides)

        return pad


def margins(op: Crop | ZeroPad, x: Shape) -> tuple[tuple[Dim, Dim], ...]:
    """Positions cut off or added on each axis of a map, before and after. Raises RuleError for an unknown axis."""
    given = ((op.front, op.back), (op.top, op.bottom), (op.left, op.right))
    missing = 3 - axes_of(x)
    if any([not (side is None or (is_int(side) and side == 0)) for both in given[:missing] for side in both]):
        raise RuleError(f"{MAPS[len(x)]} has no {'front and back' if missing == 1 else 'sides but left and right'}")
    return tuple(
        [(0 if before is None else before, 0 if after is None else after) for before, after in given[missing:]]
    )


@final
class Subsample(Op):
    """Every `stride`-th position from the first: (C, H, W) to (C, ceil(H/stride), ceil(W/stride)); a view.

    The parameter-free shortcut of He et al. 2015, arXiv:1512.03385, section 3.3 (option A).
    Errors: a stride below 1.
    """

    stride: int
    role = "layout"
    formulas = MOVED._replace(
        size=(
            Rule(
                "ceil(N / s)",
                "He et al. 2015, arXiv:1512.03385, section 3.3",
                says="every s-th position, from the first",
            ),
        ),
    )

    def shape(self, x: Shape) -> Shape:
        if self.stride < 1:
            raise RuleError(f"stride is at least 1, not {self.stride}")
        return (x[0], *[ceil_div(size, self.stride) for size in x[1 : 1 + axes_of(x)]])

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        return NO_WORK

    def window(self, x: Shape) -> Window:
        return Window([Axis(1, self.stride)] * axes_of(x))

    def memory(self, x: Shape) -> Memory:
        return VIEW

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        every = (..., *[slice(None, None, self.stride)] * axes_of(x))

        def subsample(x: Any) -> Any:
            return x[every]

        return subsample


@final
class Flatten(Op):
    """All values in one vector: (C, H, W) to (C*H*W,); a view. The receptive field of later units is no window.

    Source: PyTorch's `Flatten`.

    >>> Flatten().shape((512, 7, 7))
    (25088,)
    """

    role = "layout"
    formulas = MOVED._replace(
        channels=(
            Rule(
                "C_in * H * W",
                "document 003, VGG parameters and memory (7 * 7 * 512 inputs of FC)",
                "map",
                "all values in one vector",
            ),
            Rule("C_in", says="a vector stays one"),
        ),
        size=(),
    )

    def shape(self, x: Shape) -> Shape:
        return (product(x),)

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        return NO_WORK

    def window(self, x: Shape) -> Reach:
        return Reach.WHOLE

    def memory(self, x: Shape) -> Memory:
        return VIEW

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.Flatten()


@final
class Slice(Op):
    """Channels `start` up to `stop`, `stop` not included: (C, H, W) to (stop - start, H, W); a view.

    Errors: channels that the input does not have, or no channels.

    >>> Slice(0, 32).shape((64, 28, 28))
    (32, 28, 28)
    """

    start: Dim
    stop: Dim
    role = "layout"
    formulas = MOVED._replace(
        channels=(Rule("c_stop - c_start", says="the channels that are picked"),),
        meanings={"c_start": "first channel", "c_stop": "channel after the last"},
    )

    def shape(self, x: Shape) -> Shape:
        if any_below(self.start, 0) or any_below(x[0], 0) or any_below(x[0] - self.stop, 0):
            raise RuleError(f"channels {self.start} to {self.stop} are not among the {x[0]} of the input")
        if any_below(self.stop - self.start, 1):
            raise RuleError(f"no channels from {self.start} to {self.stop}")
        return (self.stop - self.start, *x[1:])

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        return NO_WORK

    def window(self, x: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape) -> Memory:
        return VIEW

    def letters(self, x: Shape) -> dict[str, Any]:
        return {"c_start": self.start, "c_stop": self.stop}

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        def pick(x: Any) -> Any:
            return x[:, self.start : self.stop]

        return pick


@final
class ChannelShuffle(Op):
    """Channels of `groups` groups interleaved: (groups, C/groups, H, W) transposed; a copy.

    Errors: channels that do not split into the groups.
    Source: Zhang et al. 2017, arXiv:1707.01083, section 3.1.
    """

    groups: int
    role = "layout"
    formulas = MOVED

    def shape(self, x: Shape) -> Shape:
        axes_of(x)
        split(x[0], self.groups)
        return x

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        return NO_WORK

    def window(self, x: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape) -> Memory:
        return KEEPS_NOTHING

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.ChannelShuffle(self.groups)


@final
class ChannelsLast(Op):
    """Channels moved from the first axis to the last: (C, H, W) to (H, W, C); a view."""

    role = "layout"
    formulas = MOVED
    channel_axis = "last"

    def shape(self, x: Shape) -> Shape:
        axes_of(x)
        return (*x[1:], x[0])

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        return NO_WORK

    def window(self, x: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape) -> Memory:
        return VIEW

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        def channels_last(x: Any) -> Any:
            return x.movedim(1, -1)

        return channels_last


@final
class ChannelsFirst(Op):
    """Channels moved from the last axis to the first: (H, W, C) to (C, H, W); a view."""

    role = "layout"
    formulas = MOVED
    channel_axis = "first"

    def shape(self, x: Shape) -> Shape:
        axes_of(x)
        return (x[-1], *x[:-1])

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        return NO_WORK

    def window(self, x: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape) -> Memory:
        return VIEW

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        def channels_first(x: Any) -> Any:
            return x.movedim(-1, 1)

        return channels_first
