"""Operations and the facts that they state: shape, parameters, work, window, memory, PyTorch module, formulas."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, TypeAlias, dataclass_transform

from archcalc.algebra.dims import Dim, Shape
from archcalc.graph.rules import Nothing, OpFormulas, Rule

if TYPE_CHECKING:
    from archcalc.graph.graph import Value

Role: TypeAlias = Literal["input", "conv", "linear", "pool", "merge", "norm", "activation", "layout"]
"""The kind of layer that an op is; an op of the kind conv, linear, pool or merge heads a row of the table."""

OP_CLASSES: set[type] = set()
"""The classes of ops: for an abstract base class, `isinstance` takes three times as long as a look-up here."""

HEADING: frozenset[str] = frozenset({"conv", "linear", "pool", "merge"})


class Parameters(NamedTuple):
    """Values that an op owns, in elements."""

    weight: Dim = 0
    bias: Dim = 0
    running: Dim = 0
    """Buffers such as running statistics: stored with the weights, not learnt by gradient."""

    @property
    def learnable(self) -> Dim:
        return self.weight + self.bias


class Work(NamedTuple):
    """The work of an op for one image, in primitive operations."""

    multiply_accumulate: Dim = 0
    """Of convolutions, linear layers and matrix products only; taps on zero padding included."""
    multiply: Dim = 0
    add: Dim = 0
    compare: Dim = 0
    divide: Dim = 0
    exponential: Dim = 0
    """Exponentials, logarithms, sines, and error functions."""
    power: Dim = 0
    """Powers and square roots."""


class Axis(NamedTuple):
    """The window of an output unit along one axis.

    Unit j is computed from positions `j * stride - padding + t * dilation` for `0 <= t < kernel` of the input grid
    after `up - 1` empty positions were put between its units. A position that falls between units is not a unit.
    """

    kernel: int = 1
    stride: int = 1
    padding: Dim = 0
    dilation: int = 1
    up: int = 1


class Window(tuple[Axis, ...]):
    """The window of a layer on each spatial axis: (height, width) of an image. Empty: each unit sees itself only."""

    __slots__ = ()


class Reach(Enum):
    """A dependence on the input that is no window."""

    WHOLE = "whole input"
    """Every output unit depends on every input position."""
    IRREGULAR = "irregular"
    """The windows differ from unit to unit, as in adaptive pooling to a size that does not divide the input's."""


AutocastDevice: TypeAlias = Literal["cuda", "cpu"]
"""The devices of which it is stated what an op does under `torch.autocast`."""


class Autocast(NamedTuple):
    """The types that an op works in under `torch.autocast`, while its weights are float32.

    The lower type is the one that autocast is given, float16 or bfloat16. Values of `Memory.extra_elements` are of the
    output's type if the op `casts`, else of the widest type of its inputs; `float32_elements` are float32.

    Source: the lists of aten/src/ATen/autocast_mode.h and autocast_mode.cpp; "Autocast Op Reference" of PyTorch's
    documentation.
    """

    output: Literal["lower", "float32", "widest", "first"]
    """The output's type: the lower type, float32, the widest type of its inputs, indices and masks left out, or the
    first input's. It says nothing of outputs that are indices or masks themselves.
    """
    casts: bool = False
    """Whether inputs of another type are cast to the output's, so that autograd saves the copies in their place."""
    casts_weights: bool = False
    """Whether the parameters are cast to the lower type, each once. Autograd saves the copies of the weights, but those
    of a linear layer only for the gradient of its input; the copies of all parameters are kept while autocast is on.
    """


LOWER = Autocast("lower", casts=True, casts_weights=True)
FLOAT32 = Autocast("float32", casts=True)
FLOAT32_OUTPUT = Autocast("float32")
"""Its inputs are read as they are: PyTorch gives the function the result's type, or its own weights are float32."""
WIDEST = Autocast("widest")
"""The ordinary promotion of types, for which PyTorch has no rule of autocast."""
CAST_TO_WIDEST = Autocast("widest", casts=True)
FIRST = Autocast("first")


