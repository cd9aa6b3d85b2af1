"""ONNX files: counts are PyTorch's, shapes those of ONNX's own inference, sizes may be symbols, nothing is run."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from itertools import pairwise
from pathlib import Path
from typing import Any

import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, shape_inference
from onnx_models import LIGHT, graph, kept, model, node, single, weight, whole

import archcalc
from archcalc.importers.onnx_files import network as networks
from archcalc.importers.onnx_files import read_onnx
from archcalc.importers.onnx_files.items import NameScope, dims_of
from archcalc.importers.onnx_files.walk import Walk
from archcalc.validation.models import keep_compiled_ops_out


def counts(network: Any, **given: Any) -> tuple[Any, Any]:
    totals = archcalc.analyze(network, **given).totals
    return totals.params, totals.mult_adds


def shape_of(network: archcalc.Network, **given: Any) -> tuple[Any, ...]:
    built = network.graph(**given)
    return built.nodes[built.outputs[0]].shape


def operators(network: archcalc.Network) -> list[str]:
    return [each.op.kind for each in network.graph().nodes[1:]]


# ---- public models that PyTorch's two exporters wrote

PUBLIC = (
    "torchvision_resnet18.dynamo",
    "torchvision_resnet18.script",
    "torchvision_mobilenet_v3_small.script",
    "torchvision_shufflenet_v2_x0_5.script",
    "torchvision_swin_t.dynamo",
    "timm_convnext_atto.dynamo",
    "timm_vit_tiny_patch16_224.dynamo",
)


def public(name: str) -> Any:
    """The model of PyTorch that a file is from, without memory."""
    import torch

    keep_compiled_ops_out()
    library, _, rest = name.partition(".")[0].partition("_")
    with torch.device("meta"):
        if library == "timm":
            import timm

            return timm.create_model(rest).eval()
        import torchvision

        return torchvision.models.get_model(rest).eval()


def flops(module: Any, shape: tuple[int, ...]) -> int:
    """Mult-adds by PyTorch's own counter."""
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    torch.backends.mha.set_fastpath_enabled(False)  # its fused kernel counts nothing
    device = next(iter(module.parameters())).device
    with torch.no_grad(), FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        module(torch.zeros(1, *shape, device=device))
    return counter.get_total_flops() // 2


def folded(module: Any) -> int:
    """Parameters that a file has more than its module.

    A batch norm is folded into its convolution, whose bias stays of it: one number for each channel less. Swin's table
    of relative positions is spread over all pairs of a window.
    """
    import torch

    norms = sum([each.num_features for each in module.modules() if isinstance(each, torch.nn.BatchNorm2d)])
    tables = [each for name, each in module.named_parameters() if name.endswith("relative_position_bias_table")]
    return sum([each.shape[1] * (49 * 49 - each.shape[0]) for each in tables]) - norms


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_model_has_the_counts_of_pytorch_at_any_size_that_it_admits(name: str) -> None:
    module = public(name)
    network = read_onnx(kept(name), name)
    assert network.input == (3, 224, 224)
    params = sum([each.numel() for each in module.parameters()])
    assert counts(network) == (params + folded(module), flops(module, (3, 224, 224)))
    assert not [kind for kind in operators(network) if kind in ("unknown", "given")]
    if "vit" in name:
        with pytest.raises(archcalc.ArchcalcError, match=r"\(1, 257, 192\) and \(1, 197, 192\) do not match"):
            archcalc.analyze(network, input=(3, 256, 256))
    else:
        assert counts(network, input=(3, 256, 320))[1] == flops(module, (3, 256, 320))


def test_a_gelu_that_is_written_as_five_nodes_is_one_op() -> None:
    import torch

    data = written(
        torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.GELU(), torch.nn.Linear(16, 4)), torch.zeros(1, 8)
    )
    assert {"Div", "Erf", "Add", "Mul"} <= {each.op_type for each in onnx.load_from_string(data).graph.node}
    assert operators(read_onnx(data)) == ["linear", "gelu", "linear"]


