"""The facts that an op states are those of the PyTorch module that it stands for."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from op_examples import EXAMPLES, Example, example_id
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from archcalc.algebra.dims import product
from archcalc.ops.pointwise import Dropout

BATCH = 2
FLOAT = 4
MASK = 1

torch.set_num_threads(1)

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=example_id)


def lowered(example: Example) -> Any:
    return example.op.lower(torch, *example.shapes)


def tensors(example: Example, batch: int, *, requires_grad: bool = False) -> list[torch.Tensor]:
    return [torch.randn(batch, *shape, requires_grad=requires_grad) for shape in example.shapes]


def owned(function: Any) -> list[torch.Tensor]:
    """Parameters and buffers of a module; none of a plain function."""
    if not isinstance(function, torch.nn.Module):
        return []
    return [*function.parameters(), *function.buffers()]


@each_example
def test_the_output_has_the_stated_shape(example: Example) -> None:
    output = lowered(example)(*tensors(example, BATCH))
    assert tuple(output.shape) == (BATCH, *example.op.shape(*example.shapes))


@each_example
def test_the_module_owns_the_stated_parameters_and_buffers(example: Example) -> None:
    """Weights and biases one by one, and all float buffers; the batch counter of a BatchNorm is no float."""
    params = example.op.params(*example.shapes)
    function = lowered(example)
    named = dict(function.named_parameters()) if isinstance(function, torch.nn.Module) else {}
    biases = [value.numel() for name, value in named.items() if name.rpartition(".")[2] == "bias"]
    assert sum(biases) == params.bias
    assert sum(value.numel() for value in named.values()) == params.learnable
    buffers = function.buffers() if isinstance(function, torch.nn.Module) else []
    assert sum(buffer.numel() for buffer in buffers if buffer.is_floating_point()) == params.running


@each_example
def test_torch_counts_two_flops_for_each_multiply_accumulate(example: Example) -> None:
    function, inputs = lowered(example), tensors(example, BATCH)
    with FlopCounterMode(display=False) as counter:
        function(*inputs)
    assert counter.get_total_flops() == 2 * BATCH * example.op.work(*example.shapes).multiply_accumulate


def saved_storages(function: Any, inputs: list[torch.Tensor]) -> tuple[torch.Tensor, dict[int, int]]:
    """The output, and the bytes of each storage that autograd keeps, by address; what the module owns left out."""
    kept: list[torch.Tensor] = []  # holds the tensors, so that no address is used twice

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        kept.append(tensor)
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        output = function(*inputs)
    assert output.requires_grad
    own = {tensor.untyped_storage().data_ptr() for tensor in owned(function)}
    storages = [tensor.untyped_storage() for tensor in kept]
    sizes = {storage.data_ptr(): storage.nbytes() for storage in storages if storage.data_ptr() not in own}
    return output, sizes


@each_example
def test_autograd_keeps_the_stated_memory(example: Example) -> None:
    """In training: inputs and output as stated, and besides them exactly what is stated for an image and for a batch.

    Known difference: on the CPU a Dropout keeps its mask as floats, the op states the bytes of the CUDA kernel.
    """
    memory = example.op.memory(*example.shapes)
    inputs = tensors(example, BATCH, requires_grad=True)
    output, sizes = saved_storages(lowered(example), inputs)

    saved_inputs = [sizes.pop(tensor.untyped_storage().data_ptr(), None) for tensor in inputs]
    assert saved_inputs == [FLOAT * BATCH * product(shape) if memory.saves_inputs else None for shape in example.shapes]
    saved_output = sizes.pop(output.untyped_storage().data_ptr(), None)
    assert saved_output == (FLOAT * output.numel() if memory.saves_output else None)
    if isinstance(example.op, Dropout):
        assert sum(sizes.values()) == FLOAT * output.numel()
        assert BATCH * memory.extra_bytes == MASK * output.numel()
        assert (memory.extra_elements, memory.statistics, memory.once_bytes) == (0, 0, 0)
    else:
        images = BATCH * (FLOAT * memory.extra_elements + memory.extra_bytes)
        assert sum(sizes.values()) == images + FLOAT * memory.statistics + memory.once_bytes


@each_example
def test_autograd_keeps_an_input_for_the_stated_gradients_only(example: Example) -> None:
    """With the gradients of all parameters, and of all inputs, of one of them or of none."""
    memory, count = example.op.memory(*example.shapes), len(example.shapes)
    function = lowered(example)
    learns = isinstance(function, torch.nn.Module) and any(True for _ in function.parameters())
    each = [[place == one for place in range(count)] for one in range(count)]
    for wanted in ([True] * count, *each, *([[False] * count] if learns else [])):
        inputs = tensors(example, BATCH)
        for tensor, gradient in zip(inputs, wanted, strict=True):
            tensor.requires_grad_(gradient)
        _, sizes = saved_storages(function, inputs)
        for place, tensor in enumerate(inputs):
            others = wanted[:place] + wanted[place + 1 :]
            needed = {"op": True, "inputs": any(wanted), "others": any(others)}[memory.saved_for]
            assert (tensor.untyped_storage().data_ptr() in sizes) == (memory.saves_inputs and needed)


@each_example
@pytest.mark.parametrize("training", [True, False], ids=["training", "inference"])
def test_the_output_shares_the_storage_of_the_first_input_as_stated(example: Example, *, training: bool) -> None:
    shares = example.op.memory(*example.shapes).shares
    function, inputs = lowered(example), tensors(example, BATCH)
    if isinstance(function, torch.nn.Module):
        function.train(training)
    output = function(*inputs)
    pointers = [tensor.untyped_storage().data_ptr() for tensor in inputs]
    expected = shares == "always" or (shares == "inference" and not training)
    assert (output.untyped_storage().data_ptr() == pointers[0]) == expected
    assert output.untyped_storage().data_ptr() not in pointers[1:]
