"""The types that an op is stated to work in under autocast, and in half precision, are those of PyTorch.

On the CPU it is asked directly. On CUDA it is asked with tensors that have no values (`half_precision.py`). That leaves
out what a card's own kernels decide: attention, an RMSNorm and recurrent layers are written out there, and the grid of
a sampler is made without its matrix product. What is stated of these follows from PyTorch's source.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from half_precision import NETWORKS, Seen, mixtures, see
from op_examples import LOWERED, Example, example_id
from test_op_against_torch import BATCH, is_fused, is_in_bfloat16, is_needed

from archcalc.algebra.dims import product
from archcalc.graph import Autocast, AutocastDevice, Op
from archcalc.ops.conv import TableConv
from archcalc.ops.elementwise import Combine
from archcalc.ops.linear import Linear
from archcalc.ops.norm import RMSNorm
from archcalc.ops.pointwise import Dropout
from archcalc.ops.products import Attention
from archcalc.ops.recurrent import Recurrent
from archcalc.ops.sampling import AffineGrid
from archcalc.ops.scatter import Scatter
from archcalc.ops.views import Pad

WIDTH = {"float32": 4, "bfloat16": 2, "float16": 2}

each_example = pytest.mark.parametrize("place", range(len(LOWERED)), ids=[example_id(each) for each in LOWERED])
each_half = pytest.mark.parametrize("lower", ["bfloat16", "float16"])


@pytest.fixture(scope="session")
def on_cuda(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What PyTorch says of CUDA, worked out once for all workers in a process of its own."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    file = folder / "on_cuda.json"
    with (folder / "on_cuda.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            program = Path(__file__).parent / "half_precision.py"
            done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=True)
            file.write_text(done.stdout, encoding="utf-8")
    return json.loads(file.read_text(encoding="utf-8"))


def seen_on_cuda(found: dict[str, Any] | str) -> Seen | str:
    return found if isinstance(found, str) else Seen(**found)


def is_refused(example: Example, types: tuple[str, ...], device: AutocastDevice) -> bool:
    """Whether PyTorch refuses mixed types, or on the CPU has no kernel for bfloat16."""
    op, mixed = example.op, len(set(types)) > 1
    if isinstance(op, Combine) and op.function == "lerp":
        return mixed
    if device == "cpu" and isinstance(op, AffineGrid):
        return types != ("float32",) and not is_in_bfloat16(example)
    return device == "cpu" and isinstance(op, Scatter) and mixed


def numbers(op: Op, types: tuple[str, ...]) -> tuple[str, ...]:
    """The types of those inputs that are no masks and no indices."""
    return types[1:] if isinstance(op, Combine) and op.function == "where" else types


def result_type(stated: Autocast, op: Op, types: tuple[str, ...], lower: str) -> str:
    """The output's type as stated, given the types of its inputs."""
    if stated.output == "widest":
        return "float32" if "float32" in numbers(op, types) else lower
    return {"lower": lower, "float32": "float32", "first": (*types, "")[0]}[stated.output]


def check_the_type(example: Example, device: AutocastDevice, types: tuple[str, ...], lower: str, output: str) -> None:
    if not example.op.has_gradient and output not in WIDTH:
        return  # a place or a comparison
    stated = example.op.autocast_type(device, *example.shapes)
    assert output == result_type(stated, example.op, types, lower)


def check_what_is_saved(
    example: Example, device: AutocastDevice, types: tuple[str, ...], lower: str, seen: Seen
) -> None:
    """Every input as it is or as its copy, and the bytes of everything else."""
    op, shapes = example.op, example.shapes
    stated, memory = op.autocast_type(device, *shapes), op.autocast_memory(device, *shapes)
    if not op.has_gradient or not shapes:
        assert seen[1:] == ([None] * len(shapes), None, 0)
        return
    result = result_type(stated, op, types, lower)
    sizes = [
        (BATCH if example.images is None or place < example.images else 1) * product(shape)
        for place, shape in enumerate(shapes)
    ]
    wanted = [place not in example.masks for place in range(len(shapes))]
    inputs: list[int | None] = []
    others = 0
    for place, (size, own) in enumerate(zip(sizes, types, strict=True)):
        needed = is_needed(memory, place, wanted)
        copied = stated.casts and own != result
        inputs.append(size * WIDTH[own] if needed and not copied else None)
        others += size * WIDTH[result] if needed and copied else 0
    written = BATCH * product(op.shape(*shapes)) * WIDTH[result]
    extras = WIDTH[result if stated.casts or "float32" in numbers(op, types) else lower]
    others += BATCH * (extras * memory.extra_elements + 4 * memory.float32_elements + memory.extra_bytes)
    others += 4 * memory.statistics + memory.once_bytes
    if stated.casts_weights and (any(wanted) or not isinstance(op, Linear)):
        others += WIDTH[lower] * op.params(*shapes).weight
    assert seen[1:] == (inputs, written if memory.saves_output else None, others)


def known_differences(example: Example, device: AutocastDevice) -> bool:
    """Whether other kernels are seen than those of which it is stated what they save."""
    op = example.op
    if isinstance(op, RMSNorm):
        return True  # see the law of its own
    if device == "cuda":
        return isinstance(op, (Attention, Recurrent, AffineGrid))
    return isinstance(op, (Dropout, Recurrent)) or op.kind == "log_sigmoid" or not is_fused(example)


