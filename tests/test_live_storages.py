"""The oracle of memory counts the bytes that a person counts, and those of PyTorch's own allocator.

Sizes of the small networks: a batch of 2 images of 3 x 8 x 8, so that an image is 2 * 3 * 8 * 8 * 4 = 1,536 bytes and 5
channels of it 2,560. A convolution of 3 to 5 channels by 3 x 3 has 140 weights, 560 bytes; one of 5 to 5 has 230, 920
bytes. The loss is the sum of the output, of 4 bytes, and its gradient has 4 bytes too.
"""

from __future__ import annotations

import json
import lzma
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from live_storages import (
    IMPLEMENTATIONS,
    OPTIMIZERS,
    PRECISIONS,
    LiveStorages,
    autocast,
    fake_tensors,
    faked,
    flops,
    inference,
    loss_of,
    optimizer_steps,
    targets,
    training_step,
)
from torch import nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.profiler import ProfilerActivity, profile, record_function
from torch.utils._pytree import tree_leaves
from torch_models import of, public

torch.set_num_threads(1)
IMAGE, FIVE, SCALAR = 1536, 2560, 4
FIRST, OTHER = 560, 920
"""Parameters of a convolution of the image, and of one of 5 channels."""


def conv(channels: int = 3, *, bias: bool = True) -> Callable[[], nn.Module]:
    return lambda: nn.Conv2d(channels, 5, 3, padding=1, bias=bias)


def run(module: nn.Module) -> tuple[dict[str, int], dict[str, int], int]:
    """Peaks of forward and backward without parameters, buffers and image; the operators; what the forward keeps."""
    x = torch.ones(2, 3, 8, 8)
    live = LiveStorages()
    live.hold("own", [*module.parameters(), *module.buffers(), x])
    with live:
        own = live.bytes
        live.begin("forward")
        loss = module(x).sum()
        kept = live.bytes - own
        live.watch(loss)
        live.begin("backward")
        loss.backward()
    return (
        {phase: peak.bytes - own for phase, peak in live.peaks.items()},
        {phase: peak.index for phase, peak in live.peaks.items()},
        kept,
    )


CHAIN = of(lambda net, x: net.c(net.b(net.a(x))), a=conv(), b=conv(5), c=conv(5))
INPLACE = of(lambda net, x: net.b(net.a(x).relu_()), a=conv(), b=conv(5))
RELU = of(lambda net, x: net.b(net.a(x).relu()), a=conv(), b=conv(5))


def test_a_chain_keeps_what_each_convolution_reads() -> None:
    peaks, places, kept = run(CHAIN())
    assert kept == 2 * FIVE + SCALAR  # the last output has no reader that keeps it
    assert peaks["forward"] == 3 * FIVE + SCALAR  # when the sum is there, its input is too
    # Backward of the second convolution: what it kept, the loss and its gradient, the gradients of its output and
    # input, and the gradients of the parameters of two. (That of the last has an output gradient that is a view of one
    # number, and one kept output more: as many bytes less the gradients of one convolution.)
    assert peaks["backward"] == FIVE + 2 * SCALAR + 2 * FIVE + 2 * OTHER
    assert places["backward"] == 5  # after ones, expand, the last convolution's backward, and twice detach


def test_an_addition_keeps_nothing_and_its_gradients_are_added_in_place() -> None:
    def residual(net: Any, x: Any) -> Any:
        y = net.a(x)
        return net.c(net.b(y) + y)  # the gradient of y comes by two ways

    peaks, _, kept = run(of(residual, a=conv(), b=conv(5), c=conv(5))())
    assert kept == 2 * FIVE + SCALAR  # y and the sum
    assert peaks["forward"] == 3 * FIVE + SCALAR  # y, b(y), the sum; then y, the sum, the output
    # In the backward of b: y, the gradient of the sum, which both ways share, the gradient of b's input, and those of
    # all parameters but the first's. Then the two are added; as the shared one is held by its own buffer alone by
    # then, that takes no memory.
    assert peaks["backward"] == 2 * SCALAR + 3 * FIVE + 2 * OTHER


def test_a_gradient_that_something_else_waits_for_is_not_added_to() -> None:
    def twice(net: Any, x: Any) -> Any:
        y = net.b(x)
        return (y + y * 2) * 3

    def twice_and_once(net: Any, x: Any) -> Any:
        first, y = net.a(x), net.b(x)
        return ((y + y * 2) + first) * 3

    # The gradient of the sum goes to y's buffer as it is, and is doubled. Then the double is added to y's buffer in
    # place; but not if the gradient is also what the first convolution, the last to run, waits for.
    assert run(of(twice, b=conv())())[0]["backward"] == 2 * SCALAR + 2 * FIVE
    assert run(of(twice_and_once, a=conv(), b=conv())())[0]["backward"] == 2 * SCALAR + 3 * FIVE