def test_rows_have_the_names_of_modules() -> None:
    names = {"conv1", "layer1.0.conv1", "layer2.0.downsample.0", "layer4.1.conv2", "fc", "layer1.0.add"}
    for name in PUBLIC[:2]:
        assert names <= {each.row for each in read_onnx(kept(name)).graph().nodes}
    attention = {each.row for each in read_onnx(kept(PUBLIC[-1])).graph().nodes}
    assert {"patch_embed.proj", "blocks.0.norm1", "blocks.11.attn.qkv", "blocks.3.mlp.fc2", "head"} <= attention


def test_a_file_and_the_exported_program_of_the_same_module_have_the_same_counts() -> None:
    import torch

    from archcalc.importers.exported import read_exported
    from archcalc.importers.exporting import export
    from archcalc.importers.imported import network_from

    module = public("timm_convnext_atto")
    with torch.device("meta"):
        program = network_from(read_exported(export(module, (torch.zeros(2, 3, 224, 224),)), "convnext"), "convnext")
    network = read_onnx(kept("timm_convnext_atto.dynamo"))
    for shape in ((3, 224, 224), (3, 256, 320)):
        assert counts(network, input=shape) == counts(program, input=shape)
    assert shape_of(network) == shape_of(program)


@pytest.mark.parametrize(("name", "sizes"), [
    ("torchvision_resnet18.script", (256, 320)),
    ("timm_convnext_atto.dynamo", (256, 320)),
    ("torchvision_swin_t.dynamo", (448, 224)),
])  # fmt: skip
def test_free_sizes_are_symbols_of_closed_forms(name: str, sizes: tuple[int, int]) -> None:
    network = read_onnx(kept(name))
    form = archcalc.closed_form(network, ("H", "W"))
    for height, width in ((224, 224), sizes):
        expected = counts(network, input=(3, height, width))[1]
        assert form(H=height, W=width)["mult_adds"] == expected


# ---- third-party files: the light models of the onnx package

SAME = {"resnet50": "resnet50", "vgg19": "vgg19", "squeezenet": "squeezenet1_1"}
"""Architectures of the catalogue that they are."""
TOTALS = {
    "bvlc_alexnet": (60_965_224, 654_560_384),
    "densenet121": (8_062_504, 2_834_161_664),
    "inception_v1": (6_998_552, 1_431_556_352),
    "inception_v2": (11_214_888, 2_018_851_840),
    "resnet50": (25_557_032, 4_089_184_256),
    "shufflenet": (1_393_320, 124_664_528),
    "squeezenet": (1_235_496, 349_151_936),
    "vgg19": (143_667_240, 19_632_062_464),
    "zfnet512": (87_250_536, 1_481_727_008),
}


def light(name: str) -> bytes:
    return (LIGHT / f"light_{name}.onnx").read_bytes()


def inferred(data: bytes, scope: NameScope) -> dict[str, tuple[Any, ...]]:
    """The sizes of all tensors by `onnx.shape_inference`, at those of the inputs that a build has."""
    found = onnx.load_from_string(data)
    stored = {each.name for each in found.graph.initializer}
    for each in found.graph.input:
        if each.name not in stored:
            for dim, size in zip(each.type.tensor_type.shape.dim, dims_of(scope.items[each.name]), strict=True):
                dim.dim_value = size
    found = shape_inference.infer_shapes(found, data_prop=True)
    tensors = [
        each for each in [*found.graph.value_info, *found.graph.output] if each.type.tensor_type.HasField("shape")
    ]
    return {
        each.name: tuple(
            [dim.dim_value if dim.HasField("dim_value") else None for dim in each.type.tensor_type.shape.dim]
        )
        for each in tensors
    }


@pytest.mark.parametrize("name", [*TOTALS, *PUBLIC])
def test_every_tensor_has_the_shape_that_onnx_infers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scopes: list[NameScope] = []

    class Watched(Walk):
        def run(self, scope: NameScope) -> Any:
            scopes.append(scope)
            return Walk.run(self, scope)

    monkeypatch.setattr(networks, "Walk", Watched)
    data = light(name) if name in TOTALS else kept(name)
    read_onnx(data)
    checked = 0
    for tensor, sizes in inferred(data, scopes[-1]).items():
        if tensor in scopes[-1].items and None not in sizes:
            assert dims_of(scopes[-1].items[tensor]) == sizes, tensor
            checked += 1
    assert checked > 30


