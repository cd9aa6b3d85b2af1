"""The time for which Python code holds values, and the ops that write over their input.

A module's input is an argument of its call, so the caller holds it while all parts of the module run, and with it
everything that this input shares storage with. Values made inside are taken to be freed after their last use. Where the
run of a traced model was observed, its graph says which values the code holds longer, and this rule is not needed.
"""

from __future__ import annotations

from archcalc.algebra.dims import certainly_equal
from archcalc.graph import Graph

OVERWRITING = frozenset({"relu", "relu6", "silu", "hard_swish", "leaky_relu", "elu", "add"})
"""Kinds of ops that PyTorch code commonly writes in place: activation functions whose modules take `inplace`, and the
sum at the end of a residual block."""


def module_paths(graph: Graph) -> list[tuple[str, ...]]:
    """For every node, the path of the modules around it: those of the traced model, else the blocks around its row."""
    paths: list[tuple[str, ...]] = []
    for index, node in enumerate(graph.nodes):
        origin = graph.origins.get(index)
        if origin is not None:
            paths.append(tuple(origin.module.split(".")) if origin.module else ())
        elif graph.origins and index:
            paths.append(paths[-1])
        else:
            paths.append(tuple(node.row.split(".")[:-1]))
    return paths


SAVED_AS_RESULT = frozenset({"leaky_relu", "elu", "celu", "selu"})
"""Functions whose gradient PyTorch computes from the result if they work in place, and else from the input."""


def last_readers(graph: Graph) -> list[int]:
    """For every node, the last node that reads its output, or itself; one past the end for outputs."""
    last = list(range(len(graph.nodes)))
    for index, node in enumerate(graph.nodes):
        for source in node.inputs:
            last[source] = index
    for output in graph.outputs:
        last[output] = len(last)
    return last


def releases(graph: Graph) -> list[int]:
    """For every node, the node after which the code that runs the network holds its output no longer.

    One past the end for inputs, which the caller holds, and for outputs.
    """
    ends: list[list[tuple[int, int]]] = [[] for _ in graph.nodes]
    if graph.held is None:
        ends = _module_ends(module_paths(graph))
    count = len(graph.nodes)
    until = [index if node.op.role != "input" else count for index, node in enumerate(graph.nodes)]
    for index, node in enumerate(graph.nodes):
        for source in node.inputs:
            end = index
            for start, stop in ends[index]:
                if start > source:
                    end = stop
                    break
            until[source] = max(until[source], end)
    for index, end in (graph.held or {}).items():
        until[index] = max(until[index], end)
    for output in graph.outputs:
        until[output] = count
    return until


def _module_ends(paths: list[tuple[str, ...]]) -> list[list[tuple[int, int]]]:
    """For every node, the first and the last node of each call of a module around it, outermost first."""
    around: list[list[tuple[int, int]]] = [[] for _ in paths]
    open_calls: list[tuple[str, int]] = []

    def close(depth: int, stop: int) -> None:
        while len(open_calls) > depth:
            _, start = open_calls.pop()
            for index in range(start, stop + 1):
                around[index].insert(0, (start, stop))

    for index, path in enumerate(paths):
        shared = 0
        while shared < min(len(path), len(open_calls)) and open_calls[shared][0] == path[shared]:
            shared += 1
        close(shared, index - 1)
        open_calls.extend([(name, index) for name in path[shared:]])
    close(0, len(paths) - 1)
    return around


def in_place_nodes(graph: Graph, which: str = "written") -> list[bool]:
    """For every node, True if it writes its output over its first input; `which` is a row of `IN_PLACE`.

    As the code says, where a traced model is behind the graph; else where PyTorch code commonly does so, and autograd
    allows it: nothing else reads the value before, and its backward pass does not need it.
    """
    if which == "none":
        return [False] * len(graph.nodes)
    common = _common(graph)
    if which == "all" or not graph.origins:
        return common
    return [_says_so(graph, index) for index in range(len(graph.nodes))]


def _says_so(graph: Graph, index: int) -> bool:
    origin, node = graph.origins.get(index), graph.nodes[index]
    if origin is None or not origin.in_place or not node.inputs:
        return False
    before = graph.nodes[node.inputs[0]].shape
    after = node.shape
    return len(before) == len(after) and all([certainly_equal(a, b) for a, b in zip(before, after, strict=True)])


def _common(graph: Graph) -> list[bool]:
    readers = [0] * len(graph.nodes)
    for node in graph.nodes:
        for source in node.inputs:
            readers[source] += 1
    result: list[bool] = []
    for node in graph.nodes:
        allowed = node.op.kind in OVERWRITING and bool(node.inputs) and readers[node.inputs[0]] == 1
        if allowed:
            before = graph.nodes[node.inputs[0]].op.role
            allowed = before in ("conv", "linear", "norm", "merge")
            allowed = allowed and not graph.facts[node.inputs[0]].memory.saves_output
        result.append(allowed)
    return result
