"""Programs without calls in place: what changes a tensor gives a new one, and whoever reads the old one reads that.

PyTorch's programs keep `x[:, 1:] += y` as a change of a view, after which every name of the same storage reads the new
values. Here a change of a view is followed by calls that write it back into the tensor that it is a view of
(`slice_scatter`, `select_scatter`, the inverse of a permutation ...), and other views are taken again when they are
read. This is what `torch.export`'s own decomposition does, which would also take layers apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from archcalc.importers.program import Meta, OperatorCall, Program, Ref, Size, SizeRef, listed
from archcalc.importers.strides import is_contiguous, is_view

ALIKE = frozenset({"alias", "detach", "lift_fresh", "positive", "to", "dropout", "identity", "type_as", "float"})
"""Operators that may give the very tensor."""
RESHAPED = frozenset(
    {"view", "reshape", "flatten", "unflatten", "unsqueeze", "squeeze", "view_as", "reshape_as", "ravel", "contiguous"}
)
"""Operators that keep the order of values."""
OVERWRITING = frozenset({"copy_", "fill_", "zero_"})
"""Changes that do not depend on the values before."""
PARTS = frozenset({"split", "split_with_sizes", "chunk", "tensor_split"})
TURNED = frozenset({"transpose", "swapaxes", "t", "mT", "numpy_T"})
"""Operators that undo themselves."""
REORDERED = TURNED | {"permute", "movedim"}
PICKED = PARTS | {"slice", "select", "narrow", "unbind"}
OTHERS = frozenset({"expand", "expand_as", "as_strided", "diagonal", "unfold"})
VIEWS = ALIKE | RESHAPED | REORDERED | PICKED | OTHERS
"""Operators whose output may share the storage of their input."""


def without_changes(program: Program) -> Program:
    """The program with every change in place written as a tensor of its own."""
    if not any([is_in_place(call) for call in program.calls]):
        return program
    rewriting = _Rewriting(program)
    for call in program.calls:
        rewriting.add(call)
    return replace(
        program,
        calls=rewriting.calls,
        tensors=rewriting.tensors,
        outputs=tuple([rewriting.present(name) for name in program.outputs]),
    )


def is_in_place(call: OperatorCall) -> bool:
    """Return True if a call writes its output over its first tensor."""
    return call.operator.endswith("_") and not call.operator.endswith("__") and len(call.outputs) == 1


def _plain(call: OperatorCall) -> str:
    return call.operator.removeprefix("aten.")


@dataclass
class _Storage:
    """The values that several tensors share."""

    changes: int = 0


@dataclass
class _View:
    """A tensor: the name under which its present values are, and for a view how it is taken from another tensor."""

    name: str
    storage: _Storage = field(default_factory=_Storage)
    taken: _Taken | None = None
    changes: int = 0
    """How many changes of its storage the values under its name have seen."""


class _Taken(NamedTuple):
    """The call whose output a view is, and the tensor that it is a view of."""

    source: _View
    call: OperatorCall
    place: int


class _Rewriting:
    """The calls that are written so far."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.calls: list[OperatorCall] = []
        self.tensors: dict[str, Meta] = dict(program.tensors)
        self._views: dict[str, _View] = {}

    def add(self, call: OperatorCall) -> None:
        """Add a call on the present values of its arguments."""
        changed = call.arguments.get("self")
        overwritten = {"self"} if _plain(call) in OVERWRITING else set[str]()
        given = {key: self._read(value) for key, value in call.arguments.items() if key not in overwritten}
        self.calls.append(call._replace(arguments=given))
        if is_in_place(call) and isinstance(changed, Ref):
            self._change(self._view(changed.name), call)
        else:
            self._note_views(call)

    def present(self, name: str) -> str:
        """The name under which the present values of a tensor are."""
        return self._present(self._views[name]) if name in self._views else name

    def _view(self, name: str) -> _View:
        return self._views.setdefault(name, _View(name))

    def _read(self, value: Any) -> Any:
        if isinstance(value, Ref):
            return Ref(self.present(value.name))
        if isinstance(value, list):
            return [self._read(each) for each in listed(value)]
        return value

    def _present(self, view: _View) -> str:
        """The name of a view's present values, taken again if its storage was changed meanwhile."""
        if view.changes != view.storage.changes and view.taken is not None:
            source, call, place = view.taken
            outputs = [self._new(name) if name else "" for name in call.outputs]
            self.calls.append(_on(call, self._present(source), outputs))
            view.name, view.changes = outputs[place], view.storage.changes
        return view.name

    def _note_views(self, call: OperatorCall) -> None:
        """Remember the outputs of a call that share the storage of its input."""
        source = call.arguments.get("self", call.arguments.get("input"))
        if not isinstance(source, Ref) or _plain(call) not in VIEWS:
            return
        shared = self._view(source.name)
        for place, name in enumerate(call.outputs):
            if name and self._shares(call, source.name, name):
                self._views[name] = _View(name, shared.storage, _Taken(shared, call, place), shared.storage.changes)

    def _shares(self, call: OperatorCall, source: str, output: str) -> bool:
        """Return True if an output is a view of the source, and no copy."""
        before, after = self.program.tensors[source], self.program.tensors[output]
        operator = _plain(call)
        if operator in ("to", "type_as", "float"):
            return before.floating == after.floating
        if operator == "contiguous":
            return is_contiguous(before)
        if operator in ("reshape", "flatten", "reshape_as", "ravel"):
            return is_view(before, after)
        return operator != "dropout" or not call.arguments.get("train", False)

    def _change(self, view: _View, call: OperatorCall) -> None:
        """Give a view the values of a call's output, and all that it is a view of theirs."""
        (output,) = call.outputs
        self._views[output] = view
        if not output or 0 in self.program.tensors[output].traced:
            return
        chain = [view]
        while (taken := chain[-1].taken) is not None:
            chain.append(taken.source)
        before = [self._present(each) for each in chain]
        view.storage.changes += 1
        value = output
        for each, held in zip(chain, [*before[1:], ""], strict=True):
            each.name, each.changes = value, view.storage.changes
            if each.taken is not None:
                value = self._written(each.taken, held, value, call)

    def _written(self, view: _Taken, source: str, value: str, change: OperatorCall) -> str:
        """The tensor that a view is taken from, with the values of the view."""
        target = self._new(source)
        operator, arguments = _undone(view.call, source, value, self.tensors) or _scattered(
            view, source, value, self.tensors
        )
        written = {"operator": f"aten.{operator}", "overload": "", "function": "", "outputs": (target,)}
        self.calls.append(change._replace(arguments=arguments, **written))
        return target

    def _new(self, name: str) -> str:
        """A new tensor that is like another."""
        new = f"{name.partition('@')[0]}@{len(self.calls)}"
        self.tensors[new] = self.tensors[name]
        return new