@pytest.mark.parametrize("name", TOTALS)
def test_a_light_model_has_its_counts(name: str) -> None:
    network = read_onnx(light(name))
    assert counts(network) == TOTALS[name]
    assert not [kind for kind in operators(network) if kind in ("unknown", "given", "constant", "weight")[:3]]
    if name in SAME:
        assert counts(network) == counts(SAME[name], input=(3, 224, 224))


def test_where_a_light_model_is_no_architecture_of_the_catalogue_the_reason_is_known() -> None:
    """DenseNet and BN-Inception keep the scale and the shift of Caffe's layers beside those of each batch norm, and

    Caffe's pools, which round up, were exported as such that round down.
    """
    for name, same in (("densenet121", "densenet121"),):
        norms = 41_824
        assert counts(read_onnx(light(name))) == (
            counts(same, input=(3, 224, 224))[0] + 2 * norms,
            counts(same, input=(3, 224, 224))[1],
        )
    for name, same in (("bvlc_alexnet", "alexnet"), ("inception_v1", "googlenet")):
        params, mult_adds = counts(same, input=(3, 224, 224))
        found = counts(read_onnx(light(name)))
        assert found[0] == params
        assert found[1] < mult_adds
    pools = [each for each in read_onnx(light("inception_v1")).graph().nodes if each.op.kind == "max_pool"]
    assert pools[0].shape == (64, 55, 55)


# ---- small modules, written by PyTorch's exporter in the test


def written(module: Any, *inputs: Any, opset: int = 17, axes: dict[str, Any] | None = None) -> bytes:
    """A module as ONNX, with weights that are not equal, so that none are stored once for several layers."""
    import io
    import warnings

    import torch

    torch.manual_seed(1)
    for tensor in [*module.parameters(), *module.buffers()]:
        if tensor.is_floating_point():
            torch.nn.init.uniform_(tensor, 0.5, 1)
    file = io.BytesIO()
    names = [f"x{place}" for place in range(len(inputs))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(), inputs, file, dynamo=False, opset_version=opset, input_names=names, dynamic_axes=axes
        )
    return file.getvalue()


