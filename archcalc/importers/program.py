"""Programs: a traced model as data, whatever framework it is from: inputs, weights, calls of operators, and sizes.

Sizes are whole numbers or expressions of `archcalc.importers.sizes`; shapes include the batch, which is set to 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

Size: TypeAlias = int | str
"""A whole number, or an expression."""


class Ref(NamedTuple):
    """A tensor by its name in the program."""

    name: str


class SizeRef(NamedTuple):
    """A size as an argument of a call: an expression."""

    text: str


class Meta(NamedTuple):
    """What the trace says of a tensor."""

    sizes: tuple[Size, ...]
    strides: tuple[int, ...] = ()
    """Values between neighbours on each axis, at the sizes that were traced; empty if they are not known."""
    traced: tuple[int, ...] = ()
    """The sizes that were traced."""
    floating: bool = True


class Stored(NamedTuple):
    """A tensor that the model keeps: a parameter, a buffer or a constant."""

    path: str
    """Its name in the model, such as `layer1.0.conv1.weight`."""
    kind: str
    """`parameter`, `buffer` or `constant`."""


class OperatorCall(NamedTuple):
    """A call of an operator."""

    operator: str
    """Its name, such as `aten.conv2d`, without the overload."""
    overload: str
    arguments: Mapping[str, Any]
    """Arguments by name, those with default values left out: numbers, words, `Ref`, `SizeRef`, and lists of these."""
    outputs: tuple[str, ...]
    """The tensors that it gives, by name; empty names for those that nothing uses."""
    path: str
    """The module that calls it, such as `layer1.0.conv1`."""
    module: str
    """The class of that module."""
    function: str = ""
    """The function of Python by which it is called: `function.relu` of `torch.nn.functional`, `operator.add` for `+`,
    `method.add` for `x.add`, `method_descriptor.add` for either of them, `builtin_function_or_method.add` for
    `torch.add`; empty if it is not known.
    """
    classes: tuple[str, ...] = ()
    """The classes of the modules around it, outermost first, with their packages."""


@dataclass(frozen=True)
class Program:
    """A traced model as data."""

    name: str
    inputs: tuple[str, ...]
    """The tensors that the model is given, by name, main input first."""
    outputs: tuple[str, ...]
    calls: Sequence[OperatorCall]
    tensors: Mapping[str, Meta]
    stored: Mapping[str, Stored]
    guards: tuple[str, ...] = ()
    """Conditions on the sizes of the inputs under which the program is what the model does."""
    notes: tuple[str, ...] = ()
    """Sentences on how it was traced."""
    bases: Mapping[str, str] = field(default_factory=dict[str, str])
    """The class of `torch.nn` that a class of modules is or is derived from, by name; empty if that is not known."""
    holders: frozenset[str] | None = None
    """The paths of modules that hold other modules; None if that is not known."""
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Arguments of the factory of the model, with their defaults."""
    held: Mapping[str, str] | None = None
    """Tensors that the model's code holds after their last use, by name, and for each the first output of the last call
    during which it does, empty if it does when the outputs are returned; None if that was not observed.
    """


def listed(given: Any) -> list[Any]:
    """An argument that is one value or several, as a list; none for None."""
    several: Any = given
    return [] if given is None else list(several) if isinstance(given, (list, tuple)) else [given]
