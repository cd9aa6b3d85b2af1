"""Exported programs of PyTorch, read as data: the JSON in a `.pt2` file, without PyTorch and without running anything.

`torch.export.load` unpickles what a file holds and evaluates its expressions, so it is never called here. Of the files
in the archive only `models/*.json` is read: the graph; weights are not needed.
Source: torch/_export/serde/schema.py (2.6 to 2.13).
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut
from archcalc.importers.in_place import without_changes
from archcalc.importers.program import Meta, OperatorCall, Program, Ref, Size, SizeRef, Stored, listed
from archcalc.importers.strides import with_fused_attention

LARGEST = 200_000_000
"""Bytes of the graph's JSON, at most."""
UNKNOWN_SIZE = -1
"""A size that only the values of the input decide."""
PIECE = 2**20
"""Bytes that are unpacked at once."""
FLOATING = frozenset({6, 7, 8, 13, 29, 30, 31, 32})
"""Numbers of the types of floating-point values in the schema."""


def read_exported(file: str | Path | bytes, name: str = "", largest: int = LARGEST) -> Program:
    """The program of a `.pt2` file. Raises ArchcalcError for a file that is none, or with a graph that is too large.

    `largest` is the most bytes of the graph's JSON.
    """
    shown = name or ("the file" if isinstance(file, bytes) else str(file))
    text = _graph_text(BytesIO(file) if isinstance(file, bytes) else file, shown, largest)
    try:
        return with_fused_attention(without_changes(written(json.loads(text), name)))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        said = f"{type(error).__name__}: {error}"
        raise ArchcalcError(f"the graph of {shown} is not of a known schema ({cut(said)})", about="name") from None


def bare_exported(file: str | Path | bytes, name: str) -> bytes:
    """A `.pt2` file with the graph alone, and of that only what is read here: no weights, lines of code, or paths.

    Raises ArchcalcError for a file that is none.
    """
    text = _graph_text(BytesIO(file) if isinstance(file, bytes) else file, name, LARGEST)
    try:
        kept = _bare(json.loads(text))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise ArchcalcError(f"the graph of {name} is not of a known schema ({cut(str(error))})", about="name") from None
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr(_ENTRY, json.dumps(kept, separators=(",", ":")))
    return packed.getvalue()


_ENTRY = ZipInfo("model/models/model.json")
"""The entry of the graph, with a fixed date: the same program gives the same bytes."""
_ENTRY.compress_type = ZIP_DEFLATED


