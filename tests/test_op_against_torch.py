"""The facts that an op states are those of the PyTorch module that it stands for."""

from __future__ import annotations

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from op_examples import LOWERED, Example, example_id
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from archcalc.algebra.dims import product
from archcalc.graph import Memory
from archcalc.ops.applied import Each
from archcalc.ops.norm import BatchNorm, LayerNorm, LocalResponseNorm, RMSNorm
from archcalc.ops.pointwise import Dropout
from archcalc.ops.pool import AvgPool
from archcalc.ops.products import Attention
from archcalc.ops.sampling import AffineGrid

BATCH = 2
FLOAT = 4
MASK = 1

torch.set_num_threads(1)

each_example = pytest.mark.parametrize("example", LOWERED, ids=example_id)


@contextmanager
def written_out(backend: SDPBackend = SDPBackend.MATH) -> Generator[None]:
    """No fused kernels of the CPU: FlopCounterMode knows neither its attention nor its LSTM."""
    with sdpa_kernel(backend), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with torch.backends.mkldnn.flags(enabled=False):
            yield


def images(example: Example) -> int:
    """The images that an output is of: weights and constants are the same for all, and so are of one."""
    return BATCH if example.shapes else 1


def lowered(example: Example) -> Any:
    return example.op.lower(torch, *example.shapes)


def tensors(example: Example, batch: int, *, requires_grad: bool = False) -> list[torch.Tensor]:
    return [
        torch.randn(
            batch if example.images is None or place < example.images else 1,
            *shape,
            requires_grad=requires_grad and place not in example.masks,
        )
        for place, shape in enumerate(example.shapes)
    ]


def owned(function: Any) -> list[torch.Tensor]:
    """Parameters and buffers of a module; none of a plain function."""
    if not isinstance(function, torch.nn.Module):
        return []
    return [*function.parameters(), *function.buffers()]


@each_example
def test_the_output_has_the_stated_shape(example: Example) -> None:
    output = lowered(example)(*tensors(example, BATCH))
    assert tuple(output.shape) == (images(example), *example.op.shape(*example.shapes))


@each_example
def test_the_module_owns_the_stated_parameters_and_buffers(example: Example) -> None:
    """Weights and biases one by one, and all float buffers; the batch counter of a BatchNorm is no float."""
    params = example.op.params(*example.shapes)
    function = lowered(example)
    named = dict(function.named_parameters()) if isinstance(function, torch.nn.Module) else {}
    biases = [value.numel() for name, value in named.items() if name.rpartition(".")[2].startswith("bias")]
    assert sum(biases) == params.bias
    assert sum(value.numel() for value in named.values()) == params.learnable
    buffers = function.buffers() if isinstance(function, torch.nn.Module) else []
    assert sum(buffer.numel() for buffer in buffers if buffer.is_floating_point()) == params.running


@each_example
def test_torch_counts_two_flops_for_each_multiply_accumulate(example: Example) -> None:
    function, inputs = lowered(example), tensors(example, BATCH)
    with written_out(), FlopCounterMode(display=False) as counter:
        function(*inputs)
    assert counter.get_total_flops() == 2 * BATCH * example.op.work(*example.shapes).multiply_accumulate


def is_fused(example: Example) -> bool:
    """Whether the CPU has the kernel of an attention that states what it keeps."""
    return not isinstance(example.op, Attention) or example.shapes[1][-1] == example.shapes[2][-1]


def saved_storages(function: Any, inputs: list[torch.Tensor]) -> tuple[torch.Tensor, dict[int, int]]:
    """The output, and the bytes of each storage that autograd keeps, by address; what the module owns left out."""
    kept: list[torch.Tensor] = []  # holds the tensors, so that no address is used twice

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        kept.append(tensor)
        return tensor

    with written_out(SDPBackend.FLASH_ATTENTION), saved_tensors_hooks(pack, lambda tensor: tensor):
        output = function(*inputs)
    own = {tensor.untyped_storage().data_ptr() for tensor in owned(function)}
    storages = [tensor.untyped_storage() for tensor in kept]
    sizes = {storage.data_ptr(): storage.nbytes() for storage in storages if storage.data_ptr() not in own}
    return output, sizes


