"""Zoo files with one literal broken: each number, truth value, keyword, branch and operator in turn.

A mutant is a source text. It replaces the file in a child process, in which the catalogue is then built anew.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Callable, Iterator
from importlib import invalidate_caches
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import archcalc.zoo
from archcalc import zoo
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Graph, Network

ZOO = Path(archcalc.zoo.__file__).parent
WORDS = {"title", "authors", "year", "source", "documents", "confirmed", "references", "hyperparameters", "aliases"}
"""Fields of a family that do not describe its networks."""
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
}


class Mutant(NamedTuple):
    """A zoo file with one place broken."""

    file: str
    kind: str
    """What is broken: a number, a truth value, a keyword, a branch, an operator, or a text."""
    line: int
    change: str
    """The place before and after, as source."""
    source: str


def mutants(file: str, every: int = 1) -> Iterator[Mutant]:
    """The mutants of a zoo file in the order of its text, or one in `every`, from the middle of that many on."""
    tree = ast.parse((ZOO / f"{file}.py").read_text(encoding="utf-8"))
    places = [(node, *each) for node in _described(tree) for each in _changes(node)]
    for node, kind, change in places[every // 2 :: every]:
        whole = {name: value[:] if isinstance(value, list) else value for name, value in vars(node).items()}
        before = ast.unparse(node)
        change(node)
        after, source = ast.unparse(node), ast.unparse(tree)
        vars(node).update(whole)
        yield Mutant(file, kind, node.lineno, f"{before} -> {after}", source)


def _described(tree: ast.Module) -> Iterator[Any]:
    """The expressions and branches of a file in order, without docstrings, annotations and words about its families."""
    for node in _below(tree):
        if isinstance(node, (ast.Constant, ast.Call, ast.If, ast.IfExp, ast.BinOp)):
            yield node


def _below(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and name not in ("annotation", "returns") and not _is_word(node, child):
                yield child
                yield from _below(child)


def _is_word(node: ast.AST, child: ast.AST) -> bool:
    """Return True for a docstring, an import, a text with names in it, and a field of a family that is no network."""
    if isinstance(child, ast.keyword):
        return child.arg in WORDS and _is_family(node)
    if isinstance(child, ast.Expr):
        return isinstance(child.value, ast.Constant)
    return isinstance(child, (ast.Import, ast.ImportFrom, ast.JoinedStr))


def _is_family(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Family"


def _changes(node: Any) -> Iterator[tuple[str, Callable[[Any], None]]]:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield "truth value", lambda broken: setattr(broken, "value", not broken.value)
        elif isinstance(node.value, (int, float)):
            yield "number", lambda broken: setattr(broken, "value", broken.value + 1)
    elif isinstance(node, ast.Call) and not _is_family(node):
        for place in range(len(node.keywords)):
            yield "keyword", lambda broken, place=place: broken.keywords.pop(place)
    elif isinstance(node, (ast.If, ast.IfExp)):
        yield "branch", lambda broken: setattr(broken, "test", ast.UnaryOp(ast.Not(), broken.test))
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield "operator", lambda broken: setattr(broken, "op", OPERATORS[type(broken.op)]())


class _Finder:
    """Finds the mutant in place of its file."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(name, self) if name == f"archcalc.zoo.{self.mutant.file}" else None  # type: ignore[arg-type]

    def create_module(self, _spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(ZOO / f"{self.mutant.file}.py")
        exec(compile(self.mutant.source, module.__file__, "exec"), vars(module))  # noqa: S102 - our own file, changed


def install(mutant: Mutant) -> None:
    """Put a mutant in place of its file, in this process for good."""
    for name in [name for name in sys.modules if name.startswith("archcalc.zoo.")]:
        del sys.modules[name]
        vars(archcalc.zoo).pop(name.rpartition(".")[2], None)
    sys.meta_path.insert(0, _Finder(mutant))  # type: ignore[arg-type]
    invalidate_caches()
    zoo.names.cache_clear()


def in_child(work: Callable[[], str]) -> str:
    """What `work` says in a child process, so that nothing of it stays; empty if the process dies."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        with os.fdopen(write, "w") as out:
            out.write(work())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answers:
        said = answers.read()
    os.waitpid(child, 0)
    return said


def users(file: str) -> list[str]:
    """The zoo files whose networks may depend on a file: itself and those that import it, directly or not."""
    imported = {
        each: {
            node.module.rpartition(".")[2]
            for node in ast.walk(ast.parse((ZOO / f"{each}.py").read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("archcalc.zoo.")
        }
        for each in [path.stem for path in ZOO.glob("*.py") if path.stem != "__init__"]
    }
    found = {file}
    while more := {each for each, names in imported.items() if names & found} - found:
        found |= more
    return sorted(found & set(zoo.files()))


def fingerprints(file: str) -> dict[str, Any]:
    """For each network that may depend on a file: its graph at its own input and at two more, or the error."""
    found = {name: zoo.find(name) for each in users(file) for name in zoo.names_in(each)}
    return {name: fingerprint(network) for name, network in found.items() if network is not None}


def fingerprint(network: Network) -> Any:
    """A network's graph at its own input and at two more, or the error."""
    channels, *sides = network.input
    sizes = [
        (channels, *sides),
        (channels, *[side + 33 for side in sides]),
        (channels, *[2 * side - 1 for side in sides]),
    ]
    return tuple([_built(network, size) for size in sizes])


def _built(network: Network, size: Any) -> Any:
    """What every figure follows from; None if the size is refused, the error's name if it cannot be built."""
    try:
        graph: Graph = network.graph(size)
    except ArchcalcError:
        return None
    except Exception as error:  # noqa: BLE001 - a mutant may break in any way
        return type(error).__name__
    stated = [
        (node.op.kind, node.inputs, node.owner, each.shape, each.params, each.work, each.window, each.memory)
        for node, each in zip(graph.nodes, graph.facts, strict=True)
    ]
    return hash((*stated, graph.outputs))