@each_example
def test_on_the_cpu_an_op_works_in_the_stated_types(place: int) -> None:
    example = LOWERED[place]
    for types in mixtures(example, "bfloat16"):
        if is_refused(example, types, "cpu"):
            with pytest.raises((RuntimeError, NotImplementedError)):
                see(example, "cpu", types, "bfloat16")
            continue
        seen = see(example, "cpu", types, "bfloat16")
        check_the_type(example, "cpu", types, "bfloat16", seen.output)
        if not known_differences(example, "cpu"):
            check_what_is_saved(example, "cpu", types, "bfloat16", seen)


def learners() -> list[Example]:
    """Examples whose weights are cast; a table's places are kept for its input's gradient only."""
    cast = [each for each in LOWERED if each.op.autocast_type("cpu", *each.shapes).casts_weights]
    return [
        each
        for each in cast
        if each.op.params(*each.shapes).learnable and not isinstance(each.op, (Recurrent, TableConv))
    ]


@pytest.mark.parametrize("example", learners(), ids=example_id)
def test_without_a_gradient_of_its_input_only_a_linear_layer_keeps_no_weights(example: Example) -> None:
    first = example._replace(masks=tuple(range(len(example.shapes))))
    for types in mixtures(first, "bfloat16"):
        check_what_is_saved(first, "cpu", types, "bfloat16", see(first, "cpu", types, "bfloat16"))


@pytest.mark.parametrize("before", [(0, 1), (0, 1, 2), (0, 1, 2, 1), (0, 0, 0)])
@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_on_the_cpu_padding_works_in_the_stated_types_on_any_number_of_axes(mode: Any, before: tuple[int, ...]) -> None:
    example = Example(Pad(before, (0,) * len(before), mode), ((2, 4, 5, 3)[: len(before)],))
    for types in mixtures(example, "bfloat16"):
        seen = see(example, "cpu", types, "bfloat16")
        check_the_type(example, "cpu", types, "bfloat16", seen.output)


@each_half
@each_example
def test_on_cuda_an_op_works_in_the_stated_types(on_cuda: dict[str, Any], place: int, lower: str) -> None:
    example = LOWERED[place]
    for words, found in on_cuda["autocast"][lower][place].items():
        types = tuple(words.split())
        seen = seen_on_cuda(found)
        if isinstance(seen, str):
            assert is_refused(example, types, "cuda") or isinstance(example.op, (Recurrent, AffineGrid))
            continue
        if not isinstance(example.op, AffineGrid):
            check_the_type(example, "cuda", types, lower, seen.output)
        if not known_differences(example, "cuda"):
            check_what_is_saved(example, "cuda", types, lower, seen)


@each_half
@each_example
def test_on_cuda_an_op_of_half_precision_keeps_the_stated_memory(
    on_cuda: dict[str, Any], place: int, lower: str
) -> None:
    """Without autocast, all weights and values of the lower type: `memory` states it, with no copies."""
    example = LOWERED[place]
    seen = seen_on_cuda(on_cuda["pure"][lower][place])
    if isinstance(seen, str):
        assert isinstance(example.op, (Recurrent, AffineGrid))
        return
    if example.op.has_gradient:
        assert seen.output == lower
    if known_differences(example, "cuda") and not isinstance(example.op, AffineGrid):
        return
    check_pure(example, lower, seen)


def check_pure(example: Example, lower: str, seen: Seen) -> None:
    op, shapes = example.op, example.shapes
    memory = op.memory(*shapes)
    bytes_of = [
        (BATCH if example.images is None or place < example.images else 1) * product(shape) * WIDTH[lower]
        for place, shape in enumerate(shapes)
    ]
    wanted = [place not in example.masks for place in range(len(shapes))]
    inputs = [size if is_needed(memory, place, wanted) else None for place, size in enumerate(bytes_of)]
    others = BATCH * (WIDTH[lower] * memory.extra_elements + 4 * memory.float32_elements + memory.extra_bytes)
    others += 4 * memory.statistics + memory.once_bytes
    if not op.has_gradient or not shapes:
        inputs, others = [None] * len(shapes), 0
    result = BATCH * product(op.shape(*shapes)) * WIDTH[lower] if memory.saves_output else None
    assert seen[1:] == (inputs, result, others)


@pytest.mark.parametrize("dtype", WIDTH)
@pytest.mark.parametrize("name", NETWORKS)
def test_on_cuda_training_of_whole_networks_saves_the_stated_bytes(
    on_cuda: dict[str, Any], name: str, dtype: str
) -> None:
    """In float32, and with weights and values of half precision; statistics of norms are float32 in both."""
    ours, autograd = on_cuda["networks"][dtype][name]
    assert ours == autograd


def norms() -> list[Example]:
    return [each for each in LOWERED if isinstance(each.op, RMSNorm)]


@pytest.mark.parametrize("example", norms(), ids=example_id)
def test_an_rms_norm_is_written_out_in_float32_on_the_cpu(example: Example) -> None:
    """There it keeps its values in float32, and again if they are scaled; the CUDA kernel keeps its input instead."""
    op: Any = example.op
    values, memory = BATCH * product(example.shapes[0]), op.memory(*example.shapes)
    for types in mixtures(example, "bfloat16"):
        seen = see(example, "cpu", types, "bfloat16")
        kept = sum(size or 0 for size in seen.inputs) + seen.others
        assert kept == 4 * (values * (2 if op.affine else 1) + BATCH * memory.float32_elements)
