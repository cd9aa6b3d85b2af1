"""Layers of Keras where they are called: their fields, the shapes of their inputs, and activation functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from archcalc.algebra.dims import Shape
from archcalc.base.spelling import shown
from archcalc.graph import Op
from archcalc.importers.described import GivenFields, list_of, table_of
from archcalc.ops.elementwise import Elementwise
from archcalc.ops.pointwise import GELU, HardSigmoid, HardSwish, ReLU, ReLU6, Sigmoid, SiLU, Softmax, Tanh

Rows: TypeAlias = tuple[tuple[str, tuple[Op, ...]], ...]
"""Rows one after another: what follows the layer's name in the label, and the ops. None: the layer gives its input."""


class KerasSite(NamedTuple):
    """A layer where it is called: its fields, the shapes of its inputs, channels first, and its order of axes."""

    fields: GivenFields
    shapes: tuple[Shape, ...]
    channels_first: bool

    @property
    def axes(self) -> int:
        """The axes of the first input beside its channels."""
        return len(self.shapes[0]) - 1

    def check_axes(self, axes: int) -> None:
        """Raise ArchcalcError unless the input has so many axes beside its channels."""
        if self.axes != axes:
            raise self.fields.wrong(f"its input has {self.axes} axes beside the channels, and it needs {axes}")

    def check_channels(self, key: str = "axis") -> None:
        """Raise ArchcalcError unless the layer works along the channels."""
        given = self.fields.get(key, -1)
        each = list_of(given)
        axis: Any = each[0] if each is not None and len(each) == 1 else given
        rank = self.axes + 2
        wanted = 1 if self.channels_first else rank - 1
        if type(axis) is not int or axis not in (wanted, wanted - rank):
            raise self.fields.wrong(f"{key} {shown(given)} is not the axis of the channels, {wanted}")


LayerReader: TypeAlias = Callable[[KerasSite], Rows]

ACTIVATIONS: Mapping[str, tuple[Callable[[], Op], ...]] = {
    "linear": (),
    "relu": (ReLU,),
    "relu6": (ReLU6,),
    "sigmoid": (Sigmoid,),
    "tanh": (Tanh,),
    "swish": (SiLU,),
    "silu": (SiLU,),
    "gelu": (GELU,),
    "hard_sigmoid": (HardSigmoid,),
    "hard_swish": (HardSwish,),
    "hard_silu": (HardSwish,),
    "softmax": (Softmax,),
    **{
        name: (partial(Elementwise, name),)
        for name in ("celu", "elu", "leaky_relu", "log_sigmoid", "mish", "selu", "softplus", "softsign")
    },
    "exponential": (partial(Elementwise, "exp"),),
}


def activation(site: KerasSite, key: str = "activation") -> tuple[Op, ...]:
    """The op of an activation function, none for `linear`. Raises ArchcalcError for another function."""
    given = site.fields.get(key, "linear")
    table = table_of(given)
    if table is not None:
        given = table["config"] if isinstance(table.get("config"), str) else table.get("class_name")
    name: str = given.lower() if isinstance(given, str) else ""
    if name not in ACTIVATIONS:
        raise site.fields.wrong(f"the activation {shown(given)} is not one of {', '.join(ACTIVATIONS)}")
    if name == "softmax" and site.channels_first and site.axes:
        raise site.fields.wrong("softmax is along the last axis, which is not that of the channels")
    return tuple([op() for op in ACTIVATIONS[name]])
