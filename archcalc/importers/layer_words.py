"""Words of a layer list: every op of `archcalc.ops`, its fields in the notation of the tables, and other spellings.

A word is an op's name in lower case. Its fields follow in their order, or as `field=value`; `7x7/2 p3 d2 g32` are
kernel, stride, padding, dilation and groups, and the name of a switch sets it, with `no` before it clears it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from archcalc import ops
from archcalc.algebra.dims import Shape
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import nearest, shown
from archcalc.graph import HEADING, Op
from archcalc.importers.layer_amounts import Amount, Scope, read_amount
from archcalc.importers.layer_fields import FieldSetting, field_reader, fixed, one_number

SPELLINGS = {
    "convolution": "conv",
    "dwconv": "depthwise",
    "depthwiseconv": "depthwise",
    "deconv": "convtranspose",
    "upconv": "convtranspose",
    "fc": "linear",
    "dense": "linear",
    "bn": "batchnorm",
    "ln": "layernorm",
    "lrn": "localresponsenorm",
    "swish": "silu",
    "gap": "globalavgpool",
    "cat": "concat",
    "mul": "multiply",
    "shuffle": "channelshuffle",
}
"""Other words for ops."""
DEPTHWISE = "depthwise"
"""A convolution with a group for each channel of its input, `times` as many outputs."""
SHORT = {"/": "stride", "p": "padding", "d": "dilation", "g": "groups"}
"""The signs that stand before a field in the notation of the tables."""
SIDES = frozenset({"top", "bottom", "left", "right"})


class OpWord(NamedTuple):
    """An op as a line writes it: its class, and its fields, computed once the hyperparameters are known."""

    word: str
    op: type[Op]
    fields: dict[str, FieldSetting]
    others: tuple[str, ...]
    """Labels of further inputs."""
    times: Amount | None = None
    """Outputs for each channel, of a depthwise convolution."""

    @property
    def names(self) -> list[str]:
        """The hyperparameters that its fields read."""
        own = self.times.names if self.times is not None else ()
        return [*own, *[name for setting in self.fields.values() for name in setting.names]]

    @property
    def switches(self) -> list[str]:
        """The words that may stand after it without being numbers."""
        truths = [name for name in self.op.fields if self.op.__annotations__[name] == "bool"]
        pads = ["same", "valid"] if "padding" in self.op.fields else []
        return [*pads, *truths, *[f"no{name}" for name in truths]]

    @property
    def heads(self) -> bool:
        """True if it heads a row of the table."""
        return self.op.role in HEADING

    def made(self, scope: Scope, shape: Shape) -> Op:
        """The op on an input of that shape. Raises ArchcalcError for a field that it cannot have."""
        given = {name: setting.read(scope) for name, setting in self.fields.items()}
        if "channels_first" in self.op.fields and "channels_first" not in given and len(shape) > 1:
            raise ArchcalcError(f"{self.word} on {len(shape)} axes needs the word channels_first or channels_last")
        if self.times is not None:
            channels = next(iter(shape))
            given |= {"out": channels * self.times.size(scope), "groups": channels}
        if given.get("padding") is not None and set(self.op.fields) >= SIDES:
            given |= _margins(given.pop("padding"))
        if "kernel" in given and "stride" in self.op.fields and "stride" not in vars(self.op):
            given.setdefault("stride", one_number(given["kernel"]))
        missing = [name for name in self.op.fields if name not in given and name not in vars(self.op)]
        if missing:
            raise ArchcalcError(f"{self.word} needs {', '.join(missing)}")
        return self.op(**given)


@cache
def known_words() -> dict[str, str]:
    """The word of every op with the name of its class, those that no line can write left out."""
    every: Any = ops
    names: list[str] = every.__all__
    return {name.lower(): name for name in names if _can_be_written(getattr(ops, name))}


def find_op(word: str) -> tuple[type[Op], str] | None:
    """The op of a word, in any case, and the word itself; None if no op has it."""
    plain = re.sub(r"[-_]", "", word.lower())
    plain = SPELLINGS.get(plain, plain)
    name = "Conv" if plain == DEPTHWISE else known_words().get(plain)
    return (getattr(ops, name), plain) if name is not None else None


def spelled() -> list[str]:
    """All words for ops, for the nearest ones to an unknown word."""
    return [*known_words(), *SPELLINGS, DEPTHWISE]


def inputs_of(op: type[Op]) -> int | None:
    """The number of inputs that an op takes; None for any number."""
    code: Any = op.shape.__code__
    return None if code.co_flags & 0x04 else code.co_argcount - 1  # 0x04: it has *inputs


def read_op(word: str, details: Sequence[str]) -> OpWord:
    """An op with its fields. Raises ArchcalcError, with the nearest known word, for what cannot be read."""
    found = find_op(word)
    if found is None:
        near = nearest(word, spelled())
        hint = f"nearest: {', '.join(near)}" if near else "`python -c 'help(archcalc.ops)'` lists them"
        raise ArchcalcError(f"no layer is called {shown(word)}; {hint}")
    op, plain = found
    reader = _DetailReader(word, op, plain == DEPTHWISE)
    for detail in details:
        reader.read(detail)
    times = (reader.times or read_amount("1")) if plain == DEPTHWISE else None
    return OpWord(word, op, reader.fields, tuple(reader.others), times)


class _DetailReader:
    """Reads the words after an op's, one after another."""

    def __init__(self, word: str, op: type[Op], depthwise: bool) -> None:
        self.word = word
        self.op = op
        self.fields: dict[str, FieldSetting] = {}
        self.others: list[str] = []
        self.times: Amount | None = None
        self._depthwise = depthwise
        self._own = [name for name in op.fields if not (depthwise and name in ("out", "groups"))]
        places = [name for name in self._own if op.__annotations__[name] != "bool"]
        self._places = [] if set(op.fields) >= SIDES else places

    def read(self, detail: str) -> None:
        """Take a field or the label of an input from one word. Raises ArchcalcError if it is neither."""
        kernel, slash, stride = detail.partition("/")
        if slash and stride and re.fullmatch(r"\d+(x\d+)*", kernel, re.ASCII) and self._left()[:1] == ["kernel"]:
            self.read(kernel)
            detail = "/" + stride
        key, equals, value = detail.partition("=")
        if equals:
            self._set(key, value)
        elif not (self._switch(detail) or self._short(detail)):
            self._in_place(detail)

    def _switch(self, detail: str) -> bool:
        detail = {"channels_last": "nochannels_first"}.get(detail, detail)
        off = detail.startswith("no") and detail[2:] in self.op.fields
        name = detail[2:] if off else detail
        if name in self._own and self.op.__annotations__[name] == "bool":
            self._keep(name, fixed(not off))
            return True
        if detail in ("same", "valid") and "padding" in self._own:
            self._keep("padding", fixed("same" if detail == "same" else 0))
            return True
        return False

    def _short(self, detail: str) -> bool:
        found = re.fullmatch(r"([pdg])(\d[\dx:]*)|(/)(.+)", detail)
        if found is None:
            return False
        self._set(SHORT[found[1] or found[3]], found[2] or found[4])
        return True

    def _in_place(self, detail: str) -> None:
        left = self._left()
        if left and (self._taken_as_label(detail) is None or not self._more_inputs()):
            self._set(left[0], detail)
        elif self._taken_as_label(detail) is not None and self._more_inputs():
            self.others.append(detail)
        else:
            raise ArchcalcError(f"{shown(detail)} is nothing that {self.word} has; {self._has()}")

    def _left(self) -> list[str]:
        """The fields that the next word without a sign may be."""
        return [name for name in self._places if name not in self.fields]

    def _taken_as_label(self, detail: str) -> str | None:
        return detail if re.fullmatch(r"[A-Za-z_][\w-]*", detail) else None

    def _more_inputs(self) -> bool:
        return inputs_of(self.op) != 1

    def _set(self, key: str, value: str) -> None:
        if key == "times" and self._depthwise:
            self.times = read_amount(value)
            if self.times is None:
                raise ArchcalcError(f"times is a whole number, not {shown(value)}")
            return
        both = {*self._own, "padding"} if set(self.op.fields) >= SIDES else {*self._own}
        if key not in both:
            near = nearest(key, sorted(both))
            raise ArchcalcError(f"{self.word} has no {shown(key)}; {f'nearest: {near[0]}' if near else self._has()}")
        kind = "Padding" if key not in self.op.fields else self.op.__annotations__[key]
        read = field_reader(kind)
        setting = read(value) if read is not None else None
        if setting is None:
            raise ArchcalcError(f"{key} of {self.word} cannot be {shown(value)}")
        self._keep(key, setting)

    def _keep(self, key: str, setting: FieldSetting) -> None:
        if key in self.fields:
            raise ArchcalcError(f"{self.word} is given {key} twice")
        self.fields[key] = setting

    def _has(self) -> str:
        return f"it has {', '.join(self._own)}" if self._own else "it has no fields"


def _margins(padding: Any) -> dict[str, int]:
    """Padding as the fields of the sides: top and bottom, left and right."""
    given: Any = padding
    each: tuple[Any, ...] = given if isinstance(padding, tuple) else (padding,) * 2
    if isinstance(padding, str):
        raise ArchcalcError(f"a margin is a number, not {shown(padding)}")
    names = ("front", "back", "top", "bottom", "left", "right")[-2 * len(each) :]
    sizes: list[int] = []
    for side in each:
        sizes += side if isinstance(side, tuple) else (side, side)
    return dict(zip(names, sizes, strict=True))


def _can_be_written(op: type[Op]) -> bool:
    """Return True if a line can write an op: it is known, has inputs, and no field needs commas, as equations do."""
    if "equation" in op.fields or "operator" in op.fields:
        return False
    needed = [name for name in op.fields if name not in vars(op)]
    return inputs_of(op) != 0 and all(
        [name not in needed or field_reader(op.__annotations__[name]) is not None for name in op.fields]
    )