def small_modules() -> dict[str, tuple[Any, tuple[int, ...], tuple[int, ...] | None]]:
    """Modules, the shape of their input, and another that they admit."""
    from torch import nn

    class Fork(nn.Module):
        def __init__(self, function: Any, *layers: Any) -> None:
            super().__init__()
            self.layers = nn.ModuleList(layers)
            self.function = function

        def forward(self, x: Any) -> Any:
            return self.function(self.layers, x)

    def attention(layers: Any, x: Any) -> Any:
        return layers[0](x, x, x, need_weights=False)[0]

    return {
        "plain": (
            nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 8, 3, groups=4, dilation=2), nn.SiLU()),
            (3, 33, 40),
            (3, 20, 31),
        ),
        "pools": (
            nn.Sequential(
                nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(3, 2, 1, count_include_pad=False), nn.Conv2d(3, 4, 1),
                nn.MaxPool2d(2, 2, ceil_mode=True), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 7),
            ),
            (3, 37, 29),
            (3, 64, 50),
        ),
        "transposed": (
            nn.Sequential(nn.ConvTranspose2d(4, 6, 3, 2, 1, 1, groups=2), nn.PReLU(6), nn.Upsample(scale_factor=2)),
            (4, 9, 7),
            (4, 5, 12),
        ),
        "bilinear": (
            nn.Sequential(nn.Upsample(scale_factor=1.5, mode="bilinear"), nn.Conv2d(3, 4, 3)), (3, 10, 12), (3, 8, 6)
        ),
        "norms": (
            nn.Sequential(nn.Conv2d(3, 8, 1), nn.GroupNorm(4, 8), nn.InstanceNorm2d(8, affine=True), nn.Hardswish()),
            (3, 10, 12),
            (3, 8, 6),
        ),
        "shuffle": (
            nn.Sequential(nn.Conv2d(3, 16, 3), nn.PixelShuffle(2), nn.Conv2d(4, 2, 3), nn.PixelUnshuffle(2)),
            (3, 12, 10),
            (3, 8, 8),
        ),
        "one axis": (nn.Sequential(nn.Conv1d(3, 8, 5, 2), nn.GELU(), nn.MaxPool1d(2)), (3, 64), (3, 81)),
        "three axes": (nn.Sequential(nn.Conv3d(3, 8, 3), nn.ELU(), nn.AvgPool3d(2)), (3, 10, 12, 14), (3, 8, 6, 9)),
        "attention": (Fork(attention, nn.MultiheadAttention(32, 4, batch_first=True)), (20, 32), None),
        "mixed": (
            Fork(
                lambda layers, x: layers[1](layers[0](x).flatten(2).transpose(1, 2)).mean(1).softmax(-1),
                nn.Conv2d(3, 16, 4, 4), nn.Sequential(nn.LayerNorm(16), nn.Linear(16, 5, bias=False)),
            ),
            (3, 32, 24),
            (3, 48, 40),
        ),
        "split": (
            Fork(
                lambda layers, x: layers[0](x[:, ::2, 1:-1]) * x.chunk(2, 1)[0].sigmoid().mean((2, 3), keepdim=True),
                nn.Conv2d(2, 2, 3),
            ),
            (4, 12, 12),
            (4, 10, 14),
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", [
    "plain", "pools", "transposed", "bilinear", "norms", "shuffle", "one axis", "three axes", "attention",
    "mixed", "split",
])  # fmt: skip
def test_a_small_module_has_the_counts_and_the_output_of_pytorch(name: str) -> None:
    import torch

    module, shape, other = small_modules()[name]
    axes = {"x0": {0: "batch", **{axis: f"size{axis}" for axis in range(2, len(shape) + 1)}}} if other else None
    network = read_onnx(written(module, torch.zeros(2 if axes else 1, *shape), axes=axes))
    params = sum([each.numel() for each in module.parameters()])
    for size in (shape, other):
        if size is not None:
            assert counts(network, input=size) == (params, flops(module, size))
            assert shape_of(network, input=size) == tuple(module(torch.zeros(1, *size)).shape[1:])


@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("both", [False, True])
def test_a_recurrent_layer_has_the_parameters_of_pytorch(cell: str, both: bool) -> None:
    import torch

    module = getattr(torch.nn, cell)(12, 20, bidirectional=both, num_layers=2)
    network = read_onnx(written(module, torch.zeros(9, 1, 12)))
    assert archcalc.analyze(network).totals.params == sum([each.numel() for each in module.parameters()])
    weights = sum([each.numel() for each in module.parameters() if each.dim() == 2])
    assert archcalc.analyze(network).totals.mult_adds == 9 * weights
    assert shape_of(network) == (9, 40 if both else 20) or shape_of(network) == (9, 1, 40 if both else 20)


def test_an_embedding_that_is_also_the_last_layer_counts_once() -> None:
    nodes = [
        node("Gather", "table ids", "e"),
        node("Transpose", "table", "t", perm=[1, 0]),
        node("MatMul", "e t", "y"),
    ]
    data = model(nodes, {"ids": ["batch", "sequence"]}, stored=[weight("table", 1000, 16)], kind=TensorProto.INT64)
    network = read_onnx(data)
    assert counts(network, input=(5,)) == (16_000, 5 * 16_000)
    assert operators(network) == ["embedding", "linear"]


# ---- what the file stores


def test_weights_are_those_of_layers_wherever_they_are_stored() -> None:
    """In initializers, in constants, under another name, filled, with other axes."""
    nodes = [
        node("Constant", "", "a", value=helper.make_tensor("", TensorProto.FLOAT, [4, 3, 3, 3], [0.5] * 108)),
        node("Identity", "b", "other"),
        node("ConstantOfShape", "sizes", "c", value=helper.make_tensor("", TensorProto.FLOAT, [1], [0.02])),
        node("Conv", "x a other", "p"),
        node("Conv", "p c", "q"),
        node("Transpose", "d", "turned", perm=[1, 0]),
        node("GlobalAveragePool", "q", "r"),
        node("Flatten", "r", "s"),
        node("Gemm", "s turned", "y"),
    ]
    stored = [weight("b", 4), whole("sizes", 8, 4, 1, 1), weight("d", 10, 8)]
    network = read_onnx(model(nodes, {"x": [1, 3, 8, 8]}, stored=stored))
    assert counts(network) == (108 + 4 + 32 + 80, 36 * (108 + 32) + 80)
    assert network.summary == "ONNX opset 21; 4 tensors of 224 values are weights of layers"
    assert network.remarks == (f"{network.summary}.",)


