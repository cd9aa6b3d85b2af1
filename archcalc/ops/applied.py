"""Layers that are not applied to one map with weights of their own: to several maps, or with computed weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape, is_int, known_to_differ, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    NO_PARAMETERS,
    Autocast,
    AutocastDevice,
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
from archcalc.graph.rules import RESULT_CHANNELS, RESULT_SIZE
from archcalc.ops.elementwise import times

__all__ = ["Each", "Given"]


@final
class Each(Op):
    """A layer applied to each of several maps of one input: (k, C, H, W), such as windows or frames, weights shared.

    >>> from archcalc.ops import Conv
    >>> Each(Conv(64, 3, padding=1)).shape((49, 32, 8, 8))
    (49, 64, 8, 8)
    """

    op: Op
    channel_axis = "unknown"

    formulas = OpFormulas(
        RESULT_CHANNELS,
        RESULT_SIZE,
        params=(Rule("P", when="P", says="those of the layer, shared by all maps"), Nothing("its layer has none")),
        mult_adds=(Rule("r * M", when="M", says="those of the layer for each map"), Nothing("its layer has none")),
        buffers=(Rule("Q", when="Q", says="those of the layer, shared by all maps"), Nothing("its layer has none")),
        meanings={
            "r": "maps",
            "P": "parameters of the layer",
            "M": "mult-adds of the layer for one map",
            "Q": "buffers of the layer",
        },
    )

    @property
    def role(self) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The layer's kind."""
        return self.op.role

    @property
    def kind(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The layer's name."""
        return self.op.kind

    @property
    def has_gradient(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """True if the layer's output takes a gradient."""
        return self.op.has_gradient

    def shape(self, x: Shape) -> Shape:
        if len(x) < 2:
            raise RuleError("it needs several maps")
        return (x[0], *self.op.shape(x[1:]))

    def params(self, x: Shape) -> Parameters:
        return self.op.params(x[1:])

    def work(self, x: Shape) -> Work:
        return times(self.op.work(x[1:]), x[0])

    def window(self, x: Shape) -> Window | Reach:
        own = self.op.window(x[1:])
        if isinstance(own, Reach) or self.op.role in ("conv", "linear"):
            return Reach.IRREGULAR
        return Window([Axis(), *own]) if own else own

    def letters(self, x: Shape) -> dict[str, Any]:
        return {"r": x[0]} | _letters(self.op, x[1:])

    def memory(self, x: Shape) -> Memory:
        return _for_each(self.op.memory(x[1:]), x[0])

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        return self.op.autocast_type(device, *[x[1:] for x in shapes])

    def autocast_memory(self, device: AutocastDevice, *shapes: Shape) -> Memory:
        return _for_each(self.op.autocast_memory(device, shapes[0][1:]), shapes[0][0])

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        inner = self.op.lower(torch, x[1:])

        class Each(torch.nn.Module):
            def __init__(self) -> None:
                torch.nn.Module.__init__(self)
                self.inner = inner

            def forward(self, x: Any) -> Any:
                y = self.inner(x.flatten(0, 1))
                return y.unflatten(0, x.shape[:2])

        return Each()


@final
class Given(Op):
    """A layer whose weights are computed, not learnt: the first input is its own, the others are the weights.

    So is a convolution with standardized or generated weights. It has no parameters: what its weights are computed
    from has them. Memory: the weights are saved too, like any factor of a product.
    """

    op: Op
    formulas = OpFormulas(
        RESULT_CHANNELS,
        RESULT_SIZE,
        params=(Nothing("its weights are computed"),),
        mult_adds=(Rule("M", says="those of the layer"),),
        meanings={"M": "mult-adds of the layer"},
    )

    @property
    def role(self) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The layer's kind."""
        return self.op.role

    @property
    def kind(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The layer's name, and that it is given its weights."""
        return f"given_{self.op.kind}"

    @property
    def channel_axis(self) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The axis of the channels of the layer's output."""
        return self.op.channel_axis

    @property
    def on_last_axis(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """True if the layer works on vectors along the last axis."""
        return self.op.on_last_axis

    def shape(self, x: Shape, *weights: Shape) -> Shape:
        wanted = [size for size in self.op.params(x)[:2] if not (is_int(size) and size == 0)]
        given = [product(each) for each in weights]
        if len(given) != len(wanted) or any([known_to_differ(a, b) for a, b in zip(wanted, given, strict=True)]):
            raise RuleError(f"it needs {' and '.join(map(str, wanted)) or 'no'} computed weights")
        return self.op.shape(x)

    def params(self, x: Shape, *weights: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape, *weights: Shape) -> Work:
        return self.op.work(x)

    def window(self, x: Shape, *weights: Shape) -> Window | Reach:
        return self.op.window(x)

    def letters(self, x: Shape, *weights: Shape) -> dict[str, Any]:
        x = (*x[1:], x[0]) if self.on_last_axis else x
        return {"M": self.op.work(x).multiply_accumulate}

    def memory(self, x: Shape, *weights: Shape) -> Memory:
        own = self.op.memory(x)
        if not own.saves_inputs:
            return own
        every = tuple(range(1 + len(weights)))
        factors = (every, every, ()) if self.op.role == "conv" else ((1,), (0,), ())
        return own._replace(saved_for=factors[: len(every)])

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        return self.op.autocast_type(device, shapes[0])

    def lower(self, torch: Any, x: Shape, *weights: Shape) -> Callable[..., Any]:
        inner: Any = self.op.lower(torch, x)
        places: list[tuple[Any, str, Any]] = []
        for name, value in list(inner.named_parameters()):
            path, _, own = name.rpartition(".")
            owner = inner.get_submodule(path)
            del owner._parameters[own]  # noqa: SLF001 - a plain attribute takes its place
            setattr(owner, own, None)
            places.append((owner, own, value.shape))

        def given(x: Any, *weights: Any) -> Any:
            for (owner, own, shape), weight in zip(places, weights, strict=True):
                setattr(owner, own, weight.reshape(shape))
            result = inner(x)
            for owner, own, _ in places:
                setattr(owner, own, None)  # or the module would hold them
            return result

        return given


def _letters(op: Op, x: Shape) -> dict[str, Any]:
    """The letters of a layer's parameters, mult-adds and buffers that are not known to be 0."""
    params = op.params(x)
    stated = {"P": params.learnable, "M": op.work(x).multiply_accumulate, "Q": params.running}
    return {letter: value for letter, value in stated.items() if not (is_int(value) and value == 0)}


def _for_each(known: Memory, count: Dim) -> Memory:
    """What is kept for each of several maps, for all of them."""
    return known._replace(
        extra_elements=_many(known.extra_elements, count),
        float32_elements=_many(known.float32_elements, count),
        extra_bytes=_many(known.extra_bytes, count),
    )


def _many(amount: Dim, count: Dim) -> Dim:
    return amount if is_int(amount) and amount == 0 else amount * count