class Memory(NamedTuple):
    """The memory of an op. It follows from the code of PyTorch's autograd, not from a formula of the layer.

    Source: the arguments of each backward formula in `derivatives.yaml` of torch/csrc/autograd.
    """

    shares: Literal["never", "inference", "always", "weights"] = "never"
    """When the output is the first input's own storage (a view, or the identity when not training); or the weights'."""
    saves_inputs: bool = False
    saves_output: bool = False
    saved_for: Literal["op", "inputs", "others"] | tuple[tuple[int, ...], ...] = "op"
    """The gradients that need a saved input: any of the op, an input's only, or (in a product) another input's.

    Or, for each input, the places of the inputs whose gradients need it. If none of these is computed, the input is not
    saved.
    """
    extra_elements: Dim = 0
    """Further elements of the network's dtype that autograd saves, for one image."""
    float32_elements: Dim = 0
    """Further values of at least four bytes for one image in any dtype: the statistics of a layer norm."""
    extra_bytes: Dim = 0
    """Further bytes for one image, of any dtype: the 8-byte indices of a max pool, the mask of a dropout."""
    statistics: Dim = 0
    """Values of at least four bytes that are saved once for a whole batch: the mean and deviation of batch norm."""
    once_bytes: Dim = 0
    """Bytes that are saved once for a whole batch, of any dtype."""
    passes_gradient: bool | tuple[int, ...] = False
    """True if the gradient of an input is the output's own, or a part of it, in the same storage: of a sum, of a
    concatenation, of a copy; or the places of the inputs of which that holds. Views, whose gradients share storage as
    their values do, need not be marked."""


POINTWISE = Window()
NO_PARAMETERS = Parameters()
NO_WORK = Work()
KEEPS_NOTHING = Memory()
KEEPS_INPUTS = Memory(saves_inputs=True)
KEEPS_OUTPUT = Memory(saves_output=True)
VIEW = Memory(shares="always")
PASSES_GRADIENT = Memory(passes_gradient=True)