def test_a_weight_that_no_layer_takes_is_a_weight_used_as_it_is_and_a_number_is_a_constant() -> None:
    nodes = [node("Add", "x positions", "a"), node("Mul", "a half", "b"), node("Add", "b ids", "y")]
    stored = [weight("positions", 1, 7, 16), single("half", 0.5), weight("ids", 7, 16, kind=TensorProto.INT32)]
    network = read_onnx(model(nodes, {"x": [1, 7, 16]}, stored=stored))
    assert counts(network) == (112, 0)
    assert "1 tensors of 112 values weights used as they are" in network.summary


def test_a_bias_that_is_added_after_a_product_is_that_of_the_layer() -> None:
    nodes = [node("MatMul", "x w", "a", name="/block/fc/MatMul"), node("Add", "b a", "y", name="/block/fc/Add")]
    network = read_onnx(model(nodes, {"x": ["n", 7, 16]}, stored=[weight("w", 16, 4), weight("b", 4)]))
    assert operators(network) == ["linear"]
    assert counts(network) == (68, 7 * 64)
    assert network.graph().nodes[-1].row == "block.fc"


def test_a_quantized_model_has_its_widths() -> None:
    scale = [single("s", 0.1), single("z", 0, TensorProto.UINT8)]
    nodes = [
        node("QuantizeLinear", "x s z", "q"),
        node("QLinearConv", "q s z w s z s z bias", "c"),
        node("DequantizeLinear", "c s z", "d"),
        node("DequantizeLinear", "v s z", "real"),
        node("Conv", "d real", "y"),
    ]
    stored = [
        *scale, weight("w", 4, 3, 3, 3, kind=TensorProto.INT8), weight("bias", 4, kind=TensorProto.INT32),
        weight("v", 5, 4, 1, 1, kind=TensorProto.INT8),
    ]  # fmt: skip
    network = read_onnx(model(nodes, {"x": [1, 3, 8, 8]}, stored=stored))
    assert counts(network) == (112 + 20, 36 * (108 + 20))
    assert network.summary.endswith("; 2 of 8 bits")


# ---- sub-graphs, functions, unknown operators


def branches(condition: str, stored: list[Any]) -> bytes:
    paths = {
        f"{each}_branch": graph([node(operator, "x w", each)], {}, [each], [weight("w", 16, out)])
        for each, operator, out in (("then", "MatMul", 3), ("else", "MatMul", 5))
    }
    return model([node("If", condition, "y", name="/If", **paths)], {"x": [1, 7, 16], "c": [1]}, stored=stored)


def test_a_branch_that_is_settled_is_taken_and_another_is_refused_by_name() -> None:
    network = read_onnx(branches("yes", [helper.make_tensor("yes", TensorProto.BOOL, [], [True])]))
    assert shape_of(network) == (7, 3)
    network = read_onnx(branches("no", [helper.make_tensor("no", TensorProto.BOOL, [], [False])]))
    assert shape_of(network) == (7, 5)
    with pytest.raises(archcalc.ArchcalcError, match="If /If cannot be built: which branch it takes depends on values"):
        read_onnx(branches("c", []))


def test_a_loop_of_known_rounds_counts_its_work_each_time_and_its_weights_once() -> None:
    inputs = {"i": [], "go": [], "h": [1, 7, 16]}
    body = graph([node("MatMul", "h w", "g"), node("Identity", "go", "on")], inputs, ["on", "g"], [weight("w", 16, 16)])
    stored = [single("count", 6, TensorProto.INT64), helper.make_tensor("yes", TensorProto.BOOL, [], [True])]
    network = read_onnx(model([node("Loop", "count yes x", "y", body=body)], {"x": [1, 7, 16]}, stored=stored))
    assert counts(network) == (256, 6 * 7 * 256)
    with pytest.raises(archcalc.ArchcalcError, match="its number of rounds depends on values"):
        read_onnx(model([node("Loop", "n yes x", "y", body=body)], {"x": [1, 7, 16], "n": []}, stored=stored))