@each_example
def test_autograd_keeps_the_stated_memory(example: Example) -> None:
    """In training: inputs and output as stated, and besides them exactly what is stated for an image and for a batch.

    Known differences of the CPU: a Dropout keeps its mask as floats, the op states the bytes of the CUDA kernel;
    log_sigmoid keeps exponentials, and an RMSNorm normalised values, that the CUDA kernels compute again; attention
    whose values have another width than its keys has no fused kernel.
    """
    memory = example.op.memory(*example.shapes)
    if not is_fused(example):
        return
    inputs = tensors(example, BATCH, requires_grad=True)
    output, sizes = saved_storages(lowered(example), inputs)
    assert output.requires_grad == (example.op.has_gradient and output.is_floating_point())

    saved_inputs = [sizes.pop(tensor.untyped_storage().data_ptr(), None) for tensor in inputs]
    wanted = [tensor.requires_grad for tensor in inputs]
    assert saved_inputs == [
        FLOAT * tensor.numel() if is_needed(memory, place, wanted) else None for place, tensor in enumerate(inputs)
    ]
    saved_output = sizes.pop(output.untyped_storage().data_ptr(), None)
    assert saved_output == (FLOAT * output.numel() if memory.saves_output else None)
    if isinstance(example.op, Dropout):
        assert sum(sizes.values()) == FLOAT * output.numel()
        assert BATCH * memory.extra_bytes == MASK * output.numel()
        assert not any((memory.extra_elements, memory.float32_elements, memory.statistics, memory.once_bytes))
    else:
        kept = FLOAT * (memory.extra_elements + memory.float32_elements) + memory.extra_bytes
        if example.op.kind == "log_sigmoid" or (isinstance(example.op, RMSNorm) and example.op.affine):
            kept = kept + FLOAT * product(example.shapes[0])
        assert sum(sizes.values()) == BATCH * kept + FLOAT * memory.statistics + memory.once_bytes


@each_example
def test_autograd_keeps_an_input_for_the_stated_gradients_only(example: Example) -> None:
    """With the gradients of all parameters, and of all inputs, of one of them or of none."""
    memory, count = example.op.memory(*example.shapes), len(example.shapes)
    if not is_fused(example):
        return
    function = lowered(example)
    learns = isinstance(function, torch.nn.Module) and any(True for _ in function.parameters())
    learnt = [place not in example.masks for place in range(count)]
    each = [[place == one for place in range(count)] for one in range(count) if learnt[one]]
    if not example.op.has_gradient or not example.shapes:
        return
    if example.op.kind == "rms_norm":
        learns = False  # on the CPU the gradient of its weights needs the normalised values only
    for wanted in (learnt, *each, *([[False] * count] if learns else [])):
        inputs = tensors(example, BATCH)
        for tensor, gradient in zip(inputs, wanted, strict=True):
            tensor.requires_grad_(gradient)
        _, sizes = saved_storages(function, inputs)
        for place, tensor in enumerate(inputs):
            assert (tensor.untyped_storage().data_ptr() in sizes) == is_needed(memory, place, wanted)


@each_example
def test_gradients_lie_in_the_storage_of_the_output_s_as_stated(example: Example) -> None:
    """The gradient of an input shares storage with the output's if the op passes it on, or is a view of all values.

    A sum that broadcasts an input adds up its gradient. On a view of a part, the gradient is of the whole.
    """
    op, memory = example.op, example.op.memory(*example.shapes)
    inputs = tensors(example, BATCH, requires_grad=True)
    output: Any = lowered(example)(*inputs)
    learnt = [tensor for tensor in inputs if tensor.requires_grad]
    if not op.has_gradient or not learnt:
        return
    given = torch.rand_like(output)
    found = torch.autograd.grad(output, learnt, given, allow_unused=True)
    place = given.untyped_storage().data_ptr()
    shared = [each is not None and each.untyped_storage().data_ptr() == place for each in found]
    passes = range(len(inputs)) if memory.passes_gradient is True else memory.passes_gradient or ()
    if memory.shares == "always":
        assert shared[0] or learnt[0].numel() != output.numel()
    else:
        added = [op.kind in ("add", "subtract") and tensor.numel() != output.numel() for tensor in inputs]
        wanted = [each in passes and not added[each] for each, tensor in enumerate(inputs) if tensor.requires_grad]
        assert shared == wanted