def _on(call: OperatorCall, source: str, outputs: Sequence[str]) -> OperatorCall:
    """The same call of another tensor."""
    key = "self" if "self" in call.arguments else "input"
    return call._replace(arguments={**call.arguments, key: Ref(source)}, outputs=tuple(outputs))


def _undone(
    view: OperatorCall, source: str, value: str, tensors: Mapping[str, Meta]
) -> tuple[str, dict[str, Any]] | None:
    """The operator that gives a view's source, and its arguments; None for a view that has not all its values."""
    given, operator = view.arguments, _plain(view)
    axes, sizes = len(tensors[source].sizes), tensors[source].sizes
    undone: dict[str, Any] = {"self": Ref(value)}
    if operator in RESHAPED:
        return "reshape", undone | {"shape": [_argument(size) for size in sizes]}
    if operator in TURNED:
        return operator, {**given, **undone}
    if operator == "permute":
        order = [axis % axes for axis in given["dims"]]
        return "permute", undone | {"dims": [order.index(axis) for axis in range(axes)]}
    if operator == "movedim":
        return "movedim", undone | {"source": given["destination"], "destination": given["source"]}
    return ("alias", undone) if operator in ALIKE or sizes == tensors[value].sizes else None


def _scattered(view: _Taken, source: str, value: str, tensors: Mapping[str, Meta]) -> tuple[str, dict[str, Any]]:
    """The operator that writes a view, which is a part of its source, back into it, and its arguments."""
    given, operator = view.call.arguments, _plain(view.call)
    axis: int = given.get("dim", 0)
    written: dict[str, Any] = {"self": Ref(source), "src": Ref(value), "dim": axis}
    if operator in ("select", "unbind"):
        return "select_scatter", written | {"index": given.get("index", view.place)}
    if operator == "slice":
        return "slice_scatter", {**{key: given[key] for key in ("start", "end", "step") if key in given}, **written}
    if operator == "narrow":
        return "slice_scatter", written | {"start": given["start"], "end": _sum((given["start"], given["length"]))}
    if operator in PARTS:
        sizes: list[Size] = [tensors[name].sizes[axis] for name in view.call.outputs[: view.place + 1]]
        return "slice_scatter", written | {"start": _sum(sizes[:-1]), "end": _sum(sizes)}
    return f"{operator}_scatter", {**given, **written}


def _sum(sizes: Iterable[Size | SizeRef]) -> int | SizeRef:
    """The sum of some sizes, as an argument."""
    sizes = list(sizes)
    numbers = [size for size in sizes if isinstance(size, int)]
    if len(numbers) == len(sizes):
        return sum(numbers)
    texts = [f"Integer({size})" if isinstance(size, int) else _text(size) for size in sizes]
    return SizeRef(texts[0] if len(texts) == 1 else f"Add({', '.join(texts)})")


def _text(size: str | SizeRef) -> str:
    return size.text if isinstance(size, SizeRef) else size


def _argument(size: Size) -> int | SizeRef:
    return size if isinstance(size, int) else SizeRef(size)