def _bare(data: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a program's JSON that are read."""
    module = data["graph_module"]
    kept = {key: data[key] for key in ("guards_code", "notes", "parameters", "bases", "holders", "held") if key in data}
    return {"graph_module": {"graph": _bare_graph(module["graph"]), "signature": module["signature"]}, **kept}


def _bare_graph(graph: Mapping[str, Any]) -> dict[str, Any]:
    nodes = [
        {
            "target": node["target"],
            "inputs": [{**each, "arg": _bare_argument(each["arg"])} for each in node["inputs"]],
            "outputs": node["outputs"],
            "metadata": {
                key: value for key in ("nn_module_stack", "torch_fn") if (value := node.get("metadata", {}).get(key))
            },
        }
        for node in graph["nodes"]
    ]
    tensors = {
        name: {key: value[key] for key in ("sizes", "strides", "dtype") if key in value}
        for name, value in graph["tensor_values"].items()
    }
    others = {key: graph[key] for key in ("inputs", "outputs", "sym_int_values") if key in graph}
    return {"nodes": nodes, "tensor_values": tensors, **others}


def _bare_argument(argument: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = argument.get("as_graph")
    return argument if inner is None else {"as_graph": {**inner, "graph": _bare_graph(inner["graph"])}}


def _graph_text(source: Any, shown: str, largest: int) -> bytes:
    """The JSON of the graph in an archive; what does not have the size that the archive says is not unpacked."""
    try:
        with ZipFile(source) as archive:
            graph = next((each for each in archive.infolist() if _is_graph(each.filename)), None)
            text = b"" if graph is None or graph.file_size > largest else _unpacked(archive, graph)
    except (BadZipFile, OSError, ValueError, EOFError, RuntimeError, zlib.error, struct.error) as error:
        raise ArchcalcError(f"{shown} cannot be read as an exported program: {error}", about="name") from None
    if graph is None:
        raise ArchcalcError(f"{shown} holds no exported program", about="name")
    if not text:
        size = "no bytes" if graph.file_size == 0 else f"more than {largest} bytes"
        raise ArchcalcError(f"the graph of {shown} has {size}", about="name")
    return text


def _unpacked(archive: ZipFile, graph: ZipInfo) -> bytes:
    """The content of a file in an archive, of no more than its stated size, however much it unpacks to."""
    if graph.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise BadZipFile(f"{graph.filename} is neither stored nor deflated")
    with archive.open(graph) as opened:
        parts: list[bytes] = []
        left = graph.file_size
        while left and (part := opened.read(min(left, PIECE))):
            parts.append(part)
            left -= len(part)
        if left:
            raise BadZipFile(f"{graph.filename} has fewer than {graph.file_size} bytes")
    return b"".join(parts)


def _is_graph(path: str) -> bool:
    return path.endswith(".json") and ("/models/" in path or path == "serialized_exported_program.json")


def written(data: Mapping[str, Any], name: str = "") -> Program:
    """The program that the JSON of a file is, with its changes in place."""
    module = data["graph_module"]
    graph, signature = module["graph"], module["signature"]
    stored: dict[str, Stored] = {}
    inputs: list[str] = []
    for spec in signature["input_specs"]:
        ((kind, given),) = spec.items()
        if kind == "user_input":
            if "as_tensor" in given["arg"]:
                inputs.append(_name(given["arg"]["as_tensor"]))
        elif kind in _STORED:
            kept, key = _STORED[kind]
            stored[_name(given["arg"])] = Stored(_text(given[key]), kept)
    outputs = [
        _name(spec["user_output"]["arg"]["as_tensor"])
        for spec in signature["output_specs"]
        if "as_tensor" in spec.get("user_output", {}).get("arg", {})
    ]
    bases: Mapping[str, Any] = dict(data.get("bases") or {})
    holders: Any = data.get("holders")
    held: Any = data.get("held")
    reader = _GraphReader()
    return Program(
        name=name,
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        calls=list(reader.calls(graph, {})),
        tensors=reader.tensors,
        stored=stored,
        guards=_texts(data.get("guards_code")),
        notes=_texts(data.get("notes")),
        bases=dict(zip(_texts(bases), _texts(bases.values()), strict=True)),
        holders=None if holders is None else frozenset(_texts(holders)),
        parameters=dict(data.get("parameters") or {}),
        held=None if held is None else dict(zip(_texts(held), _texts(held.values()), strict=True)),
    )


_STORED = {
    "parameter": ("parameter", "parameter_name"),
    "buffer": ("buffer", "buffer_name"),
    "tensor_constant": ("constant", "tensor_constant_name"),
}


def _name(given: Mapping[str, Any]) -> str:
    """The name of a tensor. Raises TypeError for one that is no text."""
    return _text(given["name"])


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise TypeError("a name is a text")
    return given


def _texts(given: Any) -> tuple[str, ...]:
    """A list of texts, empty for none. Raises TypeError for anything else."""
    texts: list[Any] = list(given or ())
    if not all([isinstance(text, str) for text in texts]):
        raise TypeError("a text is meant")
    return tuple(texts)


def _meta(value: Mapping[str, Any]) -> Meta:
    sizes = tuple([_size(each) for each in value["sizes"]])
    return Meta(
        sizes,
        tuple([_hint(each) for each in value.get("strides", ())]),
        tuple([_hint(each) for each in value["sizes"]]),
        value.get("dtype") in FLOATING,
    )


def _size(value: Mapping[str, Any]) -> Size:
    if "as_int" in value:
        return value["as_int"]
    text: str = value["as_expr"]["expr_str"]
    number = re.fullmatch(r"Integer\((-?\d+)\)", text)
    return int(number[1]) if number else text


def _hint(value: Mapping[str, Any]) -> int:
    if "as_int" in value:
        return value["as_int"]
    hint: Any = value["as_expr"].get("hint")
    return hint["as_int"] if hint and "as_int" in hint else UNKNOWN_SIZE


class _GraphReader:
    """Reads a graph and the sub-graphs that its calls run: those take the place of the calls."""

    def __init__(self) -> None:
        self.tensors: dict[str, Meta] = {}
        self.integers: dict[str, Size] = {}
        self._graphs = 0

    def calls(self, graph: Mapping[str, Any], known: Mapping[str, str], prefix: str = "") -> Iterator[OperatorCall]:
        """The calls of a graph; `known` are the names of its inputs outside, `prefix` begins all its other names."""
        self.integers |= {key: _size(value) for key, value in graph.get("sym_int_values", {}).items()}
        for key, value in graph["tensor_values"].items():
            self.tensors.setdefault(known.get(key, f"{prefix}{key}"), _meta(value))
        for node in graph["nodes"]:
            call = _named(_call(node, self.integers), known, prefix)
            inner = next((each["arg"]["as_graph"] for each in node["inputs"] if "as_graph" in each["arg"]), None)
            yield from [call] if inner is None or not _is_run_once(call) else self._inner(call, inner["graph"])

    def _inner(self, call: OperatorCall, graph: Mapping[str, Any]) -> Iterator[OperatorCall]:
        """The calls of a sub-graph that a call runs once, with whatever gradients or types."""
        self._graphs += 1
        prefix = f"{self._graphs}/"
        values = list(call.arguments.values())
        operands = values[next(place for place, each in enumerate(values) if each == SUBGRAPH) + 1 :]
        names = [next(_names(each), "") for each in graph["inputs"]]
        known = {name: each.name for name, each in zip(names, operands, strict=False) if name and isinstance(each, Ref)}
        yield from self.calls(graph, known, prefix)
        outputs = [name for each in graph["outputs"] for name in _names(each)]
        for name, output in zip(call.outputs, outputs, strict=False):
            if name and output:
                inside = Ref(known.get(output, f"{prefix}{output}"))
                given = {"operator": "aten.alias", "overload": "", "function": ""}
                yield call._replace(arguments={"self": inside}, outputs=(name,), **given)


SUBGRAPH = "a sub-graph"
"""What stands for a graph among the arguments of a call."""


def _is_run_once(call: OperatorCall) -> bool:
    """Return True for a call that runs its only graph once: a block without gradients, or with types of its own."""
    name = call.operator.rpartition(".")[2]
    return name.startswith("wrap") and list(call.arguments.values()).count(SUBGRAPH) == 1


def _named(call: OperatorCall, known: Mapping[str, str], prefix: str) -> OperatorCall:
    """A call of a sub-graph with the names that its tensors have outside."""
    if not prefix:
        return call

    def outside(value: Any) -> Any:
        if isinstance(value, Ref):
            return Ref(known.get(value.name, f"{prefix}{value.name}"))
        return [outside(each) for each in listed(value)] if isinstance(value, list) else value

    return call._replace(
        arguments={key: outside(value) for key, value in call.arguments.items()},
        outputs=tuple([name and known.get(name, f"{prefix}{name}") for name in call.outputs]),
    )


def _call(node: Mapping[str, Any], integers: Mapping[str, Size]) -> OperatorCall:
    target = node["target"].removeprefix("torch.ops.").removeprefix("_operator.")
    operator, _, overload = target.rpartition(".") if target.count(".") > 1 else (target, "", "")
    metadata = node.get("metadata", {})
    path, classes = _modules(metadata.get("nn_module_stack", ""))
    function = metadata.get("torch_fn", "").rpartition(";")[2]
    arguments = {
        _name(each) or f"argument{place}": _argument(each["arg"], integers) for place, each in enumerate(node["inputs"])
    }
    outputs = tuple([name for each in node["outputs"] for name in _names(each)])
    module = classes[-1].rpartition(".")[2] if classes else ""
    return OperatorCall(operator, overload, arguments, outputs, path, module, function, classes)


@lru_cache(maxsize=4096)
def _modules(stack: str) -> tuple[str, tuple[str, ...]]:
    """The path of the innermost module of a stack `key,path,class;...`, and the classes of all of them."""
    levels = [level.split(",") for level in stack.split(";")]
    if len(levels[-1]) < 3:
        return "", ()
    return levels[-1][1], tuple([level[-1] for level in levels if len(level) > 2])


def _names(value: Mapping[str, Any]) -> Iterator[str]:
    ((kind, given),) = value.items()
    if kind == "as_tensor":
        yield _name(given)
    elif kind in ("as_tensors", "as_nested_tensors"):
        for each in given:
            yield from _names({"as_tensor": each})
    elif kind == "as_optional_tensors":
        for each in given:
            yield _name(each["as_tensor"]) if "as_tensor" in each else ""
    else:
        yield ""


def _argument(value: Mapping[str, Any], integers: Mapping[str, Size]) -> Any:  # noqa: PLR0911 - a kind each
    """An argument as a number, a word, a `Ref`, a `SizeRef`, or a list of these."""
    ((kind, given),) = value.items()
    match kind:
        case "as_tensor":
            return Ref(_name(given))
        case "as_tensors":
            return [Ref(_name(each)) for each in given]
        case "as_optional_tensors":
            return [Ref(_name(each["as_tensor"])) if "as_tensor" in each else None for each in given]
        case "as_sym_int":
            return _integer(given, integers)
        case "as_sym_ints":
            return [_integer(each, integers) for each in given]
        case "as_list":
            return [_argument(each, integers) for each in given]
        case "as_none":
            return None
        case "as_graph":
            return SUBGRAPH
        case _:
            return given


def _integer(given: Mapping[str, Any], integers: Mapping[str, Size]) -> Any:
    if "as_int" in given:
        return given["as_int"]
    size = given["as_expr"]["expr_str"] if "as_expr" in given else integers[given["as_name"]]
    return size if isinstance(size, int) else SizeRef(size)
