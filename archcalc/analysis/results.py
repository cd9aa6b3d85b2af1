"""Results of `analyze`: frozen, and as plain data for JSON, CSV and pandas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.algebra.dims import Dim
from archcalc.analysis.quantities import Totals
from archcalc.base.extras import need
from archcalc.conventions.results import Counting, counting_dict

if TYPE_CHECKING:
    import pandas

DTYPES: Mapping[str, int] = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
"""Bytes of one value."""


class ReceptiveField(NamedTuple):
    """The part of the input that one unit of a layer sees, on each axis: (height, width) of an image.

    `size`, `stride` and `offset` (first position of the first unit; negative in the padding) are in input positions,
    and None if the unit's field is no window: it sees the `whole_input`, or the windows are `irregular`, or it does
    not depend on the first of several inputs. After upsampling `stride` may be a fraction and `size` is the largest of
    a period. `local` is the field without the branches that see the whole input (gates).
    """

    size: tuple[Dim, ...] | None
    stride: tuple[Any, ...] | None
    offset: tuple[Dim, ...] | None
    whole_input: bool = False
    irregular: bool = False
    local: ReceptiveField | None = None


class Layer(NamedTuple):
    """One row of the cost table (or one op, in detail). Counts are for one image."""

    name: str
    row: str
    op: str
    attributes: Mapping[str, Any]
    output_shape: tuple[Dim, ...]
    activations: Dim
    """Elements of the output."""
    params: Dim
    """Learnable values of all ops in the row."""
    buffers: Dim
    mult_adds: Dim
    receptive_field: ReceptiveField
    in_place: bool = False
    """True if `activation_sum` leaves the row out: it only normalises, activates or rearranges its input."""
    counted: Dim | None = None
    """The count of the row under the requested convention; None without one."""


@dataclass(frozen=True)
class Analysis:
    """The cost table of one architecture at one input."""

    architecture: str
    citation: str
    input: tuple[Dim, ...]
    batch: Dim
    dtype: str
    convention: str
    hyperparameters: Mapping[str, Any]
    """Hyperparameters that the name fixes or the request gives, without defaults."""
    changed: Mapping[str, Any]
    """Hyperparameters that the request gives."""
    totals: Totals
    layers: tuple[Layer, ...] = field(repr=False)
    counting: Counting | None = None
    """The count under the requested convention; None without one."""
    remarks: tuple[str, ...] = ()
    """Sentences on an imported network: operators that are not counted, weights that are not used, fixed sizes."""

    @property
    def element_bytes(self) -> int:
        """Bytes of one value of the dtype."""
        return DTYPES[self.dtype]

    def to_dict(self) -> dict[str, Any]:
        """The result as plain lists and dictionaries, as `--format json` prints it."""
        return {
            "architecture": self.architecture,
            "citation": self.citation,
            "input": list(self.input),
            "batch": self.batch,
            "dtype": self.dtype,
            "convention": self.convention,
            "hyperparameters": dict(self.hyperparameters),
            "totals": self.totals.to_dict(),
            **({} if self.counting is None else {"counting": counting_dict(self.counting)}),
            "layers": [_layer_dict(layer, len(self.input) - 1) for layer in self.layers],
            **({"remarks": list(self.remarks)} if self.remarks else {}),
        }

    def records(self) -> list[dict[str, Any]]:
        """A flat dictionary for each layer, as in `--format csv` and `to_pandas`. A field that is no window is None."""
        axes, element_bytes = self._axes, self.element_bytes * self.batch
        return [_record(layer, element_bytes, axes, len(self.input) - 1) for layer in self.layers]

    @property
    def inputs(self) -> tuple[tuple[Dim, ...], ...]:
        """The shapes of all inputs; of most networks one."""
        return (self.input, *[layer.output_shape for layer in self.layers if layer.op == "input"][1:])

    @property
    def _axes(self) -> tuple[str, ...]:
        """The names of the axes of the network's maps."""
        found = {axis: None for layer in self.layers for axis in axis_names(layer.output_shape)}
        usual = ("length", "depth", "height", "width")
        return (*[axis for axis in usual if axis in found], *sorted(found.keys() - set(usual)))

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each layer, with the fields of `records`; whole numbers stay whole beside missing ones."""
        return need("pandas", "to_pandas").DataFrame(self.records()).convert_dtypes()

    def _repr_html_(self) -> str:
        """The table in a notebook: the main columns, with totals above."""
        counts = ["activations", "memory_bytes", "params", "mult_adds"]
        columns = ["name", "op", "kernel", "stride", "channels", *self._axes, *counts]
        fields = [f"receptive_field_size_{axis}" for axis in self._axes]
        head = "".join(f"<th>{name}</th>" for name in [*columns, *[f"field {axis}" for axis in self._axes]])
        rows = [[row.get(key) for key in (*columns, *fields)] for row in self.records()]
        body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
        totals = self.totals
        memory = totals.activation_sum * self.element_bytes * self.batch
        sums = [totals.activation_sum, memory, totals.params, totals.mult_adds]
        blank = [None] * (len(columns) - len(counts) - 1)
        foot = "".join(map(_cell, ["total", *blank, *sums, *[None] * len(fields)]))
        sizes = ", ".join([" x ".join(map(str, each)) for each in self.inputs])
        who = " ".join([self.architecture, *settings_text(self.changed)])
        said = f"{_digits(totals.params)} params, {_digits(totals.mult_adds)} mult-adds"
        batch = "" if isinstance(self.batch, int) and self.batch == 1 else f", batch {self.batch}"
        about = f"<p><b>{_escaped(who)}</b>, input {sizes}{batch}: {said}</p>"
        table = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody><tfoot><tr>{foot}</tr></tfoot>"
        return f'{about}<table class="dataframe">{table}</table>'


def _digits(value: Any) -> str:
    """A count with all its digits, in groups of three; a symbol, an array or a word as it is."""
    return f"{value:,}" if type(value) is int else str(value)


def _cell(value: Any) -> str:
    return f"<td>{_escaped('' if value is None else _digits(value))}</td>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def labels(analyses: Sequence[Analysis]) -> list[str]:
    """Words that tell several analyses apart: the name and the settings; where these are equal, the input and more.

    >>> from archcalc import analyze
    >>> labels([analyze("vgg16"), analyze("vgg16", depth=19), analyze("vgg16", input=(3, 64, 64))])
    ['vgg16 3x224x224', 'vgg16 depth=19', 'vgg16 3x64x64']
    """
    found = [" ".join([each.architecture, *settings_text(each.changed)]) for each in analyses]
    further = [
        ["x".join(map(str, each.input)) for each in analyses],
        [f"batch {each.batch}" for each in analyses],
        [each.dtype for each in analyses],
    ]
    for words in further:
        alike: dict[str, set[str]] = {}
        for label, word in zip(found, words, strict=True):
            alike.setdefault(label, set()).add(word)
        pairs = zip(found, words, strict=True)
        found = [f"{label} {word}" if len(alike[label]) > 1 else label for label, word in pairs]
    return found


def settings_text(settings: Mapping[str, Any]) -> list[str]:
    """Hyperparameters as on the command line: KEY=VALUE; what would break a line is written as an escape."""
    texts = {key: str(value).lower() if type(value) is bool else str(value) for key, value in settings.items()}
    return [f"{key}={text if text.isprintable() else repr(text)}" for key, text in texts.items()]


AXES: Mapping[int, tuple[str, ...]] = {1: (), 2: ("length",), 3: ("height", "width"), 4: ("depth", "height", "width")}
"""The names of the axes after the channels, by the length of the shape."""


def axis_names(shape: Sequence[Any]) -> tuple[str, ...]:
    """The names of the axes after the channels, in tables of one line for each layer.

    >>> axis_names((64, 56, 56)), axis_names((64, 3, 2, 49, 49))
    (('height', 'width'), ('axis2', 'axis3', 'axis4', 'axis5'))
    """
    return AXES.get(len(shape), tuple([f"axis{number}" for number in range(2, len(shape) + 1)]))


def layer_axes(layer: Layer, otherwise: int) -> int:
    """The number of axes of a layer's output; for a vector `otherwise`, the number of the network's input."""
    return len(layer.output_shape) - 1 or otherwise


def _layer_dict(layer: Layer, otherwise: int) -> dict[str, Any]:
    axes = layer_axes(layer, otherwise)
    rf = layer.receptive_field
    plain = layer._asdict()
    if layer.counted is None:
        del plain["counted"]
    plain["attributes"] = {key: _listed(key, value, axes) for key, value in layer.attributes.items()}
    plain["output_shape"] = list(layer.output_shape)
    plain["receptive_field"] = field_dict(rf)
    return plain


def field_dict(rf: ReceptiveField) -> dict[str, Any] | None:
    if rf.size is None:
        local = None if rf.local is None else field_dict(rf.local)
        return {
            "size": None,
            "stride": None,
            "offset": None,
            "whole_input": rf.whole_input,
            "irregular": rf.irregular,
            "local": local,
        }
    return {
        "size": list(rf.size),
        "stride": [_number(side) for side in rf.stride or ()],
        "offset": list(rf.offset or ()),
        "whole_input": False,
    }


def _by_axis(prefix: str, names: Sequence[str], shape: Sequence[Any]) -> dict[str, Any]:
    """Sizes (channels, ...) by the names of a table's columns; None under an axis that the shape does not have."""
    given = dict(zip(("channels", *axis_names(shape)), shape, strict=False))
    return {prefix + name: given.get(name) for name in names}


