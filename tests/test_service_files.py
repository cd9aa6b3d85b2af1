"""A network in a file, asked about over a connection: the answers are those without one, and no file does any harm."""

from __future__ import annotations

import io
import json
import random
import resource
import struct
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile

import fuzzing
import onnx
import pytest
import service
import torch
from click.testing import CliRunner, Result
from onnx import TensorProto, helper
from onnx_models import LIGHT, kept, model, node, weight, whole
from patience import HANGS

import archcalc
from archcalc import ArchcalcError, Network
from archcalc.cli import cli
from archcalc.importers.exported import bare_exported, read_exported
from archcalc.importers.exporting import export
from archcalc.importers.files import file_of, network_of_file
from archcalc.importers.layer_program import LocatedError
from archcalc.importers.loading import load
from archcalc.importers.onnx_files import read_onnx
from archcalc.importers.onnx_files.bare import bare_onnx
from archcalc.importers.sizes import Unreadable, evaluate
from archcalc.service import dispatch
from archcalc.service.client import Client
from archcalc.service.messages.files import MOST_BYTES, read_file, write_file
from archcalc.service.questions import CALLS, Questions
from archcalc.service.worker import limits_of_request
from archcalc.v1 import archcalc_pb2 as contract

HERE = Path(__file__).parent
YAML = "input: 3x32x32\nlayers:\n  - conv 16 3x3 p1, relu\n  - gap, flatten, linear 10\n"
KERAS = json.loads((HERE / "data" / "keras_models.json").read_text(encoding="utf-8"))["models"]["image"]["model"]
PROTOTXT = """
name: "n" input: "data" input_dim: 1 input_dim: 3 input_dim: 33 input_dim: 40
layer { name: "c" type: "Convolution" bottom: "data" top: "c"
        convolution_param { num_output: 8 kernel_size: 3 stride: 2 bias_term: false } }
layer { name: "bn" type: "BatchNorm" bottom: "c" top: "c" }
layer { name: "s" type: "Scale" bottom: "c" top: "c" scale_param { bias_term: true } }
layer { name: "p" type: "Pooling" bottom: "c" top: "p" pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "f" type: "InnerProduct" bottom: "p" top: "f" inner_product_param { num_output: 10 } }
"""
WITHOUT_INPUT = """
width = 8
layers = ["conv width 3x3 p1, bn, relu", "gap, flatten, linear 10"]
"""


class Module(torch.nn.Module):
    """A model with an operator that is not known, and with parameters that nothing uses."""

    def __init__(self, known: bool) -> None:
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 8, 3, padding=1)
        self.fc = torch.nn.Linear(8, 10)
        self.unused = torch.nn.Linear(5, 7)
        self.known = known

    def forward(self, x: Any) -> Any:
        x = torch.relu(self.conv(x))
        return self.fc((x if self.known else torch.fft.fft2(x).real).mean((2, 3)))


