"""What a sweep computes: a space, quantities, conditions, and which points; and the columns of its table.

A table has the columns `index` (the number of the point in the space; not for spaces of more than 2^62 combinations),
the axes, the quantities by key, and `problem`: why no network can be built at the point, null where it can.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from typing import Any, final

from archcalc.analysis.quantities import QUANTITIES, check_predicted, quantity_of, read_quantity
from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.base.spelling import cut
from archcalc.graph import Network
from archcalc.request import read_batch, read_dtype
from archcalc.spaces.arrow import arrow
from archcalc.spaces.axes import SpaceAxis
from archcalc.spaces.drawing import Drawing
from archcalc.spaces.filtering import Filter
from archcalc.spaces.space import DesignSpace
from archcalc.training import DEFAULT_TRAINING, Training

INDEX, PROBLEM = "index", "problem"
"""The columns of a table beside axes and quantities."""
DEFAULT_QUANTITIES = ("params", "mult_adds")
REAL = "arithmetic_intensity"
"""The quantity that is a real number, beside those that are predicted; all others are whole numbers."""
METADATA = b"archcalc"
"""The key of a table's metadata: JSON."""


@final
@dataclass(frozen=True, eq=False)
class SweepPlan:
    """A sweep: what is computed, and at which points. It can be pickled.

    Without a sample all points are taken, in the order of their indices; with one, points are drawn in an order that
    the seed fixes until `sample` of them fulfil constraints and conditions. Raises UnknownName and ArchcalcError for
    what cannot be read.
    """

    space: DesignSpace
    quantities: Sequence[str] = DEFAULT_QUANTITIES
    where: Sequence[str] = ()
    """Conditions on axes and quantities, all of which hold in every row."""
    sample: int | None = None
    seed: int = 0
    batch: int = 1
    dtype: str = "float32"
    training: Training = DEFAULT_TRAINING
    evaluator: Any = field(default=None, repr=False)
    """What computes the quantities at columns of the axes: `archcalc.spaces.evaluating.Evaluator` if it is None."""

    def __post_init__(self) -> None:
        """Read and check everything."""
        need("numpy", "a sweep")
        arrow()
        keys = tuple([read_quantity(word, tuple(QUANTITIES), "quantity", "quantities") for word in self.quantities])
        if not keys:
            raise ArchcalcError("a sweep has at least one quantity", "quantities")
        taken = [axis.name for axis in self.space.axes if axis.name in (*keys, INDEX, PROBLEM)]
        if taken:
            raise ArchcalcError(f"an axis of a sweep is not called {taken[0]}, as another column is", "quantities")
        if self.sample is not None and (type(self.sample) is not int or self.sample < 1):
            raise ArchcalcError(f"a sample has at least 1 row, not {cut(repr(self.sample))}", "sample")
        for name, value in (
            ("quantities", tuple(dict.fromkeys(keys))),
            ("where", (self.where,) if isinstance(self.where, str) else tuple(self.where)),
            ("batch", read_batch("sweep", self.batch)),
            ("dtype", read_dtype(self.dtype)),
        ):
            object.__setattr__(self, name, value)
        _ = self.drawing
        check_predicted(self.computed, self.dtype, self.training)

    def __getstate__(self) -> dict[str, Any]:
        """The fields alone: what is worked out from them is worked out again."""
        return {each.name: getattr(self, each.name) for each in fields(self)} | {"space": replace(self.space)}

    @cached_property
    def drawing(self) -> Drawing:
        """The points that are looked at, by position."""
        return Drawing(self.space, None if self.sample is None else self.seed)

    @cached_property
    def filter(self) -> Filter:
        """The conditions, read."""
        return Filter(self.where, self.space)

    @cached_property
    def computed(self) -> tuple[str, ...]:
        """The quantities that are computed: those of the table, then those of conditions only."""
        return tuple(dict.fromkeys([*self.quantities, *self.filter.quantities]))

    @cached_property
    def working(self) -> Any:
        """What computes the quantities."""
        if self.evaluator is not None:
            return self.evaluator
        from archcalc.spaces.evaluating import Evaluator

        return Evaluator(self.space, self.computed, self.batch, self.dtype, self.training)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the table's columns, in order; `problem` is left out of a table in which there is none."""
        index = (INDEX,) if self.space.has_indices else ()
        return (*index, *self.space.names, *self.quantities, PROBLEM)

    @cached_property
    def schema(self) -> Any:
        """The Arrow schema of these columns, without metadata."""
        pyarrow = arrow()
        kinds: dict[str, Any] = {INDEX: pyarrow.int64(), PROBLEM: pyarrow.string()}
        kinds |= {axis.name: _kind(axis) for axis in self.space.axes}
        for key in self.quantities:
            kinds[key] = pyarrow.float64() if key == REAL or quantity_of(key).is_predicted else pyarrow.int64()
        return pyarrow.schema([pyarrow.field(name, kinds[name]) for name in self.columns])

    def metadata(self, drawn: int) -> dict[bytes, bytes]:
        """The metadata of the table, once `drawn` points were looked at."""
        from archcalc import __version__

        told = {
            "space": self.space.name,
            "title": self.space.title,
            "constraints": [each.text for each in self.space.constraints],
            "quantities": {key: quantity_of(key).unit for key in self.quantities},
            "batch": self.batch,
            "dtype": self.dtype,
            "where": " and ".join(self.where if len(self.where) < 2 else [f"({each})" for each in self.where]),
            "sample": self.sample,
            "seed": self.seed,
            "points": str(self.points),
            "drawn": drawn,
            "version": __version__,
        }
        return {METADATA: json.dumps(told, ensure_ascii=False).encode()}

    @cached_property
    def points(self) -> int:
        """The number of points of the space; of all combinations where those that are allowed cannot be counted."""
        try:
            return self.space.size()
        except ArchcalcError:
            return self.space.combinations

    @cached_property
    def payload(self) -> bytes:
        """The plan for another process.

        Raises ArchcalcError for a space that cannot be sent there, such as one of a function within another function.
        """
        try:
            return pickle.dumps(self)
        except Exception as error:  # noqa: BLE001  of whatever kind
            try:
                return import_module("cloudpickle").dumps(self)  # it comes with Dask
            except Exception:  # noqa: BLE001
                said = f"{self.space.name} cannot be sent to another process: {error}"
                raise ArchcalcError(f"{said}; leave out jobs, dask and executor", "jobs") from error

    def description(self) -> dict[str, Any]:
        """All that the rows depend on, as plain data: sweeps with the same description have the same rows."""
        from archcalc import __version__

        space = self.space
        return {
            "version": __version__,
            "space": space.name,
            "axes": {axis.name: axis.text for axis in space.axes},
            "constraints": [each.text for each in space.constraints],
            "network": _identity(space.network),
            "settings": {key: repr(value) for key, value in sorted(space.settings.items())},
            "input": repr(space.input),
            "functions": [_function(each) for each in (space.translate, space.assemble)],
            "quantities": list(self.quantities),
            "where": list(self.where),
            "sample": self.sample,
            "seed": None if self.sample is None else self.seed,
            "batch": repr(self.batch),
            "dtype": self.dtype,
            "training": repr(self.training),
        }

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the description."""
        return sha256(json.dumps(self.description(), sort_keys=True).encode()).hexdigest()


def _kind(axis: SpaceAxis) -> Any:
    pyarrow = arrow()
    if not axis.is_numeric:
        return pyarrow.bool_() if isinstance(axis.values[0], bool) else pyarrow.string()
    return pyarrow.float64() if isinstance(axis.values[0], float) else pyarrow.int64()


def _function(function: Any) -> str | None:
    if function is None:
        return None
    return f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', type(function).__qualname__)}"


def _identity(network: Any) -> str:
    """A name, or what a network of one's own is on its own input."""
    if not isinstance(network, Network):
        return str(network)
    nodes = "\n".join([f"{node.op!r} {node.inputs} {node.shape}" for node in network.graph().nodes])
    return f"{network.name} {sha256(nodes.encode()).hexdigest()}"
