"""Operators of ONNX: the cases that ONNX tests its own backends with have the shapes that they say, or are refused."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, numpy_helper
from onnx_models import model, node, weight, whole

import archcalc
from archcalc.importers.onnx_files import read_onnx
from archcalc.importers.tensors import image
from archcalc.ops.pool import MaxPool

FEW = 50
EMPTY = {"test_reduce_sum_empty_set_non_reduced_axis_zero", "test_triu_zero", "test_tril_zero"}
"""Cases with an input of no values, whose size of 0 reads as one that is free."""


def cases() -> Iterator[tuple[str, bytes, list[tuple[int, ...]]]]:
    """The name of each case, its model with small further inputs as stored tensors, and the shapes of its outputs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        found = collect_testcases(None)
    for case in found:
        made = case.model
        inputs = list(made.graph.input)
        data = case.data_sets[0][0] if case.data_sets else []
        del made.graph.input[:]
        for place, (each, value) in enumerate(zip(inputs, [*data, *[None] * len(inputs)], strict=False)):
            small = isinstance(value, np.ndarray) and value.size < FEW and value.dtype.kind in "iufb"
            if place and small and made.graph.node[0].op_type not in ("Where", "Add"):
                made.graph.initializer.append(numpy_helper.from_array(value, each.name))
            else:
                made.graph.input.append(each)
        sizes = [
            tuple([dim.dim_value for dim in each.type.tensor_type.shape.dim])
            for each in made.graph.output
            if each.type.HasField("tensor_type")
        ]
        yield case.name, made.SerializeToString(), sizes


def outcome(name: str, data: bytes, sizes: list[tuple[int, ...]]) -> str:
    try:
        graph = read_onnx(data, name).graph()
    except archcalc.ArchcalcError as error:
        return f"{name}: {error}" if "Error: " in str(error) else "refused"  # Python's are mistakes in a maker
    if any([each.op.kind == "unknown" for each in graph.nodes]):
        return "unknown"
    shapes = {graph.nodes[index].shape for index in graph.outputs}
    return "equal" if shapes <= {image(each) or (1,) for each in sizes} else name


def test_the_cases_of_onnx_have_their_shapes_or_are_refused() -> None:
    counts = Counter([outcome(*case) for case in cases()])
    assert {name for name in counts if name not in ("equal", "refused", "unknown")} <= EMPTY
    assert counts["equal"] > 1200


# ---- what the cases do not tell: counts


def graph_of(nodes: list[Any], shape: tuple[Any, ...], stored: list[Any], **more: Any) -> Any:
    return read_onnx(model(nodes, {"x": ["n", *shape]}, stored=stored, **more)).graph()


def work_of(graph: Any) -> int:
    return sum([facts.work.multiply_accumulate for facts in graph.facts])


@pytest.mark.parametrize(("attributes", "size"), [
    ({"auto_pad": "SAME_UPPER", "strides": [2, 2]}, (5, 6)),
    ({"auto_pad": "SAME_LOWER", "strides": [2, 2]}, (5, 6)),
    ({"auto_pad": "VALID"}, (6, 8)),
    ({"pads": [1, 0, 2, 3]}, (9, 11)),
    ({"dilations": [2, 3], "pads": [1, 1, 1, 1]}, (5, 4)),
])  # fmt: skip
def test_a_convolution_is_padded_as_the_file_says(attributes: dict[str, Any], size: tuple[int, int]) -> None:
    weights = weight("w", 8, 3, 4, 4)
    kernel = np.zeros((8, 3, 4, 4), np.float32)
    graph = graph_of([node("Conv", "x w", "y", **attributes)], (3, 9, 11), [weights])
    assert graph.nodes[-1].shape == (8, *size)
    assert work_of(graph) == kernel.size * size[0] * size[1]
    assert graph.nodes[-1].shape == reference_shape(attributes, kernel)


def reference_shape(attributes: dict[str, Any], kernel: Any) -> tuple[int, ...]:
    """The shape that ONNX's own reference implementation gives."""
    from onnx import load_from_string
    from onnx.reference import ReferenceEvaluator

    made = load_from_string(model([node("Conv", "x w", "y", **attributes)], {"x": [1, 3, 9, 11], "w": kernel.shape}))
    (found,) = ReferenceEvaluator(made).run(None, {"x": np.zeros((1, 3, 9, 11), np.float32), "w": kernel})
    return tuple(found.shape[1:])


def test_padding_that_pytorch_refuses_for_a_pool_is_an_op_of_its_own() -> None:
    pool = node("MaxPool", "x", "y", kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 2, 2])
    graph = graph_of([pool], (3, 8, 8), [])
    assert [each.op.kind for each in graph.nodes[1:]] == ["zero_pad", "max_pool"]
    assert graph.nodes[-1].shape == (3, 5, 5)


def test_a_dilated_max_pool_is_one_and_a_dilated_mean_has_its_shape_and_is_not_counted() -> None:
    graph = graph_of([node("MaxPool", "x", "y", kernel_shape=[3, 3], dilations=[2, 2])], (3, 9, 9), [])
    assert graph.nodes[-1].op == MaxPool(3, 1, dilation=2)
    assert graph.nodes[-1].shape == (3, 5, 5)
    graph = graph_of([node("AveragePool", "x", "y", kernel_shape=[3, 3], dilations=[2, 2])], (3, 9, 9), [])
    assert graph.nodes[-1].op.kind == "unknown"
    assert graph.nodes[-1].shape == (3, 5, 5)