def unknown_model() -> bytes:
    """An ONNX model with an operator that is not known."""
    nodes = [helper.make_node("Magic", ["x", "w"], ["h"], name="/block/magic/Magic", domain="own")]
    nodes.append(helper.make_node("Relu", ["h"], ["y"]))
    return model(nodes, {"x": ["n", 7, 16]}, stored=[weight("w", 16, 8)], between={"h": ["n", 7, 30]})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of each kind."""
    place = tmp_path_factory.mktemp("files")
    (place / "resnet18.onnx").write_bytes(kept("torchvision_resnet18.dynamo"))
    (place / "swin.onnx").write_bytes(kept("torchvision_swin_t.dynamo"))
    (place / "odd.onnx").write_bytes(unknown_model())
    for name, known in (("net", True), ("odd", False)):
        (place / f"{name}.pt2").write_bytes(export(Module(known), (torch.zeros(2, 3, 16, 16),)))
    (place / "small.toml").write_bytes((HERE.parent / "examples" / "small.toml").read_bytes())
    (place / "small.yaml").write_text(YAML, encoding="utf-8")
    (place / "open.toml").write_text(WITHOUT_INPUT, encoding="utf-8")
    (place / "keras.json").write_text(json.dumps(KERAS), encoding="utf-8")
    (place / "caffe.prototxt").write_text(PROTOTXT, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with service.process() as running:
        yield running.address


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[Client]:
    with Client(address, timeout=HANGS) as found:
        yield found


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words, standalone_mode=False, env={"COLUMNS": "100"})


# ---- the same answers

FILES = ("resnet18.onnx", "odd.onnx", "net.pt2", "odd.pt2", "small.toml", "small.yaml", "keras.json", "caffe.prototxt")
SIZED = ("resnet18.onnx", "net.pt2", "odd.pt2", "small.toml")
"""Files of which an input of another size is allowed."""
ASKED = [
    *[("table", name) for name in FILES],
    *[("table", name, "--detail", "--format", "json") for name in FILES],
    *[("table", name, "--strict") for name in FILES],
    *[("rf", name) for name in FILES],
    *[("reconcile", name) for name in FILES],
    *[("graph", name) for name in FILES],
    *[("memory", name, "--batch", "4", "--optimizer", "adam", "--device", "t4") for name in FILES],
    *[("table", name, "--size", "40", "--batch", "8", "--dtype", "float16") for name in SIZED],
    *[("formula", name) for name in FILES],
    *[("solve", name, "--target", "mult_adds=5M", "--for", "size") for name in SIZED],
    ("formula", "resnet18.onnx", "--exact", "--quantity", "mult_adds"),
    ("formula", "small.toml", "--symbols", "all"),
    ("formula", "small.toml", "--at", "H=64,W=64"),
    ("why", "resnet18.onnx", "layer1.0.conv1", "params"),
    ("why", "net.pt2", "conv", "mult_adds"),
    ("why", "small.toml", "stem", "receptive_field"),
    ("why", "keras.json", "total", "params"),
    ("why", "caffe.prototxt", "c", "output_shape"),
    ("table", "small.toml", "--set", "width=32"),
    ("table", "small.toml", "--classes", "100", "--convention", "fvcore"),
    ("table", "open.toml", "--input", "4x20x20"),
    ("table", "open.toml", "--input", "4x20x20", "--set", "in_channels=5"),
    ("table", "open.toml", "--size", "24", "--set", "width=3"),
    ("solve", "small.toml", "--target", "params=1M", "--for", "width"),
    ("scaling", "small.toml"),
    ("compare", *FILES[2:5], "resnet18", "--format", "csv"),
    ("compare", "small.toml", "--set", "width=16", "--set", "width=32"),
    ("diff", "resnet18", "resnet18.onnx"),
    ("rf", "swin.onnx"),
    ("reconcile", "swin.onnx", "--tools", "fvcore,thop"),
    # what cannot be answered
    ("table", "nothing.onnx"),
    ("table", "nothing.toml"),
    ("table", "open.toml"),
    ("table", "small.toml", "--set", "colour=1"),
    ("table", "small.toml", "--set", "width=0"),
    ("table", "net.pt2", "--set", "width=8"),
    ("table", "caffe.prototxt", "--size", "2"),
    ("table", "resnet18.onnx", "--input", "4x64x64"),
    ("table", "swin.onnx", "--size", "1"),
    ("solve", "net.pt2", "--target", "params=1M", "--for", "width"),
    ("why", "small.toml", "nothing", "params"),
]


@pytest.mark.parametrize("command", ASKED, ids=" ".join)
def test_a_server_makes_no_difference(
    address: str, folder: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte: remarks, lower bounds, and errors too."""
    monkeypatch.chdir(folder)
    here, there = run(*command), run("--server", address, *command)
    assert (there.exit_code, there.stdout, there.stderr) == (here.exit_code, here.stdout, here.stderr)
    assert str(there.exception) == str(here.exception)
    known = ArchcalcError if isinstance(here.exception, LocatedError) else type(here.exception)
    assert type(there.exception) is known