def test_functions_of_the_model_are_inlined_under_the_name_of_their_call() -> None:
    inner = [node("MatMul", "a b", "c"), helper.make_node("LeakyRelu", ["c"], ["d"])]
    inner[1].attribute.append(onnx.AttributeProto(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT))
    function = helper.make_function(
        "own", "Dense", ["a", "b"], ["d"], inner, [helper.make_opsetid("", 21)], attributes=["slope"]
    )
    nodes = [
        helper.make_node("Dense", ["x", "v"], ["h"], name="first", domain="own", slope=0.1),
        helper.make_node("Dense", ["h", "w"], ["y"], name="second", domain="own", slope=0.2),
    ]
    stored = [weight("v", 16, 8), weight("w", 8, 4)]
    network = read_onnx(model(nodes, {"x": [1, 7, 16]}, stored=stored, functions=[function]))
    assert operators(network) == ["linear", "leaky_relu"] * 2
    assert counts(network) == (160, 7 * 160)
    assert network.graph().nodes[-1].row.startswith("second.")


def test_an_unknown_operator_is_shown_with_its_path_and_its_weights() -> None:
    nodes = [
        helper.make_node("Magic", ["x", "w"], ["h"], name="/block/magic/Magic", domain="own"),
        helper.make_node("Relu", ["h"], ["y"]),
    ]
    stored = [weight("w", 16, 8)]
    network = read_onnx(model(nodes, {"x": ["n", 7, 16]}, stored=stored, between={"h": ["n", 7, 30]}))
    assert shape_of(network) == (7, 30)
    unknown = network.graph().nodes[1]
    assert unknown.op.attributes() == {"operator": "own.Magic", "sizes": (7, 30), "weights": 128}
    assert unknown.row.startswith("block.magic")
    assert network.summary.endswith("; not counted: own.Magic")
    assert shape_of(read_onnx(model(nodes, {"x": ["n", 7, 16]}, stored=stored))) == (7, 16)
    nodes[0].input.append("z")
    with pytest.raises(
        archcalc.ArchcalcError, match=r"own\.Magic /block/magic/Magic cannot be built: it is not known, and"
    ):
        read_onnx(model(nodes, {"x": ["n", 7, 16], "z": ["n", 3]}, stored=stored))


# ---- sizes


def test_a_fixed_size_is_refused_where_another_is_asked_for() -> None:
    network = read_onnx(light("squeezenet"))
    with pytest.raises(
        archcalc.ArchcalcError, match=r"the input data_0 has fixed sizes in the file: \(1, 3, 224, 224\)"
    ):
        archcalc.analyze(network, input=(3, 256, 256))


def test_sizes_that_contradict_the_file_are_refused_and_not_taken_from_it() -> None:
    """What a file says of the sizes of a tensor between is for operators that are not known."""
    nodes = [node("Conv", "x w", "a", strides=[32, 32]), node("Reshape", "a sizes", "b"), node("Relu", "b", "y")]
    stored = [weight("w", 4, 3, 32, 32), whole("sizes", 1, 4, 49)]
    network = read_onnx(model(nodes, {"x": ["n", 3, "h", "w"]}, stored=stored, between={"b": ["n", 4, 49]}))
    assert shape_of(network) == (4, 49)
    with pytest.raises(archcalc.ArchcalcError, match="its values do not fill"):
        archcalc.analyze(network, input=(3, 256, 256))


def test_free_sizes_are_by_default_the_first_at_which_the_model_can_be_built() -> None:
    nodes = [node("Conv", "x w", "a", strides=[32, 32]), node("Reshape", "a sizes", "b"), node("MatMul", "b v", "y")]
    stored = [weight("w", 4, 3, 32, 32), whole("sizes", -1, 256), weight("v", 256, 10)]
    assert read_onnx(model(nodes, {"x": ["n", 3, "h", "w"]}, stored=stored)).input == (3, 256, 256)


