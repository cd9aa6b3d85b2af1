"""Networks from programs: a builder that replays a program's calls at any sizes of its inputs that its guards admit."""

from __future__ import annotations

import ast
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from math import prod
from operator import index
from pathlib import Path
from typing import Any

from archcalc.algebra.dims import Shape, is_int, known_to_differ
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut
from archcalc.graph import Network, Value
from archcalc.graph.network import kind_of_value
from archcalc.importers.guards import matters, readable
from archcalc.importers.program import Program, Ref, Size
from archcalc.importers.replay import Replay
from archcalc.importers.sizes import evaluate, holds, parsed, symbols
from archcalc.importers.sources import Source, plain_shape
from archcalc.importers.tensors import image

FAULTS = (TypeError, KeyError, IndexError, AttributeError, ValueError, ArithmeticError, RecursionError)
"""What a program that is not as PyTorch writes it may raise."""


def network_from(program: Program, name: str, module: Any = None, data: bytes | None = None) -> Network:
    """The network of a program. Raises ArchcalcError if it cannot be built at the sizes that were traced.

    Its inputs are those of the program that an output needs, without the batch. `module` is the PyTorch module that
    was traced, which `validate` compares it with, and `data` the file that the program was read from.
    """
    builder = _Builder(program)
    builder.module, builder.data = module, data
    return _network(builder, name, {})


def network_of_program(program: Program, name: str, settings: Mapping[str, Any]) -> Network:
    """The network of a file that was read already, as `network_of` makes it of the model of that name."""
    with _readable(name):
        return _network(_Anew(Source(name, program, settings), settings), name, settings)


def exported_file(network: Network, settings: Mapping[str, Any], shape: Any) -> Path | bytes | None:
    """The `.pt2` file of a network, or its bytes; None if it is from none.

    None also for a model that would be traced again, with other hyperparameters or on an input of this shape.
    """
    builder: Any = network.builder
    if isinstance(builder, _Builder):
        return builder.data
    return builder.file(settings, shape) if isinstance(builder, _Anew) else None


def original(network: Network) -> Any:
    """The PyTorch module that a network was traced from, built anew if need be; None if there is none."""
    builder: Any = network.builder
    if isinstance(builder, _Builder):
        return builder.module
    if isinstance(builder, _Anew) and builder.source.kind != "program":
        (shape,) = network.inputs if len(network.inputs) == 1 else (None,)
        fixed = shape is not None and shape != builder.traced(builder.inputs[0]) and not builder.first.admits(shape)
        return builder.source.module(network.settings, shape if fixed else builder.example)
    return None


def unused_parameters(network: Network) -> int:
    """The number of parameters of the model that no output of a network depends on."""
    builder: Any = network.builder
    first = builder.first if isinstance(builder, _Anew) else builder
    return first.unused_parameters if isinstance(first, _Builder) else 0


def network_of(name: str, settings: Mapping[str, Any], shape: tuple[int, ...] | None = None) -> Network:
    """The network of a model by name, as `archcalc.importers.sources` reads names, with some hyperparameters.

    A model whose sizes are fixed where it was traced is traced again at each other size that is asked for. Raises
    ArchcalcError if it cannot be built, traced or read.
    """
    builder = _Anew(Source(name), dict(settings))
    if shape is not None:
        builder.example = shape
    with _readable(name) if builder.source.kind == "program" else nullcontext():
        return _network(builder, name, settings)


@contextmanager
def _readable(name: str) -> Generator[None]:
    """Turn what a program that is not as PyTorch writes it may raise into an ArchcalcError."""
    try:
        yield
    except ArchcalcError:
        raise
    except FAULTS as error:
        said = cut(f"{type(error).__name__}: {error}")
        raise ArchcalcError(f"{name} is no program as PyTorch writes it ({said})", about="name") from error


def _network(builder: _Builder | _Anew, name: str, settings: Mapping[str, Any]) -> Network:
    inputs = builder.inputs
    network = Network(
        name,
        builder,
        tuple([builder.traced(each) for each in inputs]),
        {key: kind_of_value(key, value) for key, value in (builder.parameters | dict(settings)).items()},
        settings,
        labels=inputs if len(inputs) > 1 else (),
        free=True,
        size_places=builder.size_places() if len(inputs) == 1 else None,
    )
    network.graph()
    return replace(network, remarks=builder.remarks())