def test_the_answers_above_have_the_remarks_that_they_should(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that equal answers are not equal because nothing is said."""
    monkeypatch.chdir(folder)
    assert "Not counted: aten.fft_fft2, 1 time" in run("table", "odd.pt2").stdout
    assert "42 parameters of unused" in run("table", "net.pt2").stdout
    assert "not counted: own.Magic" in run("table", "odd.onnx").stdout
    assert isinstance(run("table", "odd.onnx", "--strict").exception, ArchcalcError)
    assert "*H*W" in run("formula", "net.pt2").stdout
    failed = {command for command in ASKED if run(*command).exception is not None}
    assert len(failed) < 20
    assert not failed & {("table", name) for name in FILES}


def test_a_python_client_takes_networks_of_files_and_paths(client: Client, folder: Path) -> None:
    for name in ("resnet18.onnx", "net.pt2", "small.toml", "small.yaml", "keras.json", "caffe.prototxt"):
        path = folder / name
        here = archcalc.analyze(Network.load(str(path)), batch=4)
        assert client.analyze(Network.load(str(path)), batch=4) == here
        assert client.analyze(path, batch=4) == here == archcalc.analyze(path, batch=4)
    data = kept("torchvision_resnet18.dynamo")
    assert client.analyze(Network.from_onnx(data)) == archcalc.analyze(Network.from_onnx(data))
    text = WITHOUT_INPUT.replace("layers", 'input = "3x8x8"\nlayers')
    assert client.analyze(Network.from_layers(text), width=5) == archcalc.analyze(Network.from_layers(text), width=5)
    keras = Network.from_layers(json.dumps(KERAS), form="keras")
    assert client.analyze(keras) == archcalc.analyze(keras)


def test_a_path_is_read_as_data_alone(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("raise SystemExit", encoding="utf-8")
    with pytest.raises(ArchcalcError, match=r"a network is read from a file of the kinds .pt2, .*, not from"):
        archcalc.analyze(tmp_path / "net.py")


@pytest.mark.parametrize("known", [True, False])
def test_a_traced_model_is_sent_as_its_program_and_its_sizes_stay_symbols(client: Client, known: bool) -> None:
    network = Network.from_torch(Module(known), (3, 16, 16))
    assert CALLS["Analyze"].request((network,), {}).network.WhichOneof("source") == "file"
    assert client.analyze(network) == archcalc.analyze(network)
    assert client.analyze(network, input=(3, 20, 30)) == archcalc.analyze(network, input=(3, 20, 30))
    assert client.formulas(network) == Questions.formulas.function(network)


MADE = """
import torch

class Net(torch.nn.Module):
    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.conv = torch.nn.Conv2d(3, width, 3, padding=1)

    def forward(self, x):
        return self.conv(x)
"""


def test_hyperparameters_of_a_factory_are_those_here(
    address: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "made.py").write_text(MADE, encoding="utf-8")
    monkeypatch.chdir(folder)
    for words in (("--set", "width=5", "--format", "json"), ("--set", "width=5", "--set", "width=6")):
        command = (
            "compare" if len(words) == 4 and words[2] == "--set" else "table",
            "made.py:Net",
            "--size",
            "16",
            *words,
        )
        here, there = run(*command), run("--server", address, *command)
        assert here.exception is None
        assert (there.exit_code, there.stdout, there.stderr) == (here.exit_code, here.stdout, here.stderr)
    network = load("made.py:Net", {"width": 7}, (3, 16, 16))
    with Client(address, timeout=HANGS) as client:
        assert client.analyze(network).hyperparameters == {"width": 7}
        assert client.analyze(network, width=9).totals == archcalc.analyze(network, width=9).totals


# ---- what is sent


def same(one: Network, other: Network) -> bool:
    nodes, others = one.graph().nodes, other.graph().nodes
    return [repr(each) for each in nodes] == [repr(each) for each in others] and one.remarks == other.remarks


LIGHTS = [file.stem for file in sorted(LIGHT.glob("*.onnx"))]
PUBLIC = sorted(file.name.removesuffix(".onnx.gz") for file in (HERE / "data" / "onnx").iterdir())


@pytest.mark.parametrize("name", [*LIGHTS, *PUBLIC])
def test_a_file_without_weights_is_the_same_network(name: str) -> None:
    data = kept(name) if name in PUBLIC else (LIGHT / f"{name}.onnx").read_bytes()
    assert same(read_onnx(bare_onnx(data, "net"), "net"), read_onnx(data, "net"))


def weighty(mark: bytes) -> bytes:
    """A model with weights in all places that hold weights, each of which contains a mark."""

    def tensor(name: str, *dims: int) -> onnx.TensorProto:
        found = weight(name, *dims)
        found.raw_data = (mark * found.ByteSize() * 100)[: 4 * int(torch.prod(torch.tensor(dims)))]
        return found

    nodes = [
        node("Conv", "x w b", "a", pads=[1, 1, 1, 1]),
        helper.make_node("Constant", [], ["v"], value=tensor("", 4, 4, 1, 1), doc_string=mark.decode()),
        node("Conv", "a v", "c"),
        node("BatchNormalization", "c s s s s", "y"),
    ]
    stored = [tensor("w", 4, 3, 3, 3), tensor("b", 4), tensor("s", 4), tensor("idle", 8)]
    outside = weight("far", 4, 4, 1, 1)
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key="location", value=mark.decode())
    nodes[2].input[1] = "far"
    nodes[3].input[0] = "d"
    nodes.insert(3, node("Conv", "c v", "d"))
    data = onnx.load_from_string(model(nodes, {"x": [1, 3, 8, 8]}, stored=[*stored, outside]))
    data.metadata_props.add(key="author", value=mark.decode())
    return data.SerializeToString()


def test_weights_paths_and_metadata_are_not_sent() -> None:
    mark = b"MARKED_BYTES"
    data = weighty(mark)
    assert data.count(mark) > 10
    network = Network.from_onnx(data)
    raw = CALLS["Analyze"].request((network,), {}).SerializeToString()
    assert b"MARKED" not in raw
    assert len(raw) < 1000
    file = file_of(network)
    assert file is not None
    assert same(network_of_file(file), network)


def test_values_that_are_sizes_are_sent() -> None:
    nodes = [node("Resize", "x - scales", "a"), node("Reshape", "a sizes", "y")]
    scales = helper.make_tensor("scales", TensorProto.FLOAT, [4], [1, 1, 2, 3])
    data = model(nodes, {"x": [1, 2, 4, 4]}, stored=[scales, whole("sizes", 0, 2, -1)])
    assert read_onnx(bare_onnx(data, "net")).graph().nodes[-1].shape == (2, 96)


def test_of_an_exported_program_the_graph_alone_is_sent(tmp_path: Path) -> None:
    """PyTorch's own file holds weights and lines of code with their paths."""
    batch = torch.export.Dim.AUTO
    sizes = ({0: batch, 2: batch, 3: batch},)
    program = torch.export.export(Module(known=True).eval(), (torch.zeros(2, 3, 16, 16),), dynamic_shapes=sizes)
    torch.export.save(program, tmp_path / "net.pt2")
    bare = bare_exported(tmp_path / "net.pt2", "net")
    assert read_exported(bare, "net") == read_exported(tmp_path / "net.pt2", "net")
    with ZipFile(io.BytesIO(bare)) as archive:
        [only] = archive.infolist()
        text = archive.read(only).decode()
    assert "forward" not in text
    assert ".py" not in text
    assert __file__.rpartition("/")[0] in (tmp_path / "net.pt2").read_bytes().decode("latin-1")
    assert len(bare) < 10_000


def test_a_file_that_is_too_large_is_not_sent() -> None:
    text = 'input = "3x8x8"\nlayers = ["conv 4 3x3"]\n' + "# " + "x" * 1000 + "\n"
    file = file_of(Network.from_layers(text))
    assert file is not None
    with pytest.raises(ValueError, match=r"network has 8,\d+,\d+ bytes without weights, more than 4,000,000"):
        write_file(file._replace(data=file.data * 8000))


# ---- files that are none, and hostile ones


def zipped(text: bytes, method: int = ZIP_DEFLATED, name: str = "a/models/model.json") -> bytes:
    target = io.BytesIO()
    with ZipFile(target, "w", method) as archive:
        archive.writestr(name, text)
    return target.getvalue()


def understated(data: bytes, size: int) -> bytes:
    """An archive whose only file is said to unpack to `size` bytes."""
    changed = bytearray(data)
    struct.pack_into("<I", changed, 22, size)
    struct.pack_into("<I", changed, data.index(b"PK\x01\x02") + 24, size)
    return bytes(changed)


BOMB = zipped(b" " * 200_000_000)
GOOD: dict[str, bytes] = {
    "onnx": bare_onnx(kept("torchvision_resnet18.dynamo"), "net"),
    "pt2": bare_exported(export(Module(known=True), (torch.zeros(2, 3, 16, 16),)), "net"),
    "toml": (HERE.parent / "examples" / "small.toml").read_bytes(),
    "keras": json.dumps(KERAS).encode(),
    "caffe": PROTOTXT.encode(),
}


def program(change: Callable[[Any], object]) -> bytes:
    """The good program with something changed."""
    with ZipFile(io.BytesIO(GOOD["pt2"])) as archive:
        data = json.loads(archive.read(archive.namelist()[0]))
    change(data)
    return zipped(json.dumps(data).encode())


def sized(expression: str) -> bytes:
    """The good program, whose input and what follows it has a size of this expression."""

    def change(data: Any) -> None:
        for value in data["graph_module"]["graph"]["tensor_values"].values():
            for size in value["sizes"]:
                if "as_expr" in size:
                    size["as_expr"]["expr_str"] = expression

    return program(change)


def powers(count: int) -> str:
    text = "Integer(9)"
    for _ in range(count):
        text = f"Pow({text}, Integer(64))"
    return text


def nested_graphs(depth: int) -> bytes:
    """Sub-graphs within each other, written without a library that has a limit of its own."""
    from archcalc.importers.onnx_files.wire import field_of

    inner = b""
    for _ in range(depth):
        inner = field_of(1, field_of(4, b"If") + field_of(5, field_of(1, b"then_branch") + field_of(6, inner)))
    return field_of(7, inner)


def functions() -> bytes:
    """Each function calls the one before ten times: 10^9 nodes."""
    made = []
    for level in range(10):
        names = [chr(97 + place) for place in range(11)]
        called, domain = (f"F{level - 1}", "own") if level else ("Relu", "")
        inner = [helper.make_node(called, [a], [b], domain=domain) for a, b in pairwise(names)]
        opsets = [helper.make_opsetid("own", 1), helper.make_opsetid("", 21)]
        made.append(helper.make_function("own", f"F{level}", ["a"], ["k"], inner, opsets))
    return model([helper.make_node("F9", ["x"], ["y"], domain="own")], {"x": [1, 7]}, functions=made)


def blocks() -> bytes:
    """Each block calls the one before ten times: 10^15 layers."""
    text = 'input = "3x8x8"\nlayers = ["b15"]\n[blocks.b0]\nlayers = ["relu"]\n'
    return (text + "".join([f'[blocks.b{i}]\nlayers = ["b{i - 1} * 10"]\n' for i in range(1, 16)])).encode()


HUGE = 10**30
ATTACKS: list[tuple[str, bytes, str]] = [
    *[(kind, b"\x00\xff" * 500, "") for kind in GOOD],
    *[(kind, b"[" * 1_000_000, "") for kind in GOOD],
    *[(kind, b"{" * 1_000_000, "") for kind in GOOD],
    *[(kind, b'{"a":' * 700_000, "") for kind in GOOD],
    *[(kind, data[: len(data) * share // 8], "") for kind, data in GOOD.items() for share in (1, 4, 7)],
    *[(kind, GOOD[other], "") for kind in GOOD for other in GOOD if kind != other],
    *[(kind, b"/etc/passwd", "") for kind in GOOD],
    ("pt2", zipped(b"[" * 1_000_000), "not of a known schema"),
    ("pt2", zipped(b"{}", name="a/model.py"), "holds no exported program"),
    ("pt2", zipped(b""), "has no bytes"),
    ("pt2", zipped(b"9" * 60_000_000), "not of a known schema"),
    ("pt2", BOMB, "has more than 64000000 bytes"),
    ("pt2", understated(BOMB, 100), "Bad CRC-32"),
    ("pt2", understated(zipped(b"{}"), 60_000_000), "has fewer than 60000000 bytes"),
    ("pt2", zipped(b"{}", ZIP_LZMA), "is neither stored nor deflated"),
    ("pt2", program(lambda data: data.update(graph_module=[])), "not of a known schema"),
    ("pt2", program(lambda data: data["graph_module"]["signature"].update(input_specs=[])), "depend on no input"),
    ("pt2", program(lambda data: data["graph_module"]["graph"].update(tensor_values={})), "no program as PyTorch"),
    ("pt2", sized(powers(60)), "a size is beyond any network"),
    ("pt2", sized("-" * 15_000 + "Integer(1)"), "is no expression of sizes"),
    ("pt2", sized("(" * 8_000 + "1" + ")" * 8_000), "is no expression of sizes"),
    ("pt2", sized("__import__('os').system('true')"), ""),
    ("pt2", sized("9**9**9**9"), ""),
    ("pt2", sized(f"Integer({HUGE})"), ""),
    ("onnx", nested_graphs(10_000), "its sub-graphs are nested more than 16 deep"),
    ("onnx", functions(), "more than 100000 nodes would be built"),
    ("onnx", b"\x3a\x80\xda\xc4\x09" + b"\x0a\x00" * 1_000_000, "longer than its message"),
    ("onnx", b"\x3a\xc0\x84\x3d" + b"\x0a\x00" * 500_000, "has more than 200000 nodes"),
    ("onnx", model([node("MatMul", "x w", "y")], {"x": [1, HUGE // 10**15]}, stored=[weight("w", 1, 1)]), ""),
    ("toml", blocks(), "more than"),
    ("toml", b'input = "3x8x8"\nlayers = ["relu * 99999999"]', ""),
    ("toml", b"a" + b".a" * 90 + b" = 1\n", ""),
    ("toml", b'include = "/etc/passwd"\ninput = "3x8x8"\nlayers = ["relu"]', "include is a hyperparameter"),
    ("toml", b'input = "3x8x8"\nlayers = "/etc/passwd"', ""),
    ("toml", b'\xff\xfeinput = "3x8x8"', "is no text in UTF-8"),
    ("caffe", b"layer { " * 500_000, ""),
    ("caffe", PROTOTXT.replace("num_output: 8", "num_output: 99999999999").encode(), "num_output"),
    ("keras", json.dumps({"class_name": "Sequential", "config": {"layers": [[[]]] * 3}}).encode(), ""),
    ("keras", json.dumps(KERAS).replace("33", "99999999999999").encode(), ""),
]


def asked(kind: str, data: bytes, /, **fields: Any) -> Any:
    number = contract.NetworkFormat.Value(f"NETWORK_FORMAT_{kind.upper()}")
    return contract.AnalyzeRequest(network={"file": {"data": data, "format": number, "name": "net", **fields}})


def test_the_files_that_attacks_are_made_of_are_answered(address: str) -> None:
    for kind, data in GOOD.items():
        assert service.refusal(address, "Analyze", asked(kind, data))[0] == "OK", kind


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    ATTACKS,
    ids=[f"{place} {kind} {said}".strip() for place, (kind, _, said) in enumerate(ATTACKS)],
)
def test_a_hostile_file_is_refused_in_a_sentence_and_the_server_goes_on(
    address: str, kind: str, data: bytes, said: str
) -> None:
    began = time.monotonic()
    code, message, details = service.refusal(address, "Analyze", asked(kind, data))
    assert (code, said in message) == ("INVALID_ARGUMENT", True), (code, message)
    assert "\n" not in message
    assert "Traceback" not in message
    [violation] = details["BadRequest"].field_violations
    assert violation.field in ("network.file.data", "network.file.input_shape"), violation.field
    assert time.monotonic() - began < 60
    assert service.refusal(address, "Analyze", asked("toml", GOOD["toml"]))[0] == "OK"


@pytest.mark.parametrize(
    ("fields", "about", "said"),
    [
        (
            {"format": 0},
            "format",
            "format is one of NETWORK_FORMAT_ONNX, NETWORK_FORMAT_PT2, NETWORK_FORMAT_TOML, NETWORK_FORMAT_KERAS, ",
        ),
        ({"format": 77}, "format", "NetworkFormat, which has no value 77"),
        ({"data": b""}, "data", "has from 1 to 4,000,000 bytes, not 0"),
        ({"data": b"#" * (MOST_BYTES + 1)}, "data", "has from 1 to 4,000,000 bytes, not 4,000,001"),
        ({"name": "x" * 201}, "name", "at most 200 characters, not 201"),
        ({"name": "two\nlines"}, "name", "the name of a file is a line"),
        ({"name": " "}, "name", "the name of a file is a line"),
        ({"input_shape": {}}, "input_shape.sizes", "has from 1 to 8 items, not 0"),
        ({"input_shape": {"sizes": [3, -1]}}, "input_shape.sizes[1]", "is from 1 to 1,000,000, not -1"),
        ({"input_shape": {"sizes": [3] * 9}}, "input_shape.sizes", "has from 1 to 8 items, not 9"),
        ({"data": WITHOUT_INPUT.encode()}, "input_shape", "it needs the shape of its input"),
        ({"settings": {"a": {"list": {}}}}, "settings", "a number, true or false, or a text"),
        ({"settings": {f"a{i}": {"whole": 1} for i in range(101)}}, "settings", "at most 100 entries, not 101"),
    ],
)
def test_a_field_that_does_not_fit_is_named(address: str, fields: dict[str, Any], about: str, said: str) -> None:
    code, message, details = service.refusal(address, "Analyze", asked("toml", GOOD["toml"], **fields))
    assert (code, said in message) == ("INVALID_ARGUMENT", True), (code, message)
    assert details["BadRequest"].field_violations[0].field == f"network.file.{about}"


def test_a_request_that_is_larger_than_the_server_takes_is_refused(address: str) -> None:
    code, message, _ = service.refusal(address, "Analyze", asked("onnx", b"\x00" * 5 * 2**20))
    assert code == "RESOURCE_EXHAUSTED"
    assert message.endswith("more than the 4,194,304 that this server reads")
    assert service.refusal(address, "Analyze", asked("toml", GOOD["toml"]))[0] == "OK"


@pytest.mark.parametrize("name", ["small.toml", "/etc/passwd", "timm:resnet18", "net.py:Net", "net.pt2"])
def test_a_name_is_never_a_file_or_a_model_of_a_library_there(
    address: str, folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    with service.server() as (_, inside):
        for place in (address, inside):
            request = contract.AnalyzeRequest(network={"name": name})
            assert service.refusal(place, "Analyze", request)[0] == "NOT_FOUND"


@pytest.mark.parametrize("name", ["timm:resnet18", "module:factory", "net.py:Net", "../../../etc/passwd", "hf:a.json"])
def test_whatever_a_file_is_called_only_its_bytes_are_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from archcalc.importers import sources

    def traced(*_: object) -> None:
        raise AssertionError("a model is traced")

    monkeypatch.setattr(sources, "_run", traced)
    monkeypatch.setattr(sources.Source, "_read", traced)
    for kind, data in GOOD.items():
        network = read_file(asked(kind, data, name=name).network.file)
        assert archcalc.analyze(network).totals.params > 0
        if kind == "pt2":
            with pytest.raises(ArchcalcError, match="has no hyperparameter"):
                archcalc.analyze(network, width=3)
            assert archcalc.analyze(network, input=(3, 50, 60)).input == (3, 50, 60)


OPENED = """
import sys
from archcalc import analyze
from archcalc.service.messages.files import read_file
from archcalc.v1 import archcalc_pb2 as contract

request = contract.AnalyzeRequest.FromString(sys.stdin.buffer.read()).network.file
analyze(read_file(request))
seen = []
sys.addaudithook(lambda event, args: seen.append((event, args)) if event.split(".")[0] in watched else None)
watched = ("open", "os", "subprocess", "socket", "exec", "import", "pickle", "shutil", "ctypes")
analyze(read_file(request))
watched = ()
print(seen)
"""


@pytest.mark.parametrize("kind", [*GOOD, "external"])
def test_reading_a_file_opens_no_other_and_runs_nothing(tmp_path: Path, kind: str) -> None:
    """External data would be read from a pipe that nobody writes to: opening it would hang."""
    data = GOOD.get(kind, b"")
    if kind == "external":
        pipe = tmp_path / "weights.bin"
        subprocess.run(["mkfifo", pipe], check=True)  # noqa: S607
        tensor = weight("w", 16, 4)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=str(pipe))
        data = model([node("MatMul", "x w", "y")], {"x": [1, 7, 16]}, stored=[tensor])
    raw = asked("onnx" if kind == "external" else kind, data).SerializeToString()
    done = subprocess.run(
        [sys.executable, "-c", OPENED], input=raw, capture_output=True, check=False, timeout=HANGS, cwd=tmp_path
    )
    assert done.stdout.decode() == "[]\n", done.stderr.decode()


def test_an_archive_is_not_unpacked_beyond_the_size_that_it_states() -> None:
    with pytest.raises(ArchcalcError, match="Bad CRC-32"):
        read_exported(understated(BOMB, 100))
    bombs = (BOMB, understated(BOMB, 100), zipped(b" " * 50_000_000, ZIP_LZMA))
    tracemalloc.start()
    try:
        for data in bombs:
            with pytest.raises(ArchcalcError, match=r"CRC|more than|neither"):
                read_exported(data, largest=64_000_000)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_power_of_powers_is_not_computed() -> None:
    began = time.monotonic()
    with pytest.raises(Unreadable, match="a size is beyond any network"):
        evaluate(powers(60), {})
    assert evaluate(powers(1), {}) == 9**64
    assert time.monotonic() - began < 5


PROPER = fuzzing.PROPER - {"DEADLINE_EXCEEDED", "FAILED_PRECONDITION"}


@pytest.mark.parametrize("kind", GOOD)
def test_any_change_of_a_file_is_answered_or_refused(address: str, kind: str) -> None:
    drawn = random.Random(kind)  # noqa: S311
    codes: set[str] = set()
    for number in range(40):
        data = bytearray(GOOD[kind])
        if number % 8 == 7:
            data = bytearray(drawn.randbytes(drawn.randrange(1, 2000)))
        for _ in range(drawn.choice((1, 1, 2, 5))):
            at = drawn.randrange(len(data))
            match drawn.randrange(4):
                case 0:
                    data[at] = drawn.randrange(256)
                case 1:
                    data[at : at + 1] = b"%d" % drawn.choice((0, 1, 7, 10**6, 2**40))
                case 2:
                    data[at:at] = data[at // 2 :][: drawn.randrange(1, 60)]
                case _:
                    del data[at : at + drawn.randrange(1, 30)]
            if not data:
                break
        code, message, _ = service.refusal(address, "Analyze", asked(kind, bytes(data)))
        codes.add(code)
        assert code in PROPER, (code, message)
        assert "\n" not in message
    assert "INVALID_ARGUMENT" in codes


# ---- limits of time and memory

SLOW = """
input = "3x8x8"
layers = ["b * 900"]
[blocks.b]
layers = [
{}]
""".format('"conv 3 1x1, relu, relu, relu",\n' * 99)


def test_a_file_that_takes_too_long_to_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in ("SMALL_NETWORK", "LARGE_NETWORK"):  # else it may be too large before it takes too long
        monkeypatch.setattr(dispatch, each, 10**7)
    with service.server(reading=1.0) as (running, address):
        assert service.refusal(address, "Analyze", asked("toml", GOOD["toml"]), HANGS)[0] == "OK"
        code, message, _ = service.refusal(address, "Analyze", asked("toml", SLOW.encode()))
        assert (code, message) == ("DEADLINE_EXCEEDED", "this server allows 1 seconds to read a request")
        assert service.settles(lambda: running.dispatcher.lanes.busy == 0)
        assert service.refusal(address, "Analyze", asked("onnx", GOOD["onnx"]), HANGS)[0] == "OK"


def test_the_limit_of_reading_is_no_limit_of_the_answer() -> None:
    with service.server(reading=2.0) as (_, address):
        request = contract.ValidateRandomNetworksRequest(count=5_000)
        code, _, _ = service.refusal(address, "ValidateRandomNetworks", request, timeout=5)
        assert code == "DEADLINE_EXCEEDED"
        names = contract.ValidateNetworksRequest(names=["lenet5"] * 3)
        assert service.refusal(address, "ValidateNetworks", names)[0] == "OK"


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the size of a process is not told")
def test_the_memory_of_a_request_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with limits_of_request(200 * 2**20, str(tmp_path)):
        with pytest.raises(MemoryError):
            bytearray(400 * 2**20)
        assert len(bytearray(100 * 2**20)) == 100 * 2**20
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    assert len(bytearray(400 * 2**20)) == 400 * 2**20


def test_every_call_that_takes_a_network_takes_a_file(address: str) -> None:
    """And calls about several networks take files beside names."""
    assert {name for call in CALLS.values() for name in call.networks} == {"network", "networks", "other"}
    with Client(address, timeout=HANGS) as client:
        network = Network.from_layers(GOOD["toml"].decode())
        assert [each.architecture for each in client.compare(["vgg16", network])] == ["vgg16", "small"]