def test_a_relu_in_place_has_no_memory_of_its_own() -> None:
    changed, _, kept = run(INPLACE())
    other, _, as_much = run(RELU())
    assert kept == as_much == FIVE + SCALAR
    assert changed["forward"] == 2 * FIVE + SCALAR
    assert other["forward"] == 2 * FIVE + SCALAR  # out of place the ReLU's input is gone before the output is there
    x, live = torch.ones(2, 3, 8, 8), LiveStorages()
    for make, expected in ((INPLACE, FIVE), (RELU, 2 * FIVE)):
        net: Any = make()
        with live, torch.no_grad():
            live.begin("one")
            y = net.a(x)
            y = y.relu_() if make is INPLACE else y.relu()
        assert live.peaks["one"].bytes == expected
        del y


def test_batch_norm_keeps_its_input_and_statistics() -> None:
    module = of(lambda net, x: net.b(net.n(net.a(x))), a=conv(), n=lambda: nn.BatchNorm2d(5), b=conv(5))()
    _, _, kept = run(module)
    assert kept == 2 * FIVE + 2 * 5 * 4 + SCALAR


def test_views_have_no_memory_of_their_own_and_keep_what_they_show() -> None:
    live = LiveStorages()
    with live:
        live.begin("one")
        x = torch.ones(4, 6)
        assert live.bytes == 96
        y = x.view(24)[3:5].unsqueeze(0).expand(7, 2)
        assert live.bytes == 96
        del x
        assert live.bytes == 96
        y = y.contiguous()
        assert live.bytes == 7 * 2 * 4
        y.mul_(2)
        assert live.bytes == 7 * 2 * 4
        y.resize_(3)
        y.untyped_storage().resize_(12)
        y.add_(1)
        assert live.bytes == 12
        del y
        assert live.bytes == 0


def test_an_optimizer_has_its_state_and_takes_what_its_implementation_takes() -> None:
    x = torch.ones(2, 3, 8, 8)
    module = of(lambda net, x: net.b(net.a(x)).mean((2, 3)), a=conv(), b=conv(5))()
    target, weights = targets(module, x), FIRST + OTHER
    steps = optimizer_steps(
        module,
        x,
        target,
        {
            f"{name}/{how}": (lambda name=name, how=how: OPTIMIZERS[name](module.parameters(), **IMPLEMENTATIONS[how]))
            for name, how in (("sgd", "forloop"), ("sgd_momentum", "fused"), ("adam", "fused"), ("adamw", "foreach"))
        },
    )
    states = {name: state for name, (state, _) in steps.items()}
    four = 4 * 4  # numbers of steps: one for each of four parameters
    assert states == {
        "sgd/forloop": 0,
        "sgd_momentum/fused": weights,
        "adam/fused": 2 * weights + four,
        "adamw/foreach": 2 * weights + four,
    }
    held = 2 * weights + IMAGE + 16 + 2 * 5 * 4 + SCALAR  # parameters, gradients, image, target, output and loss
    assert steps["sgd/forloop"][1].bytes == held
    assert steps["adam/fused"][1].bytes == held + states["adam/fused"]
    assert steps["adamw/foreach"][1].bytes == held + states["adamw/foreach"] + weights  # roots of the second moments


def test_the_counter_takes_a_weight_gradient_of_a_grouped_convolution_for_one_group() -> None:
    """Two multiply-adds of 3 x 3 taps for each of 8 x 8 positions of 2 images: forward, and for each gradient."""
    taps = 2 * 9 * 8 * 8 * 2
    grouped = of(
        lambda net, x: net.b(net.a(x)).mean((2, 3)),
        a=lambda: nn.Conv2d(3, 6, 3, padding=1),
        b=lambda: nn.Conv2d(6, 6, 3, padding=1, groups=3),
    )()
    x = torch.ones(2, 3, 8, 8)
    forward, backward, too_many = flops(grouped, x, targets(grouped, x))
    first, second = 3 * 6 * taps, 6 * 2 * taps
    assert forward == first + second
    assert backward - too_many == first + 2 * second  # no gradient of the image
    assert too_many == 2 * second


def test_the_loss_of_several_outputs_is_the_sum_of_their_cross_entropies() -> None:
    image, small, target = torch.rand(2, 4, 3, 3), torch.rand(2, 4), torch.zeros(2, 3, 3, dtype=torch.long)
    both = {(2, 3, 3): target, (2,): target[:, 0, 0]}
    parts = nn.functional.cross_entropy(image, target), nn.functional.cross_entropy(small, target[:, 0, 0])
    assert loss_of(OrderedDict(out=image, aux=small), both) == loss_of((image, small), both) == sum(parts)
    assert loss_of(image, target) == parts[0]


