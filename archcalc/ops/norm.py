"""Normalisation layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    FLOAT32,
    FLOAT32_OUTPUT,
    KEEPS_INPUTS,
    NO_PARAMETERS,
    POINTWISE,
    WIDEST,
    Autocast,
    AutocastDevice,
    Memory,
    Nothing,
    Op,
    OpFormulas,
    Parameters,
    Reach,
    Rule,
    Rules,
    Window,
    Work,
    show_shape,
)
from archcalc.graph.rules import SAME_CHANNELS, SAME_SIZE, WHOLE_COUNTS
from archcalc.ops.sliding import axes_of, layer, split

__all__ = ["BatchNorm", "ChannelScale", "GroupNorm", "LayerNorm", "LocalResponseNorm", "RMSNorm"]

BA = "Ba et al. 2016, arXiv:1607.06450"
IOFFE = "Ioffe & Szegedy 2015, arXiv:1502.03167"
SCALED: Rules = (Nothing(f"each value is scaled and shifted, and {WHOLE_COUNTS}"),)


@final
class BatchNorm(Op):
    """Each channel of (C, H, W), or value of a vector (C,), scaled and shifted by its running mean and variance.

    Parameters: 2C (none unless `affine`); buffers: 2C running statistics. Work at inference: one multiplication and one
    addition for each value. Source: Ioffe & Szegedy 2015, arXiv:1502.03167.

    >>> BatchNorm().params((64, 56, 56))
    Parameters(weight=64, bias=64, running=128)
    """

    affine: bool = True
    role = "norm"
    formulas = OpFormulas(
        SAME_CHANNELS,
        SAME_SIZE,
        params=(
            Rule("2 * C_in", IOFFE, "affine", "a scale and a shift for each channel"),
            Nothing("without scale and shift nothing is learnt"),
        ),
        mult_adds=SCALED,
        buffers=(Rule("2 * C_in", IOFFE, says="a running mean and a variance for each channel"),),
    )

    def shape(self, x: Shape) -> Shape:
        if len(x) != 1:
            axes_of(x)
        return x

    def params(self, x: Shape) -> Parameters:
        learnt = x[0] if self.affine else 0
        return Parameters(weight=learnt, bias=learnt, running=2 * x[0])

    def work(self, x: Shape) -> Work:
        elements = product(x)
        return Work(multiply=elements, add=elements)

    def window(self, x: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape) -> Memory:
        return Memory(saves_inputs=True, statistics=2 * x[0])

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return layer(torch, "BatchNorm", max(1, len(x) - 1))(x[0], affine=self.affine)


@final
class LayerNorm(Op):
    """Each vector along the channel axis brought to mean 0 and variance 1, then scaled and shifted.

    The channel axis is the last, or the first with `channels_first`: (C, H, W); `axes` of them are normalised together,
    counted from the last. Parameters: 2C (C without `bias`, none unless `affine`). Work for each value: 4 additions, 3
    multiplications (mean, variance, scale, shift), and for each vector 2 divisions and a square root.
    Source: Ba et al. 2016, arXiv:1607.06450.

    >>> LayerNorm().params((56, 56, 96)).learnable, LayerNorm(channels_first=True).params((96, 56, 56)).learnable
    (192, 192)
    """

    channels_first: bool = False
    axes: int = 1
    affine: bool = True
    bias: bool = True
    role = "norm"
    autocast = FLOAT32
    autocast_cpu = WIDEST
    formulas = OpFormulas(
        SAME_CHANNELS,
        SAME_SIZE,
        params=(
            Rule("2 * n", BA, "affine, bias", "a scale and a shift for each value of a vector"),
            Rule("n", BA, "affine", "a scale for each value of a vector"),
            Nothing("without scale and shift nothing is learnt"),
        ),
        mult_adds=SCALED,
        meanings={"n": "values of a vector"},
    )

    @property
    def on_last_axis(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """True if the channels are on the last axis."""
        return not self.channels_first

    def shape(self, x: Shape) -> Shape:
        if self.channels_first:
            axes_of(x)
        if not 1 <= self.axes <= (1 if self.channels_first else len(x)):
            raise RuleError(f"there are no {self.axes} axes to normalise in {show_shape(x)}")
        return x

    def params(self, x: Shape) -> Parameters:
        values = self._values(x)
        return Parameters(values if self.affine else 0, values if self.affine and self.bias else 0)

    def work(self, x: Shape) -> Work:
        elements, vectors = product(x), self._vectors(x)
        multiply, add = 2 + self.affine, 3 + (self.affine and self.bias)
        return Work(multiply=multiply * elements, add=add * elements, divide=2 * vectors, power=vectors)

    def window(self, x: Shape) -> Window | Reach:
        return _window(1 if self.channels_first else self.axes, x)

    def memory(self, x: Shape) -> Memory:
        return Memory(saves_inputs=True, float32_elements=2 * self._vectors(x))

    def autocast_memory(self, device: AutocastDevice, *shapes: Shape) -> Memory:
        known = self.memory(*shapes)
        if device == "cuda" or self.affine:
            return known
        return known._replace(extra_elements=known.float32_elements, float32_elements=0)  # of its input's type

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        given: Any = {"elementwise_affine": self.affine, "bias": self.bias}
        if not self.channels_first:
            return torch.nn.LayerNorm(x[len(x) - self.axes :], **given)

        class ChannelsFirst(torch.nn.LayerNorm):
            def forward(self, x: Any) -> Any:
                return torch.nn.LayerNorm.forward(self, x.movedim(1, -1)).movedim(-1, 1).contiguous()

        return ChannelsFirst(x[0], **given)

    def letters(self, x: Shape) -> dict[str, Any]:
        return {"n": product((x[0], *x[len(x) + 1 - self.axes :]))}

    def _values(self, x: Shape) -> Any:
        return x[0] if self.channels_first else product(x[len(x) - self.axes :])

    def _vectors(self, x: Shape) -> Any:
        return product(x[1:] if self.channels_first else x[: len(x) - self.axes])


@final
class GroupNorm(Op):
    """The channels of (C, H, W) in `groups` groups, each brought to mean 0 and variance 1, then scaled and shifted.

    With as many groups as channels it is an instance norm. Parameters: 2C (C without `bias`, none unless `affine`).
    Work as of a layer norm of `groups` vectors. Errors: channels that do not split into the groups.
    Source: Wu & He 2018, arXiv:1803.08494.

    >>> GroupNorm(32).params((256, 56, 56)).learnable
    512
    """

    groups: Dim
    affine: bool = True
    bias: bool = True
    role = "norm"
    autocast = FLOAT32
    autocast_cpu = WIDEST
    formulas = OpFormulas(
        SAME_CHANNELS,
        SAME_SIZE,
        params=(
            Rule("2 * C_in", "Wu & He 2018, arXiv:1803.08494", "affine, bias", "a scale and a shift for each channel"),
            Rule("C_in", "Wu & He 2018, arXiv:1803.08494", "affine", "a scale for each channel"),
            Nothing("without scale and shift nothing is learnt"),
        ),
        mult_adds=SCALED,
    )

    def shape(self, x: Shape) -> Shape:
        split(x[0], self.groups)
        return x

    def params(self, x: Shape) -> Parameters:
        return Parameters(x[0] if self.affine else 0, x[0] if self.affine and self.bias else 0)

    def work(self, x: Shape) -> Work:
        elements, multiply, add = product(x), 2 + self.affine, 3 + (self.affine and self.bias)
        return Work(multiply=multiply * elements, add=add * elements, divide=2 * self.groups, power=self.groups)

    def window(self, x: Shape) -> Window | Reach:
        return POINTWISE if len(x) == 1 else Reach.WHOLE

    def memory(self, x: Shape) -> Memory:
        return Memory(saves_inputs=True, extra_elements=2 * self.groups)

    def autocast_memory(self, device: AutocastDevice, *shapes: Shape) -> Memory:
        known = self.memory(*shapes)
        if device == "cuda" or not self.affine:
            return known
        return known._replace(extra_elements=0, float32_elements=known.extra_elements)  # of its weights' type

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        norm = torch.nn.GroupNorm(self.groups, x[0], affine=self.affine)
        if not self.bias:
            norm.register_parameter("bias", None)
        return norm


@final
class RMSNorm(Op):
    """Each vector along the last `axes` axes divided by the root of the mean of its squares, then scaled.

    Parameters: one for each value of a vector (none unless `affine`). Work for each value: 3 multiplications (2 without
    scale) and one addition, and for each vector a division and a square root. Memory: what PyTorch's fused CUDA kernel
    keeps; on the CPU the normalised values are kept too if they are scaled. Errors: axes that are not there.
    Source: Zhang & Sennrich 2019, arXiv:1910.07467.

    >>> RMSNorm().params((197, 768)).learnable
    768
    """

    axes: int = 1
    affine: bool = True
    role = "norm"
    autocast = FLOAT32
    autocast_cpu = WIDEST
    on_last_axis = True
    formulas = OpFormulas(
        SAME_CHANNELS,
        SAME_SIZE,
        params=(
            Rule("n", "Zhang & Sennrich 2019, arXiv:1910.07467", "affine", "a scale for each value of a vector"),
            Nothing("without scale nothing is learnt"),
        ),
        mult_adds=SCALED,
        meanings={"n": "values of a vector"},
    )

    def shape(self, x: Shape) -> Shape:
        if not 1 <= self.axes <= len(x):
            raise RuleError(f"there are no {self.axes} axes to normalise in {show_shape(x)}")
        return x

    def params(self, x: Shape) -> Parameters:
        return Parameters(weight=self._values(x) if self.affine else 0)

    def work(self, x: Shape) -> Work:
        elements, vectors = product(x), self._vectors(x)
        return Work(multiply=(2 + self.affine) * elements, add=elements, divide=vectors, power=vectors)

    def window(self, x: Shape) -> Window | Reach:
        return _window(self.axes, x)

    def memory(self, x: Shape) -> Memory:
        return Memory(saves_inputs=True, float32_elements=self._vectors(x))

    def letters(self, x: Shape) -> dict[str, Any]:
        return {"n": product((x[0], *x[len(x) + 1 - self.axes :]))}

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.RMSNorm(x[len(x) - self.axes :], elementwise_affine=self.affine)

    def _values(self, x: Shape) -> Any:
        return product(x[len(x) - self.axes :])

    def _vectors(self, x: Shape) -> Any:
        return product(x[: len(x) - self.axes])


def _window(axes: int, x: Shape) -> Window | Reach:
    """The part of a map, channels last, that a unit of a norm over its last axes sees."""
    if axes == 1:
        return POINTWISE
    return Reach.WHOLE if axes == len(x) else Reach.IRREGULAR


@final
class LocalResponseNorm(Op):
    """Each value of (C, H, W) divided by (k + alpha * the squares in `size` neighbouring channels) to a power.

    No parameters. Work for each value: 2 multiplications, `size` additions, one power, one division.
    Errors: a size below 1.
    Source: Krizhevsky et al. 2012, "ImageNet Classification with Deep Convolutional Neural Networks", section 3.3.
    """

    size: int = 5
    role = "norm"
    autocast = FLOAT32_OUTPUT
    formulas = OpFormulas(
        SAME_CHANNELS,
        SAME_SIZE,
        params=(Nothing("its constants are set by hand", "Krizhevsky et al. 2012, section 3.3"),),
        mult_adds=(Nothing(f"each value is divided by a power of a sum of squares, and {WHOLE_COUNTS}"),),
    )

    def shape(self, x: Shape) -> Shape:
        if self.size < 1:
            raise RuleError(f"size is at least 1, not {self.size}")
        axes_of(x)
        return x

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        elements = product(x)
        return Work(multiply=2 * elements, add=self.size * elements, divide=elements, power=elements)

    def window(self, x: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape) -> Memory:
        padded_squares = (x[0] + self.size - 1) * product(x[1:])
        return Memory(saves_inputs=True, extra_elements=padded_squares + 2 * product(x))

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        return WIDEST if device == "cpu" and len(shapes[0]) == 2 else self.autocast

    def autocast_memory(self, device: AutocastDevice, *shapes: Shape) -> Memory:
        """On CUDA the padded squares are of the input's type and the power is computed in float32; on the CPU the pool
        over a map's squares is, and all that follows.
        """
        x, known = shapes[0], self.memory(*shapes)
        if device == "cpu":
            every = known.extra_elements
            return known if len(x) == 2 else known._replace(extra_elements=0, float32_elements=every)
        powers = 2 * product(x)
        return known._replace(extra_elements=known.extra_elements - powers, float32_elements=powers)

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.LocalResponseNorm(self.size)


@final
class ChannelScale(Op):
    """Each channel multiplied by a learnable number (layer scale): C parameters, one multiplication for each value.

    The channel axis is the last, or the first with `channels_first`: (C, H, W).
    Source: Touvron et al. 2021, arXiv:2103.17239, equation (4).
    """

    channels_first: bool = False
    role = "norm"
    autocast = FLOAT32_OUTPUT
    formulas = OpFormulas(
        SAME_CHANNELS,
        SAME_SIZE,
        params=(Rule("C_in", "Touvron et al. 2021, arXiv:2103.17239, equation (4)", says="a factor for each channel"),),
        mult_adds=SCALED,
    )

    @property
    def on_last_axis(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """True if the channels are on the last axis."""
        return not self.channels_first

    def shape(self, x: Shape) -> Shape:
        if self.channels_first:
            axes_of(x)
        return x

    def params(self, x: Shape) -> Parameters:
        return Parameters(weight=x[0] if self.channels_first else x[-1])

    def work(self, x: Shape) -> Work:
        return Work(multiply=product(x))

    def window(self, x: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape) -> Memory:
        return KEEPS_INPUTS

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        shape = (x[0], *[1] * axes_of(x)) if self.channels_first else (x[-1],)

        class ChannelScale(torch.nn.Module):
            def __init__(self) -> None:
                torch.nn.Module.__init__(self)
                self.weight = torch.nn.Parameter(torch.ones(shape))

            def forward(self, x: Any) -> Any:
                return x * self.weight

        return ChannelScale()
