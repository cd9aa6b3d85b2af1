"""Design spaces of requests, and the pieces of sweeps over them, as messages.

A space of the catalogue is sent as its name or as the network, axes and constraints. No function is sent, and no model
of one's own: nothing of a client is run.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.graph import Network
from archcalc.service.bounds import limits
from archcalc.service.messages.fields import (
    DIGITS,
    PLAINS,
    SHAPE,
    VALUE,
    MessageField,
    Record,
    Unsendable,
    Word,
    many,
    mapped,
)
from archcalc.service.messages.training import TRAINING
from archcalc.spaces.arrow import arrow
from archcalc.spaces.axes import SpaceAxis, as_fraction, check_name
from archcalc.spaces.files import parse_space
from archcalc.spaces.named import find_space, named_space
from archcalc.spaces.space import DesignSpace
from archcalc.spaces.streaming import ENDS, KINDS, SweepColumn, SweepEnd, SweepHeader, SweepPart
from archcalc.spaces.sweeping import space_of
from archcalc.v1 import archcalc_pb2 as contract

MOST_AXES = int(limits("DesignSpace", "axes")[1])
MOST_SINGLE = int(limits("SpaceAxis", "values")[1])
"""Values of an axis that are sent one by one, at most."""
HYPERPARAMETERS = mapped(VALUE)
COLUMN_KIND = Word("kind", contract.ColumnKind, KINDS)
SWEEP_ENDED = Word("end", contract.SweepEnded, ENDS)


# --- Spaces.


def _write_space(given: Any) -> dict[str, Any]:
    """The fields of a space, or of the one that a name or the path of a TOML file means. Raises ArchcalcError."""
    space = space_of(given)
    known = find_space(space.name) if space.translate or space.assemble else None
    if known is not None and _is_of(space, known):
        old = {axis.name: axis for axis in known.axes}
        texts = [each.text for each in known.constraints]
        changed = [axis for axis in space.axes if axis != old[axis.name]]
        further = [each.text for each in space.constraints if each.text not in texts]
        return {"name": known.name, "axes": [_write_axis(axis) for axis in changed], "constraints": further}
    own = isinstance(space.network, Network) and space.network.family is None
    if own or space.translate is not None or space.assemble is not None:
        what = "a network" if own else "functions"
        said = (
            f"a server sweeps networks of the catalogue: sweep {space.name}, with {what} of your own, on this machine"
        )
        raise ArchcalcError(said, "space")
    return {
        "network": space.network if isinstance(space.network, str) else space.network.name,
        "axes": [_write_axis(axis) for axis in space.axes],
        "constraints": [each.text for each in space.constraints],
        "input": None if space.input is None else SHAPE.write(space.input),
        "hyperparameters": HYPERPARAMETERS.write(space.settings),
        "title": space.name,
    }


def _is_of(space: DesignSpace, known: DesignSpace) -> bool:
    """Return True if a space is a known one with other values of axes, or with further constraints."""
    kept = {each.text for each in known.constraints} <= {each.text for each in space.constraints}
    same = all([getattr(space, key) == getattr(known, key) for key in ("names", "translate", "assemble", "repeats")])
    return kept and same and dict(space.settings) == dict(known.settings) and space.input == known.input


def _write_axis(axis: SpaceAxis) -> dict[str, Any]:
    """An axis: as text if that means the same values, otherwise its values one by one, as -0.0, which no text means."""
    signed = type(axis.values[0]) is float and any([str(value) == "-0.0" for value in axis.values if value == 0])
    for text in _texts(axis):
        try:
            read = SpaceAxis.read(axis.name, text).values
        except ArchcalcError:
            continue
        if read == axis.values and type(read[0]) is type(axis.values[0]) and not signed:
            return {"name": axis.name, "text": text}
    if len(axis) > MOST_SINGLE:
        raise axis.error(f"a server takes up to {MOST_SINGLE:,} values that are no range")
    return {"name": axis.name, "values": [VALUE.write(value) for value in axis.values]}


def _texts(axis: SpaceAxis) -> list[str]:
    """Texts that may mean the values of an axis; the first is short."""
    values = axis.values
    if len(values) > 2 and type(values[0]) is float:
        first, second, last = [as_fraction(values[place]) for place in (0, 1, -1)]
        if first < second:
            return [f"{_decimal(first)}..{_decimal(last)}:{_decimal(second - first)}", axis.text]
    return [axis.text]


def _decimal(number: Fraction) -> str:
    """A number in decimal digits, without an exponent."""
    text = repr(float(number))
    return text if "e" not in text else f"{float(number):.18f}"


def _read_space(message: Any) -> DesignSpace:
    """The space of a message. Raises ArchcalcError with the invalid field of the message in `about`."""
    return _space_of(message.SerializeToString(deterministic=True))


@lru_cache(maxsize=4)
def _space_of(raw: bytes) -> DesignSpace:
    """The space of the bytes of a message: the same one for each turn of a stream."""
    message = contract.DesignSpace.FromString(raw)
    axes = {each.name: _read_axis(each) for each in message.axes}
    if len(axes) < len(message.axes):
        raise _error("axes", "two axes have the same name")
    source = message.WhichOneof("source")
    try:
        space = _made(message, source, axes)
    except ArchcalcError as error:
        error.about = _place(error.about, source)
        raise
    if len(space.axes) > MOST_AXES:
        raise _error("toml", f"a space has at most {MOST_AXES} axes here, not {len(space.axes)}")
    return space


def _made(message: Any, source: str | None, axes: dict[str, SpaceAxis]) -> DesignSpace:
    constraints = list(message.constraints)
    if source == "network":
        settings = HYPERPARAMETERS.read(message.hyperparameters)
        for name, value in settings.items():
            if not isinstance(value, (bool, int, float, str)):
                said = f"a hyperparameter is a number, true or false, or a text, and {shown(name)} is not"
                raise ArchcalcError(said, "hyperparameters")
        return DesignSpace.of(
            message.network,
            over=tuple(axes.values()),
            where=constraints,
            settings=settings,
            input=SHAPE.read(message.input) if message.HasField("input") else None,
            name=message.title,
        )
    if source is None:
        raise ArchcalcError("a space is that of a name, of a text in TOML, or of a network", "name")
    for field in ("input", "hyperparameters", "title"):
        if message.HasField(field) if field == "input" else bool(getattr(message, field)):
            raise ArchcalcError(f"{field} is for a space of a network", field)
    space = named_space(message.name) if source == "name" else parse_space(message.toml, "space.toml")
    return space.narrowed(tuple(axes.values()), constraints) if axes or constraints else space


def _error(about: str, said: str) -> ArchcalcError:
    return ArchcalcError(said, about)


def _place(about: str, source: str | None) -> str:
    """The field of the message that an error is about."""
    root = about.partition(".")[0]
    if root in contract.DesignSpace.DESCRIPTOR.fields_by_name and root not in ("name", "network"):
        return about if root == "hyperparameters" else root
    return {"settings": "hyperparameters", "where": "constraints"}.get(root, source or "name")


def _read_axis(message: Any) -> SpaceAxis:
    try:
        check_name(message.name)
        if message.text and message.values:
            raise _error("axes", f"axis {message.name}: it has values as text and one by one; give one of them")
        if not message.values:
            return SpaceAxis.read(message.name, message.text)
        return SpaceAxis.of(message.name, [VALUE.read(each) for each in message.values])
    except ArchcalcError as error:
        error.about = "axes"
        raise
    except Unsendable as error:
        raise _error("axes", f"axis {message.name}: {error}") from None


SPACE = MessageField(_write_space, _read_space)
"""A design space: a DesignSpace, its name, or the path of a TOML file, which is read by the client."""


def _read_training(message: Any) -> Any:
    try:
        return TRAINING.read(message)
    except ArchcalcError as error:
        error.about = error.about.removeprefix("training.")
        raise


SWEEP_TRAINING = MessageField(TRAINING.write, _read_training)
"""A way of training as an argument of its own."""


# --- Pieces.

SWEEP_COLUMN = Record(SweepColumn, "name unit label", kind=COLUMN_KIND)
SWEEP_HEADER = Record(
    SweepHeader, "space", columns=many(SWEEP_COLUMN), points=DIGITS, constraints=PLAINS, remarks=PLAINS
)
SWEEP_END = Record(SweepEnd, "drawn", ended=SWEEP_ENDED)


def _write_part(part: SweepPart) -> dict[str, Any]:
    columns: list[Any] = part.batch.columns if part.batch.num_rows else []
    return {"rows": part.batch.num_rows, "columns": [_write_column(each) for each in columns], "drawn": part.drawn}


def _write_column(column: Any) -> dict[str, Any]:
    """The values of an Arrow array."""
    pyarrow = arrow()
    kind = column.type
    if column.null_count == len(column):
        return {}
    fields: dict[str, Any] = {}
    if column.null_count:
        fields["missing"] = column.is_null().to_numpy(zero_copy_only=False).nonzero()[0].tolist()
    if pyarrow.types.is_string(kind):
        coded = column.dictionary_encode()
        fields["texts"] = coded.dictionary.to_pylist()
        fields["places"] = coded.indices.fill_null(0).to_pylist()
    elif pyarrow.types.is_boolean(kind):
        fields["flags"] = column.fill_null(fill_value=False).to_pylist()
    else:
        filled = column.fill_null(0) if column.null_count else column
        fields["whole" if pyarrow.types.is_integer(kind) else "real"] = filled.to_numpy().tolist()
    return fields


def _read_part(message: Any) -> SweepPart:
    columns = [_read_column(each, message.rows) for each in message.columns]
    names = [str(place) for place in range(len(columns))]
    return SweepPart(arrow().RecordBatch.from_arrays(columns, names=names), message.drawn)


def _read_column(message: Any, rows: int) -> Any:
    """The values as an Arrow array, of the type null if there are none."""
    import numpy

    pyarrow = arrow()
    mask = None
    if message.missing:
        mask = numpy.zeros(rows, dtype=bool)
        mask[list(message.missing)] = True
    if message.places:
        places = pyarrow.array(list(message.places), pyarrow.int32(), mask=mask)
        return pyarrow.array(list(message.texts), pyarrow.string()).take(places)
    kinds = ((message.whole, "int64"), (message.real, "float64"), (message.flags, "bool_"))
    for values, kind in kinds:
        if values:
            return pyarrow.array(list(values), getattr(pyarrow, kind)(), mask=mask)
    return pyarrow.nulls(rows)


SWEEP_PART = MessageField(_write_part, _read_part)


def _write_piece(piece: Any) -> dict[str, Any]:
    if isinstance(piece, SweepPart):
        return {"part": SWEEP_PART.write(piece)}
    return {"header": SWEEP_HEADER.write(piece)} if isinstance(piece, SweepHeader) else {"end": SWEEP_END.write(piece)}


def _read_piece(message: Any) -> Any:
    name = message.WhichOneof("piece")
    if name is None:
        raise Unsendable("a message of a sweep is empty")
    return {"header": SWEEP_HEADER, "part": SWEEP_PART, "end": SWEEP_END}[name].read(getattr(message, name))


SWEEP_PIECE = MessageField(_write_piece, _read_piece)
