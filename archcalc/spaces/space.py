"""Design spaces: axes, constraints on them, and the network that is built at a point.

A point is one value of every axis. Points are numbered in mixed radix, the last axis fastest: index 0 has the first
value of every axis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from typing import Any, TypeAlias, final

from archcalc.algebra.dims import Dim
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Network
from archcalc.graph.hyperparameters import Other, Whole, read_hyperparameter, read_size
from archcalc.request import NetworkLike, Request
from archcalc.spaces.axes import MOST_VALUES, SpaceAxis, read_axes
from archcalc.spaces.constraints import Constraint, read_constraints

LARGEST_INDEX = 2**62
"""The most combinations whose indices are numbers of 64 bits; points of larger spaces are told by places on axes."""
SIZES = ("size", "height", "width")
"""Axes that stand for sizes of the input where the network has no hyperparameter of that name."""

Columns: TypeAlias = "dict[str, Any]"
"""A numpy array for every axis, all of one length: int64, float64, or objects for words, true and false."""
Translate: TypeAlias = "Callable[[Columns], Columns]"
Different: TypeAlias = "Callable[[Columns], tuple[Columns, Any] | None]"
Assemble: TypeAlias = "Callable[[Mapping[str, Any]], tuple[tuple[Dim, ...] | None, dict[str, Any]]]"


@final
@dataclass(frozen=True, eq=False)
class DesignSpace:
    """A set of networks: axes, constraints, and the network at each point.

    >>> space = DesignSpace.of("mobilenet_v1", over={"width": "0.25..1:0.25", "size": "128..224:32"})
    >>> space.combinations
    16
    >>> space.assembled({"width": 0.5, "size": 160})
    ((3, 160, 160), {'width': 0.5})
    """

    name: str
    axes: tuple[SpaceAxis, ...]
    network: str | Network
    """The network that is built: a name of the catalogue, or a network, such as one of your own builder."""
    constraints: tuple[Constraint, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Hyperparameters that are the same at every point."""
    input: tuple[Any, ...] | None = None
    """The shape of the input; None: the network's own. Axes called size, height and width replace its sizes."""
    title: str = ""
    source: str = ""
    translate: Translate | None = None
    """Makes arguments of the network of columns of the axes, arrays of the same length; None: they are the same."""
    assemble: Assemble | None = None
    """Makes the input and the hyperparameters of one network of its arguments, which are numbers or polynomials.

    None: arguments are hyperparameters, or sizes of the input. Only `+ - * //` and `archcalc.equal` are used on them.
    """
    different: Different | None = None
    """Makes the arguments of the different networks among some points, which are fewer, and the place of every point's
    network among them: those of `translate` at that place. None as its result: there are no fewer."""
    repeats: tuple[str, ...] = ()
    """Arguments that are numbers of equal blocks: totals are linear in each from 2 on."""

    def __post_init__(self) -> None:
        """Check that axes and constraints fit. Raises ArchcalcError."""
        object.__setattr__(self, "axes", read_axes(self.axes))
        object.__setattr__(self, "constraints", read_constraints(self.constraints, self.names))
        for constraint in self.constraints:
            for name in constraint.names:
                if not self.axis(name).is_numeric:
                    said = f"constraint {constraint.text!r} speaks of {name}, whose values are no numbers"
                    raise ArchcalcError(said, "constraints")

    @classmethod
    def of(
        cls,
        network: NetworkLike,
        *,
        over: Mapping[str, Any] | Sequence[SpaceAxis],
        where: Iterable[str | Constraint] = (),
        settings: Mapping[str, Any] | None = None,
        input: Sequence[Any] | None = None,
        name: str = "",
        title: str = "",
        source: str = "",
    ) -> DesignSpace:
        """The space of a network's hyperparameters and sizes of its input.

        `over` has the values of every axis as text (`16..512:16`, `16..1024 log 2`, `8,16,32`), as a list or a range;
        `where` constraints; `settings` hyperparameters that are the same at every point; `input` the shape of the
        input. Values are read as the network's hyperparameters are. Raises UnknownName, and ArchcalcError for an axis
        or a setting that the network does not have, and for values that it cannot have.

        >>> DesignSpace.of("resnet18", over={"stem": "7x7,deep", "classes": "10..1000 log 10"}).axes[1].values
        (10, 100, 1000)
        """
        request = Request.of(network)
        shape = request.input if input is None else tuple(input)
        request = replace(request, input=shape, settings={**request.settings, **(settings or {})})
        resolved = request.resolved
        resolved.read(request.settings)
        shape = None if request.input is None else request.shape
        if shape is not None and not resolved.free and len(resolved.inputs) == 1:
            channels = resolved.settled(request.settings).get("in_channels", resolved.input[0])
            if shape[0] != channels and "in_channels" not in [axis.name for axis in read_axes(over)]:
                said = f"{resolved.name} takes {channels} input channels, not {shape[0]}: in_channels changes them"
                raise ArchcalcError(said, "input")
        axes = tuple([_fitting(axis, resolved, request.settings) for axis in read_axes(over)])
        sizes = [axis.name for axis in axes if is_size(axis.name, resolved)]
        if "size" in sizes and len(sizes) > 1:
            other = next(each for each in sizes if each != "size")
            raise ArchcalcError(f"an axis size stands for height and width: leave out {other}", f"axes.{other}")
        return cls(
            name or resolved.name,
            axes,
            request.network,
            tuple(where),  # pyright: ignore[reportArgumentType]  read when it is made
            dict(request.settings),
            shape,
            title,
            source or resolved.citation,
        )

    @classmethod
    def read(cls, path: str) -> DesignSpace:
        """The space of a TOML file; see `archcalc.spaces.files`. Raises ArchcalcError naming the file and the key."""
        from archcalc.spaces.files import read_space

        return read_space(path)

    def narrowed(
        self, over: Mapping[str, Any] | Sequence[SpaceAxis] = (), where: Iterable[str | Constraint] = ()
    ) -> DesignSpace:
        """The space with other values of some axes, and with further constraints. Raises ArchcalcError.

        >>> space = DesignSpace.of("mobilenet_v1", over={"width": "0.25..1:0.25", "size": "128..224:32"})
        >>> space.narrowed({"size": "96..160:32"}, ["size >= 128"]).size()
        8
        """
        changed: dict[str, SpaceAxis] = {axis.name: axis for axis in (read_axes(over) if over else ())}
        for axis in changed.values():
            self.axis(axis.name)
        if self.translate is None and self.assemble is None:
            changed = {name: _fitting(axis, self.resolved, self.settings) for name, axis in changed.items()}
        axes = tuple([changed.get(axis.name, axis) for axis in self.axes])
        return replace(self, axes=axes, constraints=(*self.constraints, *where))

    @cached_property
    def resolved(self) -> Network:
        """The network that is built, looked up if it is a name. Raises UnknownName."""
        return Request.of(self.network).resolved

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the axes, in order."""
        return tuple([axis.name for axis in self.axes])

    def axis(self, name: str) -> SpaceAxis:
        """The axis of a name. Raises ArchcalcError if there is none."""
        for axis in self.axes:
            if axis.name == name:
                return axis
        raise ArchcalcError(f"{self.name} has no axis {name!r}; it has {', '.join(self.names)}", f"axes.{name}")

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """The number of values of each axis."""
        return tuple([len(axis) for axis in self.axes])

    @cached_property
    def combinations(self) -> int:
        """The number of points, those that break a constraint among them: the product of the axes' lengths."""
        return prod(self.lengths)

    @property
    def has_indices(self) -> bool:
        """True if every point has an index of 64 bits: there are at most 2^62 combinations."""
        return self.combinations <= LARGEST_INDEX

    def columns(self, indices: Any) -> Columns:
        """The values of every axis at indices, an int64 array of numbers from 0 to `combinations - 1`.

        Raises ArchcalcError if the space has more than 2^62 combinations: `columns_at` takes places.

        >>> import numpy
        >>> space = DesignSpace.of("resnet18", over={"stem": "7x7,3x3,deep", "classes": "10,100"})
        >>> {name: column.tolist() for name, column in space.columns(numpy.arange(4)).items()}
        {'stem': ['7x7', '7x7', '3x3', '3x3'], 'classes': [10, 100, 10, 100]}
        """
        first, stop = _ends(indices)
        if self.has_indices and stop - first > 1:
            return self._in_order(first, stop)
        return self.columns_at(self.places(indices))

    def _in_order(self, first: int, stop: int) -> Columns:
        """The values of every axis from an index to before another: each value as often as later axes have points."""
        import numpy

        found: Columns = {}
        times = self.combinations
        for axis in self.axes:
            times //= len(axis)
            blocks = numpy.arange(first // times, (stop - 1) // times + 1)
            values = axis.at(blocks % len(axis))
            begin = first - int(blocks[0]) * times
            if times == 1:
                found[axis.name] = values
            elif times < stop - first:
                each = numpy.broadcast_to(values[:, None], (len(values), times)).reshape(-1)
                found[axis.name] = each[begin : begin + stop - first]
            else:  # one value, or two
                here = min(times - begin, stop - first)
                found[axis.name] = numpy.repeat(values, [here, stop - first - here][: len(values)])
        return found

    def places(self, indices: Any) -> Columns:
        """The places, counted from 0, on every axis at indices; raises as `columns` does."""
        if not self.has_indices:
            said = f"{self.name} has {self.combinations:.3g} combinations, more than 2^62: its points have no indices"
            raise ArchcalcError(said)
        places: Columns = {}
        for axis in reversed(self.axes):
            indices, places[axis.name] = divmod(indices, len(axis))
        return {name: places[name] for name in self.names}

    def columns_at(self, places: Mapping[str, Any]) -> Columns:
        """The values of every axis at places on it, int64 arrays of one length, counted from 0."""
        return {axis.name: axis.at(places[axis.name]) for axis in self.axes}

    def allowed(self, columns: Mapping[str, Any]) -> Any:
        """An array of bool: True where all constraints hold, for the columns of all axes."""
        import numpy

        found = numpy.ones(len(columns[self.names[0]]), dtype=bool)
        for constraint in self.constraints:
            found &= constraint.holds(columns)
        return found

    def size(self) -> int:
        """The exact number of points that fulfil the constraints, counted without walking over them.

        Raises ArchcalcError if the constraints join so many axes that the tables become too large.

        >>> over = {"height": "32..256:32", "width": "32..256:32"}
        >>> DesignSpace.of("resnet18", over=over, where=["height <= width"]).size()
        36
        """
        from archcalc.spaces.sizes import count

        return count(self.axes, self.constraints)

    def translated(self, columns: Columns) -> Columns:
        """The arguments of the networks at some points, arrays by name, for the columns of the axes there."""
        return dict(columns) if self.translate is None else self.translate(columns)

    def networks(self, columns: Columns) -> tuple[Columns, Any]:
        """The arguments of the networks at some points, each network once if that is known to be less work.

        With them comes the place of every point's network among them; None if they are in the order of the points.
        """
        found = None if self.different is None else self.different(columns)
        return (self.translated(columns), None) if found is None else found

    def assembled(self, arguments: Mapping[str, Any]) -> tuple[tuple[Any, ...] | None, dict[str, Any]]:
        """The input and the hyperparameters of the network with some arguments; an input of None is the network's own.

        The space's own `settings` are among the hyperparameters.
        """
        if self.assemble is not None:
            shape, own = self.assemble(arguments)
            return (self.input if shape is None else shape), {**self.settings, **own}
        own = {key: value for key, value in arguments.items() if not is_size(key, self.resolved)}
        sizes = {key: value for key, value in arguments.items() if key not in own}
        shape = self.input
        if sizes:
            base = self.resolved.input if shape is None else shape
            height = sizes.get("height", sizes.get("size", base[1]))
            width = sizes.get("width", sizes.get("size", base[2]))
            channels = {**self.settings, **own}.get("in_channels", base[0])
            shape = (channels, height, width)
        return shape, {**self.settings, **own}


def _ends(indices: Any) -> tuple[int, int]:
    """The first index and the one after the last, if they follow on each other; otherwise an empty range."""
    if not len(indices):
        return 0, 0
    first, stop = int(indices[0]), int(indices[-1]) + 1
    follow = stop - first == len(indices) and first >= 0 and bool((indices[1:] > indices[:-1]).all())
    return (first, stop) if follow else (0, 0)


def is_size(name: str, network: Network) -> bool:
    """Return True if an axis of this name is a size of the input of a network, not a hyperparameter of it."""
    return name in SIZES and name not in network.hyperparameters


def _fitting(axis: SpaceAxis, network: Network, settings: Mapping[str, Any]) -> SpaceAxis:
    """The axis with its values as the network takes them. Raises ArchcalcError where it takes them not."""
    if axis.name in settings:
        raise axis.error("it is an axis and a setting")
    if is_size(axis.name, network):
        if len(network.inputs) != 1 or network.places != (1, 2) or len(network.input) != 3:
            raise axis.error(f"{network.name} takes no image, whose size could be an axis")
        return _read(axis, lambda value: read_size(value, network.name), by_ends=True)
    kind = network.hyperparameters.get(axis.name)
    if kind is None:
        known = ", ".join([*network.hyperparameters, *[each for each in SIZES if is_size(each, network)]])
        said = f"it is no hyperparameter of {network.name}{network.hint}; there are {known}"
        raise ArchcalcError(f"axis {axis.name}: {said}", f"axes.{axis.name}")
    if isinstance(kind, Other):
        return axis
    by_ends = isinstance(kind, Whole) and kind.parts == 1
    kinds = network.hyperparameters
    return _read(axis, lambda value: read_hyperparameter(network.name, kinds, axis.name, value), by_ends=by_ends)


def _read(axis: SpaceAxis, read: Callable[[Any], Any], *, by_ends: bool) -> SpaceAxis:
    """The axis with its values read; `by_ends`: a range need be read only at both ends, and after a zero."""
    values = axis.values
    if isinstance(values, range) and not by_ends and len(values) > MOST_VALUES:
        raise axis.error(f"it has more than {MOST_VALUES:,} values")
    try:
        if isinstance(values, range) and by_ends:
            for value in (values[0], values[min(1, len(values) - 1)], values[-1]):
                read(value)
            return axis
        return SpaceAxis(axis.name, tuple([read(value) for value in values]))
    except ArchcalcError as error:
        if error.about == f"axes.{axis.name}":
            raise
        raise axis.error(str(error)) from None