def test_weights_pin_the_sizes_of_their_input() -> None:
    for nodes, shape, stored in (
        ([node("Conv", "x w", "y")], (5, 8, 8), [weight("w", 4, 3, 3, 3)]),
        ([node("MatMul", "x w", "y")], (7, 15), [weight("w", 16, 4)]),
        ([node("Gemm", "x w", "y", transB=1)], (15,), [weight("w", 4, 16)]),
        ([node("BatchNormalization", "x w w w w", "y")], (5, 8, 8), [weight("w", 4)]),
        ([node("LayerNormalization", "x w w", "y")], (7, 15), [weight("w", 16)]),
    ):
        with pytest.raises(archcalc.ArchcalcError, match=r"its input has (5|15) .*, and its weights are for (3|4|16)"):
            graph_of(nodes, shape, stored)


def test_attention_counts_its_two_products() -> None:
    """Of 4 heads of width 16 over 10 positions: 2 * 10 * 10 * 64 mult-adds."""
    nodes = [
        node("MatMul", "x w", "p"),
        node("Split", "p", "q k v", axis=-1, num_outputs=3),
        node("Attention", "q k v", "y", q_num_heads=4, kv_num_heads=4),
    ]
    graph = graph_of(nodes, (10, 64), [weight("w", 64, 192)], opset=23)
    assert graph.nodes[-1].shape == (10, 64)
    assert work_of(graph) == 10 * 64 * 192 + 2 * 10 * 10 * 64


def test_an_operator_of_onnx_runtime_is_the_layers_that_it_joins() -> None:
    def own(operator: str, inputs: str, outputs: str, **more: Any) -> Any:
        return node(operator, inputs, outputs, domain="com.microsoft", **more)

    nodes = [
        own("Attention", "x w b", "a", num_heads=4),
        own("SkipLayerNormalization", "a x g g", "s"),
        own("FusedMatMul", "s v", "m"),
        own("BiasGelu", "m c", "y"),
    ]
    stored = [weight("w", 64, 192), weight("b", 192), weight("g", 64), weight("v", 64, 96), weight("c", 96)]
    graph = graph_of(nodes, (10, 64), stored)
    kinds = [each.op.kind for each in graph.nodes]
    assert not {"unknown", "given"} & set(kinds)
    assert graph.nodes[-1].shape == (10, 96)
    assert work_of(graph) == 10 * 64 * (192 + 96) + 2 * 10 * 10 * 64
    weights = {each.owner: graph.facts[index].params.learnable for index, each in enumerate(graph.nodes)}
    assert sum(weights.values()) == 64 * 192 + 192 + 2 * 64 + 64 * 96 + 96


def test_letters_of_a_sum_may_be_an_ellipsis() -> None:
    graph = graph_of([node("Einsum", "x w", "y", equation="...ij,jk->...ik")], (5, 10, 16), [weight("w", 16, 8)])
    assert graph.nodes[-1].shape == (5, 10, 8)
    assert work_of(graph) == 5 * 10 * 16 * 8


@pytest.mark.parametrize("opset", [9, 13, 21])
def test_numbers_are_attributes_in_older_opsets_and_inputs_in_newer_ones(opset: int) -> None:
    if opset < 13:
        nodes = [
            node("Slice", "x", "a", starts=[1], ends=[-1], axes=[2]),
            node("Unsqueeze", "a", "b", axes=[1]),
            node("Squeeze", "b", "c", axes=[1]),
            node("Upsample", "c s", "d", mode="nearest"),
            node("Clip", "d", "e", min=0.0, max=6.0),
            node("Pad", "e", "f", pads=[0, 0, 1, 1, 0, 0, 1, 1]),
            node("ReduceMean", "f", "g", axes=[2, 3], keepdims=0),
            node("Dropout", "g", "y", ratio=0.1),
        ]
    else:
        reduced: dict[str, Any] = {"axes": [2, 3]} if opset < 18 else {}
        nodes = [
            node("Slice", "x one minus two", "a"),
            node("Unsqueeze", "a one", "b"),
            node("Squeeze", "b one", "c"),
            node("Resize", "c - s", "d", mode="nearest"),
            node("Clip", "d zero six", "e"),
            node("Pad", "e pads", "f"),
            node("ReduceMean", "f" if reduced else "f axes", "g", keepdims=0, **reduced),
            node("Dropout", "g", "y"),
        ]
    scales = numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "s")
    limits = [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in (("zero", 0), ("six", 6))]
    small = [whole("one", 1), whole("minus", -1), whole("two", 2), whole("pads", 0, 0, 1, 1, 0, 0, 1, 1)]
    graph = graph_of(nodes, (3, 10, 12), [scales, *limits, *small, whole("axes", 2, 3)], opset=opset)
    shapes = [each.shape for each in graph.nodes if each.op.kind in ("resize", "zero_pad")]
    assert shapes == [(3, 16, 24), (3, 18, 26)]
    assert [each.op.kind for each in graph.nodes if each.op.role == "activation"] == ["relu6", "dropout"]
    assert graph.nodes[-1].shape == (3,)


def test_half_precision_is_said() -> None:
    stored = [weight("w", 16, 4, kind=TensorProto.FLOAT16)]
    network = read_onnx(model([node("MatMul", "x w", "y")], {"x": [1, 7, 16]}, stored=stored))
    assert network.summary == "ONNX opset 21; 1 tensors of 64 values are weights of layers; 1 of 16 bits"