def test_shapes_are_computed_by_the_nodes_that_compute_them() -> None:
    """Half of height and width by floor of real numbers, and the product of both as one axis."""
    nodes = [
        node("Shape", "x", "all"), node("Slice", "all two four", "sides"), node("Cast", "sides", "real", to=1),
        node("Mul", "real half", "scaled"), node("Floor", "scaled", "down"), node("Cast", "down", "new", to=7),
        node("Slice", "all zero two", "kept"), node("Concat", "kept new", "sizes", axis=0),
        node("Resize", "x - - sizes", "r"), node("Concat", "kept minus", "flat", axis=0),
        node("Reshape", "r flat", "y"),
    ]  # fmt: skip
    stored = [whole("zero", 0), whole("two", 2), whole("four", 4), whole("minus", -1), single("half", 0.5)]
    network = read_onnx(model(nodes, {"x": ["n", 3, "h", "w"]}, stored=stored))
    assert shape_of(network, input=(3, 33, 50)) == (3, 16 * 25)
    form = archcalc.closed_form(network, ("H", "W"))
    assert "h*w" in str(form.quantities["activation_sum"].text)


def test_the_batch_is_one_and_a_fixed_batch_is_an_axis() -> None:
    nodes = [node("Conv", "x w", "y")]
    stored = [weight("w", 4, 3, 3, 3)]
    assert read_onnx(model(nodes, {"x": ["n", 3, 8, 8]}, stored=stored)).input == (3, 8, 8)
    fixed = read_onnx(model(nodes, {"x": [5, 3, 8, 8]}, stored=stored))
    assert fixed.input == (5, 3, 8, 8)
    assert counts(fixed) == (108, 5 * 36 * 108)


def test_inputs_of_which_only_the_sizes_matter_are_left_out() -> None:
    nodes = [node("Shape", "z", "s"), node("Expand", "x s", "e"), node("MatMul", "e w", "y")]
    data = model(nodes, {"x": ["n", 7, 16], "z": ["n", 7, 16]}, stored=[weight("w", 16, 4)])
    assert len(read_onnx(data).inputs) == 1


# ---- nothing is loaded, nothing is run