def is_in_bfloat16(example: Example) -> bool:
    """Whether PyTorch's CPU has the kernel for bfloat16: not of means over volumes, nor of a grid of one row."""
    if isinstance(example.op, AffineGrid):
        return example.op.height != 1
    if isinstance(example.op, (AvgPool, LocalResponseNorm)):
        return len(example.shapes[0]) < (4 if isinstance(example.op, AvgPool) else 3)
    return True


@each_example
def test_in_bfloat16_autograd_keeps_the_stated_memory(example: Example) -> None:
    """Values of two bytes; and four bytes, or eight, exactly where that is stated, whatever the type.

    Known differences of the CPU besides those in float32: the statistics of a batch norm and of a layer norm are of two
    bytes there (CUDA: four); an RMSNorm is computed in float32 step by step, so that its input is kept in float32.
    """
    op, memory = example.op, example.op.memory(*example.shapes)
    if not is_fused(example):
        return
    function: Any = lowered(example)
    if isinstance(function, torch.nn.Module):
        function.to(torch.bfloat16)
    inputs = [
        x.detach().bfloat16().requires_grad_(x.requires_grad) for x in tensors(example, BATCH, requires_grad=True)
    ]
    if not is_in_bfloat16(example):
        with pytest.raises(NotImplementedError):
            function(*inputs)
        return
    output, sizes = saved_storages(function, inputs)
    if op.has_gradient and example.shapes:
        assert output.dtype is torch.bfloat16
    wanted = [tensor.requires_grad for tensor in inputs]
    saved = [
        output.numel() if memory.saves_output else 0,
        *[x.numel() for place, x in enumerate(inputs) if is_needed(memory, place, wanted)],
        BATCH * memory.extra_elements,
    ]
    wide = BATCH * memory.float32_elements + memory.statistics
    others = BATCH * memory.extra_bytes + memory.once_bytes
    values = BATCH * product(example.shapes[0]) if example.shapes else 0
    inner = op.op if isinstance(op, Each) else op
    if isinstance(inner, (BatchNorm, LayerNorm)):
        saved, wide = [*saved, wide], 0
    elif isinstance(inner, RMSNorm):
        saved, wide = [], wide + values * (2 if inner.affine else 1)
    elif isinstance(inner, Dropout):
        saved, others = [values], 0
    elif op.kind == "log_sigmoid":
        saved = [*saved, values]
    assert sum(sizes.values()) == 2 * sum(saved) + FLOAT * wide + others


def is_needed(memory: Memory, place: int, wanted: list[bool]) -> bool:
    """Whether an input is saved, by what is stated, if some inputs' gradients are wanted."""
    if isinstance(memory.saved_for, tuple):
        return memory.saves_inputs and any(wanted[other] for other in memory.saved_for[place])
    others = wanted[:place] + wanted[place + 1 :]
    return memory.saves_inputs and {"op": True, "inputs": any(wanted), "others": any(others)}[memory.saved_for]


@each_example
@pytest.mark.parametrize("training", [True, False], ids=["training", "inference"])
def test_the_output_shares_the_storage_of_the_first_input_as_stated(example: Example, *, training: bool) -> None:
    shares = example.op.memory(*example.shapes).shares
    function, inputs = lowered(example), tensors(example, BATCH)
    if isinstance(function, torch.nn.Module):
        function.train(training)
    output = function(*inputs)
    pointers = [tensor.untyped_storage().data_ptr() for tensor in inputs]
    storage = output.untyped_storage().data_ptr()
    assert (storage in {each.untyped_storage().data_ptr() for each in owned(function)}) == (shares == "weights")
    expected = shares == "always" or (shares == "inference" and not training)
    assert (storage in pointers[:1]) == expected
    assert storage not in pointers[1:]