class _Anew:
    """Builds the graph of a model that can be traced again: for other hyperparameters, or at another size."""

    def __init__(self, source: Source, settings: Mapping[str, Any]) -> None:
        self.source = source
        self.settings = settings
        self.example: tuple[int, ...] | None = None
        self._builders: dict[str, _Builder] = {}

    @property
    def first(self) -> _Builder:
        """The builder for its own hyperparameters and input."""
        return self._builder(self.settings, None)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs."""
        return self.first.inputs

    def traced(self, name: str) -> Shape:
        """The shape of an input at the sizes that were traced."""
        return self.first.traced(name)

    def size_places(self) -> tuple[int, ...] | None:
        """The places of the sizes in the shape of the only input, where they are not those after the first."""
        return self.first.size_places()

    @property
    def parameters(self) -> dict[str, Any]:
        """The arguments of its factory with their defaults."""
        return dict(self.first.program.parameters)

    def defaults(self) -> dict[str, Any]:
        """The values of its hyperparameters unless others are given."""
        return self.parameters | dict(self.settings)

    def remarks(self) -> tuple[str, ...]:
        """Sentences on the program as it was traced first."""
        return self.first.remarks()

    def file(self, settings: Mapping[str, Any], shape: Any) -> Path | bytes | None:
        """The file of the program that was traced first; None if these hyperparameters or this shape need another."""
        plain = None if shape is None else plain_shape(shape)
        if self.source.kind != "program" and (settings or not (plain is None or self.first.admits(plain))):
            return None
        return self.source.file(self.settings, self.example)

    def __call__(self, *values: Value, **settings: Any) -> tuple[Value, ...]:
        for key, value in settings.items():
            if not isinstance(value, (bool, int, float, str, list, tuple, type(None))):
                self._needs_number(key, value)
        builder = self._builder(settings, None)
        shape = plain_shape(values[0].shape) if len(values) == 1 else None
        if shape is not None and self.source.kind != "program" and not builder.admits(shape):
            builder = self._builder(settings, shape)
        return builder(*values)

    def _needs_number(self, key: str, value: Any) -> None:
        """Raise the error for an argument of the factory that is a symbol or an array."""
        try:
            index(value)
        except TypeError:
            said = f"{key} of {self.source.name} is an argument of its factory: a value, not {type(value).__name__}"
            raise ArchcalcError(said, about=f"hyperparameters.{key}") from None

    def _builder(self, settings: Mapping[str, Any], shape: tuple[int, ...] | None) -> _Builder:
        program = self.source.program(settings, shape or self.example)
        key = f"{sorted(settings.items(), key=str)} {shape}"
        if key not in self._builders:
            self._builders[key] = _Builder(program)
        return self._builders[key]


class _Builder:
    """Builds the graph of a program on values for its inputs."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.live = _live(program)
        self.inputs = tuple([name for name in program.inputs if name in self.live])
        if not self.inputs:
            raise ArchcalcError(f"{program.name}: its outputs depend on no input", about="name")
        self.batch = _batch(program)
        self.parameters: dict[str, Any] = {}
        self.module: Any = None
        self.data: bytes | None = None
        self.unused: tuple[str, ...] = ()
        """Parameters that no output depends on, known once a graph was built."""

    @property
    def unused_parameters(self) -> int:
        """The number of parameters that no output depends on."""
        return sum([prod(self.program.tensors[name].traced) for name in self.unused])

    def remarks(self) -> tuple[str, ...]:
        """Sentences on sizes that are fixed, and on parameters that are not used."""
        shapes = " and ".join(["x".join(map(str, self.traced(name))) for name in self.inputs])
        said = [f"Traced for {shapes}: {note}." for note in self.program.notes]
        if self.unused:
            parts = dict.fromkeys([self.program.stored[name].path.split(".")[0] for name in self.unused])
            shown = f"{', '.join(list(parts)[:3])}{' ...' if len(parts) > 3 else ''}"
            said.append(f"Not used at inference, and not counted: {self.unused_parameters:,} parameters of {shown}.")
        return tuple(said)

    def traced(self, name: str) -> Shape:
        """The shape of an input at the sizes that were traced, without the batch."""
        meta = self.program.tensors[name]
        sizes: list[Any] = [
            1 if size == self.batch else each for size, each in zip(meta.sizes, meta.traced, strict=True)
        ]
        return image(tuple(sizes))

    def size_places(self) -> tuple[int, ...] | None:
        """The places of the sizes in the shape of the only input: (0,) for tokens with their channels last.

        None where they are those after the first, which are the channels, and where the program fixes all.
        """
        sizes = self.program.tensors[self.inputs[0]].sizes
        sizes = sizes[1:] if len(sizes) > 1 and sizes[0] == self.batch else sizes
        free = tuple([place for place, size in enumerate(sizes) if not isinstance(size, int)])
        last = (len(sizes) - 1,) if len(sizes) > 1 else ()
        return free if free and free == tuple([each for each in range(len(sizes)) if each not in last]) else None

    def admits(self, shape: tuple[int, ...]) -> bool:
        """Return True if the program is what the model does on an input of this shape."""
        try:
            self._check(self._sizes([shape]))
        except ArchcalcError:
            return False
        return True

    def __call__(self, *values: Value) -> tuple[Value, ...]:
        try:
            return self._built(values)
        except ArchcalcError:
            raise
        except FAULTS as error:
            said = f"{type(error).__name__}: {error}"
            raise ArchcalcError(
                f"{self.program.name or 'the program'} cannot be built ({cut(said)})", "name"
            ) from error

    def _built(self, values: Sequence[Value]) -> tuple[Value, ...]:
        from archcalc.importers.operators import operators

        sizes = self._sizes([value.shape for value in values])
        self._check(sizes)
        replay = Replay(self.program, self.live, values[0].graph, sizes)
        outputs = replay.run(operators(), zip(self.inputs, values, strict=True))
        stored = self.program.stored.items()
        self.unused = tuple([key for key, each in stored if each.kind == "parameter" and key not in replay.owned])
        if not outputs:
            raise ArchcalcError(f"{self.program.name}: its outputs depend on no input", about="name")
        return tuple(outputs)

    def _sizes(self, shapes: Sequence[Shape]) -> dict[str, Any]:
        """The value of every symbol. Raises ArchcalcError for a size that is fixed and differs."""
        sizes: dict[str, Any] = {}
        for name, shape in zip(self.inputs, shapes, strict=True):
            meta = self.program.tensors[name]
            given = shape if len(shape) == len(meta.sizes) else (1, *shape)
            for axis, (size, dim) in enumerate(zip(meta.sizes, given, strict=True)):
                sizes[f"{name}.{axis}"] = dim
                if symbol := _symbol(size):
                    sizes.setdefault(symbol, dim)
        for name, shape in zip(self.inputs, shapes, strict=True):
            meta = self.program.tensors[name]
            given = shape if len(shape) == len(meta.sizes) else (1, *shape)
            for size, dim in zip(meta.sizes, given, strict=True):
                wanted = size if isinstance(size, int) else evaluate(size, sizes)
                if not is_int(dim) and is_int(wanted):
                    self._refuse(f"is traced at one size: {self.traced(name)}")
                if known_to_differ(wanted, dim):
                    self._refuse(f"is traced for an input of {self.traced(name)}, which is fixed there")
        return sizes

    def _check(self, sizes: Mapping[str, Any]) -> None:
        """Raise ArchcalcError if a guard does not hold."""
        for guard in self.program.guards:
            places = symbols(guard)
            if not places or not places <= sizes.keys() or any([place.endswith(".0") for place in places]):
                continue
            if not matters(guard):
                continue
            if not holds(guard, sizes):
                self._refuse(f"has this structure only where {readable(guard)}")

    def _refuse(self, said: str) -> None:
        raise ArchcalcError(f"{self.program.name or 'the program'} {said}", about="input")


def _symbol(size: Size) -> str:
    """The name of the symbol that a size is; empty if it is a number or an expression."""
    if isinstance(size, int):
        return ""
    match parsed(size):
        case ast.Call(func=ast.Name(id="Symbol"), args=[ast.Constant(value=str(name)), *_]):
            return name
        case _:
            return ""


def _batch(program: Program) -> Any:
    """The symbol of the batch: that of the first axis of the first input; None if that is fixed."""
    sizes = program.tensors[program.inputs[0]].sizes
    return sizes[0] if sizes and isinstance(sizes[0], str) else None


def _live(program: Program) -> frozenset[str]:
    """The names of the tensors that an output depends on."""
    live = set(program.outputs)
    for call in reversed(program.calls):
        needed = [name for name in call.outputs if name in live and not _is_empty(program, name)]
        if needed:
            live.update(_names(call.arguments.values()))
    return frozenset(live)


def _is_empty(program: Program, name: str) -> bool:
    """Return True if a tensor had no values when it was traced, so that it needs none."""
    return name in program.tensors and 0 in program.tensors[name].traced


def _names(values: Any) -> Iterator[str]:
    for value in values:
        if isinstance(value, Ref):
            yield value.name
        elif isinstance(value, list):
            yield from _names(value)