def test_large_weights_are_not_read(tmp_path: Path) -> None:
    """A file of 1.5 GB of weights, with holes for them on the disk, takes a few hundred kilobytes of memory."""
    count = 400_000_000
    tensor = weight("w", count // 1000, 1000).SerializeToString()
    length = count * 4

    def varint(value: int) -> bytes:
        return bytes([value & 0x7F | 0x80]) + varint(value >> 7) if value > 0x7F else bytes([value])

    def tagged(number: int, size: int) -> bytes:
        return varint(number << 3 | 2) + varint(size)

    rest = onnx.load_from_string(model([node("MatMul", "x w", "y")], {"x": [1, 7, count // 1000]}))
    inner = rest.graph.SerializeToString()
    raw = tensor + tagged(9, length)
    stored = tagged(5, len(raw) + length) + raw
    rest.ClearField("graph")
    head = rest.SerializeToString() + tagged(7, len(inner) + len(stored) + length) + inner + stored
    file = tmp_path / "large.onnx"
    with file.open("wb") as opened:
        opened.write(head)
        opened.truncate(len(head) + length)
    tracemalloc.start()
    try:
        network = read_onnx(file)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert counts(network) == (count, 7 * count)
    assert peak < 5_000_000


def test_external_data_is_not_opened(tmp_path: Path) -> None:
    tensor = weight("w", 16, 4)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../../etc/passwd")
    file = tmp_path / "outside.onnx"
    file.write_bytes(model([node("MatMul", "x w", "y")], {"x": [1, 7, 16]}, stored=[tensor]))
    assert counts(read_onnx(file)) == (64, 7 * 64)


def test_neither_onnx_nor_numpy_nor_torch_is_imported() -> None:
    said = "import sys; from archcalc.importers.onnx_files import read_onnx; read_onnx(sys.argv[1]).table();"
    said += "print([name for name in ('onnx', 'numpy', 'torch', 'google.protobuf', 'sympy') if name in sys.modules])"
    command = [sys.executable, "-c", said, str(LIGHT / "light_resnet50.onnx")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"


# ---- files that are none, and hostile ones


def test_a_function_that_calls_itself_and_a_name_that_nothing_makes_are_refused() -> None:
    inner = [helper.make_node("Again", ["a"], ["b"], domain="own")]
    function = helper.make_function("own", "Again", ["a"], ["b"], inner, [helper.make_opsetid("own", 1)])
    nodes = [helper.make_node("Again", ["x"], ["y"], domain="own")]
    with pytest.raises(archcalc.ArchcalcError, match="functions are nested more than 16 deep"):
        read_onnx(model(nodes, {"x": [1, 7]}, functions=[function]))
    with pytest.raises(archcalc.ArchcalcError, match="the tensor 'later' is used before it is made"):
        read_onnx(model([node("Add", "x later", "y"), node("Relu", "y", "later")], {"x": [1, 7]}))


def test_functions_that_grow_without_end_are_refused() -> None:
    """Each function calls the one before ten times: 10^9 nodes."""
    functions = []
    for level in range(10):
        names = [chr(97 + place) for place in range(11)]
        inner = [
            helper.make_node(f"F{level - 1}" if level else "Relu", [a], [b], domain="own" if level else "")
            for a, b in pairwise(names)
        ]
        opsets = [helper.make_opsetid("own", 1), helper.make_opsetid("", 21)]
        functions.append(helper.make_function("own", f"F{level}", ["a"], ["k"], inner, opsets))
    nodes = [helper.make_node("F9", ["x"], ["y"], domain="own")]
    with pytest.raises(archcalc.ArchcalcError, match=r"more than .* nodes would be built"):
        read_onnx(model(nodes, {"x": [1, 7]}, functions=functions))


def test_sub_graphs_within_each_other_have_a_limit() -> None:
    inner = graph([node("Relu", "x", "y")], {})
    for _ in range(25):
        inner = graph([node("If", "yes", "y", then_branch=inner)], {})
    yes = helper.make_tensor("yes", TensorProto.BOOL, [], [True])
    with pytest.raises(archcalc.ArchcalcError, match="its sub-graphs are nested more than 16 deep"):
        read_onnx(model(inner.node, {"x": [1, 7]}, stored=[yes]))


def test_sizes_that_grow_without_end_are_refused() -> None:
    names = [f"s{place}" for place in range(60)]
    nodes = [node("Shape", "x", "s0"), *[node("Mul", f"{a} {a}", b) for a, b in pairwise(names)]]
    with pytest.raises(archcalc.ArchcalcError, match="Reshape cannot be built"):
        read_onnx(model([*nodes, node("Reshape", "x s59", "r"), node("Relu", "r", "y")], {"x": [1, 7, 9]}))


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff" * 40, b"PK\x03\x04", b"\x08\x07", b"\x3a\x02\x0a"])
def test_bytes_that_are_no_model_are_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(archcalc.ArchcalcError, match=r"cannot be read as an ONNX file|depend on no input"):
        read_onnx(data)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(archcalc.ArchcalcError, match="net cannot be read"):
        read_onnx(tmp_path / "net.onnx")


SEEDS = (light("squeezenet"), kept("torchvision_resnet18.script"), kept("timm_vit_tiny_patch16_224.dynamo"))
CHANGES = st.lists(
    st.tuples(
        st.floats(0, 0.999999), st.sampled_from(["set", "cut", "insert", "copy"]), st.binary(min_size=1, max_size=9)
    ),
    min_size=1,
    max_size=12,
)


@given(seed=st.sampled_from(SEEDS), changes=CHANGES)
@settings(max_examples=150)
def test_a_changed_file_is_read_or_refused(seed: bytes, changes: list[tuple[float, str, bytes]]) -> None:
    data = bytearray(seed)
    for place, change, piece in changes:
        at = int(place * len(data))
        if change == "set":
            data[at : at + len(piece)] = piece
        elif change == "cut":
            del data[at : at + len(piece)]
        else:
            data[at:at] = piece if change == "insert" else data[at // 2 : at // 2 + 40]
    try:
        network = read_onnx(bytes(data))
    except archcalc.ArchcalcError as error:
        said = str(error)
    else:
        said = "read" if network.graph().outputs else ""
    assert said
    assert "\n" not in said
