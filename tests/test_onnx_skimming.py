"""ONNX files where files cannot be mapped into memory, as in a browser: the same network."""

import errno
import random
from io import BytesIO

import numpy as np
import pytest
from onnx import numpy_helper
from onnx_models import kept, model, node, whole

from archcalc import ArchcalcError, analyze
from archcalc.importers.onnx_files import read_onnx, reader
from archcalc.importers.onnx_files.skimming import LONG, skimmed
from archcalc.importers.onnx_files.wire import BrokenMessage


def weight(name, *dims):
    """A stored tensor with its values."""
    return numpy_helper.from_array(np.zeros(dims, np.float32), name)


def large():
    """A model with 1 MB of weights, in the graph and in a constant."""
    constant = node("Constant", "", "v", "held", value=weight("", 40, 500))
    nodes = [
        node("Conv", "x w", "a", kernel_shape=[3, 3]),
        node("Reshape", "a to", "b"),
        node("Gemm", "b u", "c"),
        constant,
        node("MatMul", "c v", "y"),
    ]
    stored = [weight("w", 8, 3, 3, 3), whole("to", 1, 8 * 30 * 30), weight("u", 8 * 30 * 30, 40)]
    return model(nodes, {"x": (1, 3, 32, 32)}, stored=stored)


@pytest.fixture
def unmapped(monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.ENODEV, "No such device")

    monkeypatch.setattr(reader.mmap, "mmap", refuse)


@pytest.fixture
def read(tmp_path):
    def said(data):
        file = tmp_path / "model.onnx"
        file.write_bytes(data)
        try:
            return analyze(read_onnx(file, "mine")).to_dict()
        except ArchcalcError as error:
            return str(error)

    return said


@pytest.mark.parametrize("name", ["large", "torchvision_resnet18.dynamo", "torchvision_shufflenet_v2_x0_5.script"])
def test_a_file_that_cannot_be_mapped_is_the_same_network(read, name, request):
    data = large() if name == "large" else kept(name)
    mapped = read(data)
    request.getfixturevalue("unmapped")
    assert read(data) == mapped
    assert isinstance(mapped, dict)


def test_values_of_large_tensors_are_not_read():
    class Counted(BytesIO):
        taken = 0

        def read(self, size=-1):
            data = super().read(size)
            self.taken += len(data)
            return data

    data = large()
    file = Counted(data)
    kept_bytes = skimmed(file, len(data))
    assert len(data) > 1_200_000
    assert len(kept_bytes) < 2_000
    assert file.taken < 4_000


def test_values_that_are_read_are_kept():
    values = numpy_helper.from_array(np.arange(LONG // 8), "to")
    data = model([node("Identity", "x", "y")], {"x": (1, 3)}, stored=[values])
    assert skimmed(BytesIO(data), len(data)) == data


def test_broken_files_are_refused_alike(read, request):
    data = large()
    chance = random.Random(4)  # noqa: S311
    places = [chance.randrange(len(data)) for _ in range(20)] + [chance.randrange(300) for _ in range(40)]
    broken = [data[:place] for place in places] + [b"", b"hello", bytes(200), data[:-1]]
    for place in places:
        changed = bytearray(data)
        changed[place] ^= 1 << chance.randrange(8)
        broken.append(bytes(changed))
    mapped = [read(each) for each in broken]
    request.getfixturevalue("unmapped")
    refused = 0
    for one, other in zip(mapped, [read(each) for each in broken], strict=True):
        refused += isinstance(one, str)
        assert one == other or (isinstance(one, str) and isinstance(other, str))
    assert refused > 60


def test_messages_within_messages_end():
    inner = b""
    for _ in range(100):  # graphs in attributes of nodes, each longer than what is copied as it is
        inner = _field(5, _field(6, _field(13, bytes(LONG)) + _field(1, inner)))
    data = _field(7, _field(1, inner))
    with pytest.raises(BrokenMessage, match="nested"):
        skimmed(BytesIO(data), len(data))


def _field(number, content):
    size, length = len(content), bytearray()
    while size >= 128:
        length.append(size & 127 | 128)
        size >>= 7
    return bytes([number << 3 | 2, *length, size]) + content