def _listed(key: str, value: Any, axes: int) -> Any:
    """A field as JSON shows it: tuples as lists, and one number for all axes written as [height, width]."""
    if key in ("kernel", "stride", "padding", "dilation", "output_padding") and type(value) is int:
        return [value] * axes
    sides: Any = value
    return [_listed("", side, axes) for side in sides] if type(value) is tuple else value


def _flat(value: Any) -> Any:
    """Lists joined by x, for a cell of CSV."""
    sides: Any = value
    return "x".join(str(_flat(side)) for side in sides) if type(value) is list else value


def _number(value: Any) -> Any:
    """A fraction as a float if that is exact (powers of two), else as text; whole numbers as they are."""
    if isinstance(value, int):
        return value
    return float(value) if value.denominator & (value.denominator - 1) == 0 else str(value)


def _record(layer: Layer, element_bytes: Dim, axes: Sequence[str], otherwise: int) -> dict[str, Any]:
    rf = layer.receptive_field
    record: dict[str, Any] = {"name": layer.name, "row": layer.row, "op": layer.op}
    for key in ("kernel", "stride", "padding", "groups"):
        record[key] = _flat(_listed(key, layer.attributes.get(key), layer_axes(layer, otherwise)))
    record |= _by_axis("", ("channels", *axes), layer.output_shape)
    record |= {
        "activations": layer.activations,
        "memory_bytes": layer.activations * element_bytes,
        "params": layer.params,
        "buffers": layer.buffers,
        "mult_adds": layer.mult_adds,
        **({} if layer.counted is None else {"counted": layer.counted}),
    }
    for key, sides in (("size", rf.size), ("stride", rf.stride), ("offset", rf.offset)):
        record |= _by_axis(f"receptive_field_{key}_", axes, (None, *(sides or ())))
    return record | {"whole_input": rf.whole_input}