@dataclass_transform(frozen_default=True)
class Op(ABC):
    """One operation of a network: frozen fields, and six facts about it given the shapes of its inputs.

    Every fact is abstract here, so that no inherited zero can hide an omission. Shapes exclude the batch.

    A subclass lists its fields as a dataclass does. `dataclasses` would take 0.4 ms for each op to write and compile
    the constructor, for all ops together a tenth of the time of `archcalc table vgg16`.

    Two ops are equal if they have the same class and equal fields. Still, in a network each object is a layer of its
    own, with its own weights.

    >>> from archcalc.ops import Conv
    >>> Conv(64, 3) == Conv(64, 3, stride=1), Conv(64, 3) == Conv(64, 5)
    (True, False)
    """

    role: ClassVar[Role]
    kind: ClassVar[str]
    """The op's name in tables and JSON: the class name in snake case."""
    message_name: ClassVar[str]
    """The class name in snake case, by which graphs in messages name the op: its kind may depend on a field."""
    formulas: ClassVar[OpFormulas]
    """Its general formulas as text, into which `archcalc why` puts numbers; without them there are no derivations."""
    gated: ClassVar[bool] = False
    """True if its inputs after the first are gates: they weigh the first one, and are on no path of layers."""
    on_last_axis: ClassVar[bool] = False
    """True if it works on vectors along the last axis, which are therefore its channels."""
    has_gradient: ClassVar[bool] = True
    """False if the output takes no gradient: a comparison, an index."""
    channel_axis: ClassVar[Literal["kept", "first", "last", "unknown"]] = "kept"
    """The axis of the output's channels: the same as in the first input, the first, the last, or not known."""
    autocast: ClassVar[Autocast] = WIDEST
    """The types that it works in under `torch.autocast` on CUDA; ask `autocast_type`."""
    autocast_cpu: ClassVar[Autocast | None] = None
    """The same on the CPU, if it differs."""
    fields: ClassVar[tuple[str, ...]]
    _known: ClassVar[frozenset[str]]
    _required: ClassVar[frozenset[str]]

    def __init_subclass__(cls) -> None:
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__)
        cls.message_name = name.lower()
        if "kind" not in vars(cls):
            cls.kind = cls.message_name
        cls.fields = tuple(cls.__annotations__)
        cls._known = frozenset(cls.fields)
        cls._required = frozenset([name for name in cls.fields if name not in cls.__dict__])
        OP_CLASSES.add(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not args and not kwargs and not self._required:
            return
        given = vars(self)
        given.update(zip(self.fields, args, strict=False), **kwargs)
        if len(given) != len(args) + len(kwargs) or not self._required <= given.keys() <= self._known:
            raise TypeError(f"{type(self).__name__} has the fields {self.fields}, not {args} and {kwargs}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Op) or type(self) is not type(other):
            return NotImplemented
        return all([_equal(getattr(self, name), getattr(other, name)) for name in self.fields])

    def __hash__(self) -> int:
        """A hash of class and fields. Raises TypeError if a field is an array, as hashing an array does."""
        return hash((type(self), *[getattr(self, name) for name in self.fields]))

    @abstractmethod
    def shape(self, *args: Any, **kwargs: Any) -> Shape:
        """The output's shape. Raises RuleError if the input shapes break a rule."""

    @abstractmethod
    def params(self, *args: Any, **kwargs: Any) -> Parameters:
        """The parameters and buffers that the op owns, in elements."""

    @abstractmethod
    def work(self, *args: Any, **kwargs: Any) -> Work:
        """The work of the op for one image at inference."""

    @abstractmethod
    def window(self, *args: Any, **kwargs: Any) -> Window | Reach:
        """The part of its inputs that an output unit depends on."""

    @abstractmethod
    def memory(self, *args: Any, **kwargs: Any) -> Memory:
        """The storage that the op shares with its inputs, and what autograd saves of it."""

    @abstractmethod
    def lower(self, torch: Any, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """The PyTorch module or function that the op stands for; `torch` is passed in, never imported here."""

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        """The types that it works in under `torch.autocast`, given the shapes of its inputs.

        >>> from archcalc.ops import Softmax
        >>> Softmax().autocast_type("cuda", (1000,)).output, Softmax().autocast_type("cpu", (1000,)).output
        ('float32', 'widest')
        """
        return self.autocast_cpu if device == "cpu" and self.autocast_cpu is not None else self.autocast

    def autocast_memory(self, device: AutocastDevice, *shapes: Shape) -> Memory:
        """The same as `memory` under `torch.autocast`, where an op of several steps may save float32 values.

        >>> from archcalc.ops.attention import WindowAttention
        >>> op = WindowAttention(heads=3, side=7)
        >>> op.memory((56, 56, 288)).float32_elements, op.autocast_memory("cuda", (56, 56, 288)).float32_elements
        (0, 460992)
        """
        return self.memory(*shapes)

    def letters(self, *args: Any, **kwargs: Any) -> Mapping[str, Any]:
        """The values of letters in its formulas that are not common to all ops, by name: see `archcalc.graph.rules`.

        Shapes are given as (channels, height, width), also if the op has its channels on the last axis.
        """
        return {}

    def __call__(self, *inputs: Value) -> Value:
        """Append this op to the inputs' graph and return its output."""
        return inputs[0].graph.apply(self, inputs)

    def attributes(self) -> dict[str, Any]:
        """The op's fields by name; one that is None is left out."""
        return {name: value for name in self.fields if (value := getattr(self, name)) is not None}

    def __repr__(self) -> str:
        given = (
            f"{name}={value!r}"
            for name, value in self.__dict__.items()
            if type(value) is not type(default := getattr(type(self), name, None)) or value != default
        )
        return f"{type(self).__name__}({', '.join(given)})"


def _equal(one: Any, other: Any) -> bool:
    """Return True if two fields have the same value: for arrays, the same shape and elements."""
    if isinstance(one, Op):
        return one == other
    if {type(one), type(other)} == {tuple}:
        return len(one) == len(other) and all(map(_equal, one, other))
    if hasattr(one, "shape") or hasattr(other, "shape"):
        return getattr(one, "shape", None) == getattr(other, "shape", None) and bool((one == other).all())
    return one is other or bool(one == other)


class Input(Op):
    """The network's input of a given shape: (channels, height, width) of an image."""

    size: Shape
    role = "input"
    formulas = OpFormulas(
        channels=(Rule("C_in", says="the input as given"),),
        size=(Rule("N", says="the input as given"),),
        params=(Nothing("the input is given"),),
        mult_adds=(Nothing("the input is given"),),
    )

    def shape(self) -> Shape:
        return self.size

    def params(self) -> Parameters:
        return NO_PARAMETERS

    def work(self) -> Work:
        return NO_WORK

    def window(self) -> Window:
        return POINTWISE

    def memory(self) -> Memory:
        return KEEPS_NOTHING

    def lower(self, torch: Any) -> Callable[..., Any]:
        return torch.nn.Identity()
