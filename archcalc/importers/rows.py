"""Rows of an imported graph: each layer is a row named by its module, with the ops that follow it there."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.graph import HEADING, Graph, Op, Value

BEFORE = frozenset({"conv", "linear"})
"""Roles of layers whose normalisation is in the same row."""


class RowNames:
    """The rows of a graph that is being built.

    Ops that only move values are shown with the op that needs them: in the row that the next op opens, before it.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._taken = {node.row for node in graph.nodes}
        self._counts: dict[str, int] = {}
        self._waiting: list[int] = []

    def of(self, op: Op, inputs: Sequence[Value], path: str, own: bool) -> str:
        """The row of the next op: that of the op before it if it follows that, else a new one.

        `own` says that the module of this path is the op: its name is the row's. Else the op's kind is added.
        """
        nodes = self._graph.nodes
        last = nodes[-1] if nodes else None
        known = last is not None and last.op.role != "input"
        if op.role == "layout" and op.kind != "resize" and not self._learns(op, inputs):
            self._waiting.append(len(nodes))
            if known:
                return last.row if last is not None else ""
        elif known and self._joins(op, inputs, path):
            self._waiting.clear()
            return last.row if last is not None else ""
        label = self._new(path if own and path else f"{path}.{op.kind}" if path else op.kind)
        for index in self._waiting:
            if index < len(nodes):
                nodes[index] = nodes[index]._replace(row=label)
        if op.role != "layout" or op.kind == "resize":
            self._waiting.clear()
        return label

    def _learns(self, op: Op, inputs: Sequence[Value]) -> bool:
        return not inputs and bool(op.params().learnable)

    def _joins(self, op: Op, inputs: Sequence[Value], path: str) -> bool:
        """Return True if an op is shown in the row of the op before it."""
        nodes = self._graph.nodes
        row = nodes[-1].row
        if op.role in HEADING or not inputs:
            return False
        if not any([nodes[value.index].row == row for value in inputs]):
            return False
        if op.role != "norm":
            return True
        head = next((node.op.role for node in reversed(nodes) if node.row == row and node.op.role in HEADING), "")
        return head in BEFORE and _parent(row) == _parent(path)

    def _new(self, label: str) -> str:
        count = self._counts.get(label, 0) + 1
        name = label if count == 1 else f"{label}{count}"
        while name in self._taken:
            count += 1
            name = f"{label}{count}"
        self._counts[label] = count
        self._taken.add(name)
        return name

    def forget(self) -> None:
        """Free the names of rows whose ops were taken back."""
        self._taken = {node.row for node in self._graph.nodes}
        self._waiting = [index for index in self._waiting if index < len(self._graph.nodes)]
        self._counts.clear()


def _parent(path: str) -> str:
    return path.rpartition(".")[0]