def test_weak_references_and_callbacks_agree_at_every_operator() -> None:
    """Two ways to know that a storage is alive, over a whole step."""

    class Both(LiveStorages):
        def __init__(self) -> None:
            super().__init__()
            self.references: dict[int, tuple[StorageWeakRef, int]] = {}
            self.compared = 0

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            result = super().__torch_dispatch__(func, types, args, kwargs)
            for leaf in tree_leaves(result):
                if isinstance(leaf, torch.Tensor):
                    reference = StorageWeakRef(leaf.untyped_storage())
                    self.references[reference.cdata] = (reference, leaf.untyped_storage().nbytes())
            self.references = {key: each for key, each in self.references.items() if not each[0].expired()}
            assert sum(size for _, size in self.references.values()) == self.bytes
            self.compared += 1
            return result

    live = Both()
    with live:
        live.begin("all")
        module = public("torchvision:shufflenet_v2_x0_5")
        optimizer = torch.optim.Adam(module.parameters())
        loss_of(module(torch.ones(2, 3, 32, 32)), torch.zeros(2, dtype=torch.long)).backward()
        optimizer.step()
    assert live.compared > 1000


FACTORIES = ("empty", "zeros", "copy_", "fill_", "zero_", "resize_", "view", "as_strided", "detach", "clone")
"""Operators that also run within others, where the bytes of the others are in use."""


def allocated(module: nn.Module, x: torch.Tensor, target: Any, precision: str, names: set[str]) -> tuple[int, int]:
    """Bytes that the CPU's allocator has given out when a forward pass ends, and the most in the backward pass.

    Of the backward pass the bytes are looked at when an operator of one of these names ends.
    """
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
        with record_function("begin"), autocast("cpu", PRECISIONS[precision][1]):
            output = module(x)
            loss = loss_of(output, target)
        with record_function("end"):
            loss.backward()
    del output, loss
    kineto: Any = profiled.profiler
    events = [(event.name(), event.start_ns(), event.duration_ns(), event) for event in kineto.kineto_results.events()]
    times = [(start, event.nbytes()) for name, start, _, event in events if name == "[memory]"]
    begin, end = (next(start for name, start, _, _ in events if name == wanted) for wanted in ("begin", "end"))
    ends = {start + duration for name, start, duration, _ in events if name in names and start > end}

    def until(time: int) -> int:
        return sum(size for start, size in times if begin < start <= time)

    return until(end), max(map(until, ends))


MODELS = {"torchvision:mobilenet_v3_small": 32, "torchvision:squeezenet1_1": 64, "torchvision:resnet18": 32}


class Named(LiveStorages):
    """A tracker that knows the names of the operators."""

    names: ClassVar[set[str]] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.add(f"aten::{func._schema.name.removeprefix('aten::')}")
        return super().__torch_dispatch__(func, types, args, kwargs)


@pytest.mark.parametrize("precision", ["float32", "amp_bf16"])
@pytest.mark.parametrize("name", MODELS)
def test_kept_bytes_and_the_peak_are_those_of_the_allocator(
    name: str, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live_storages.LiveStorages", Named)
    module, x = public(name), torch.ones(2, 3, MODELS[name], MODELS[name])
    for each in module.modules():
        if isinstance(each, nn.Dropout):
            each.p = 0.0
    optimizer, target = torch.optim.SGD(module.parameters(), lr=0.001, momentum=0.9), targets(module, x)
    step = training_step(module, x, target, optimizer, precision)
    before = sum(step.before.values())
    optimizer.zero_grad()
    names = Named.names - {f"aten::{each}{more}" for each in FACTORIES for more in ("", "_like", "_strided")}
    kept, peak = allocated(module, x, target, precision, names)
    assert step.after_forward - before == kept
    assert step.peaks["backward"].bytes - before == peak


@pytest.mark.parametrize("name", MODELS)
def test_fake_tensors_have_the_bytes_of_real_ones(name: str) -> None:
    def step() -> tuple[Any, ...]:
        target = targets(module, x)
        optimizer = torch.optim.SGD(module.parameters(), lr=0.001, momentum=0.9, foreach=False)
        found = training_step(module, x, target, optimizer), inference(module, x).bytes, flops(module, x, target)
        assert found[0].peak.bytes > found[1]
        return found

    module, shape = public(name), (2, 3, MODELS[name], MODELS[name])
    x = torch.ones(shape)
    real = step()
    with fake_tensors():
        faked(module, "cpu")
        x = torch.ones(shape)
        assert step() == real


def test_the_record_of_public_models_is_whole() -> None:
    """The parts of each peak add up, and 48 networks have three batches in two precisions on both devices."""
    packed = Path(__file__).parent / "data" / "step_memory.json.xz"
    first, *lines = map(json.loads, lzma.decompress(packed.read_bytes()).decode().splitlines())
    assert set(first["versions"]) == {"torch", "torchvision", "timm"}
    steps = [line for line in lines if "backward" in line]
    for line in steps:
        for phase in ("forward", "backward", "step"):
            size, _, _, kinds = line[phase]
            assert size == sum(kinds.values())
            assert size >= sum(line["before"].values())
    wanted = {
        (device, batch, precision)
        for device in ("cpu", "cuda")
        for batch in (2, 8, 32)
        for precision in ("float32", "amp_bf16")
    }
    whole = 0
    for network in {line["network"] for line in steps}:
        found = {(line["device"], line["batch"], line["precision"]) for line in steps if line["network"] == network}
        whole += found >= wanted
    assert whole >= 48
