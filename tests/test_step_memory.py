"""Memory of training steps and of inference: laws, and what PyTorch keeps alive when it runs the networks."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
import torch
from live_storages import OPTIMIZERS as MAKERS
from live_storages import inference as run_inference
from live_storages import optimizer_steps, targets
from live_storages import training_step as run_training_step
from torch import nn
from torch.utils.checkpoint import checkpoint

from archcalc import Graph, Request, analyze, row
from archcalc.analysis.backward import learns, needs_gradient
from archcalc.analysis.cost import costs
from archcalc.analysis.memory import KINDS, Moment, footprint
from archcalc.analysis.memory.ordering import best_order_peak
from archcalc.analysis.memory.statement import largest_batch, memory
from archcalc.analysis.memory.step import inference, training_step
from archcalc.analysis.quantities import QUANTITIES
from archcalc.base.errors import ArchcalcError
from archcalc.execution.model import Model
from archcalc.forms.closed import closed_form
from archcalc.ops import Add, BatchNorm, Concat, Conv, Flatten, GlobalAvgPool, Linear, MaxPool, ReLU
from archcalc.present.memory import memory_records
from archcalc.request import names
from archcalc.training import PRECISIONS, Training
from archcalc.validation.random_nets import draw

BATCH = 2
FLOAT32 = PRECISIONS["float32"]
CATALOGUE = names()


def alive(moment: Moment) -> dict[str, Any]:
    return dict(zip(KINDS, moment.alive, strict=True))


@pytest.mark.parametrize("name", CATALOGUE[:: max(1, len(CATALOGUE) // 60)])
def test_what_a_forward_pass_leaves_is_what_autograd_saves(name: str) -> None:
    """Saved bytes are computed twice: as a set of storages (`footprint`), and by holders that come and go."""
    graph = Request.of(name).graph
    saved: Any = footprint(graph, costs(graph)).training_saved(BATCH, 4)
    step = training_step(graph, BATCH, "float32", Training(optimizer="sgd"))
    last = alive([each for each in step.moments if each.phase == "forward"][-1])
    given = [index for index, node in enumerate(graph.nodes) if node.op.role == "input"]
    images: Any = sum([4 * BATCH * graph.facts[index].elements for index in given])
    labels: Any = sum([8 * BATCH * torch.Size(graph.nodes[each].shape[1:]).numel() for each in graph.outputs])
    logarithms: Any = sum([4 * BATCH * graph.facts[each].elements + 4 for each in graph.outputs])
    held = last["saved_activations"] + last["data"] - labels - logarithms
    first = graph.nodes[1].op.memory(graph.nodes[0].shape)
    assert held == saved + (0 if first.saves_inputs and needs_gradient(graph, learns(graph))[1] else images)


@pytest.mark.parametrize("name", CATALOGUE[:: max(1, len(CATALOGUE) // 40)])
def test_the_ideal_schedule_has_the_peak_of_the_cost_table(name: str) -> None:
    graph = Request.of(name).graph
    ideal = inference(graph, BATCH, FLOAT32, in_place="none", held=False).peak()
    assert ideal == analyze(name, batch=BATCH).totals.peak_inference_bytes


SEVERAL = frozenset(
    {
        "subsampling",
        "local_response_norm",
        "table_conv",
        "radial_basis",
        "zero_pad",
        "crop",
        "subsample",
        "dropout",
        "layer_norm",
    }
)
"""Ops whose module consists of several operators with values between them, which are no values of the network; and
dropout, whose mask takes four bytes for each value on the CPU."""


def _plain(graph: Graph) -> bool:
    """Return True unless an op's module makes values that are no values of the network, such as a padded copy."""
    for node in graph.nodes:
        padding: Any = getattr(node.op, "padding", 0)
        if node.op.kind in SEVERAL or isinstance(padding, str):
            return False
        if isinstance(padding, tuple) and any([isinstance(side, tuple) and side[0] != side[1] for side in padding]):
            return False
    return True


def _drawn(seed: int) -> Graph:
    return draw(Random(seed), f"random {seed}")  # noqa: S311 - the networks are the same every time


DRAWN = [graph for seed in range(400) if _plain(graph := _drawn(seed)) and len(graph.inputs) == 1]


@pytest.mark.parametrize("graph", DRAWN[:60], ids=[graph.name for graph in DRAWN[:60]])
def test_random_networks_need_what_pytorch_keeps_alive(graph: Graph) -> None:
    model = Model(graph)
    if not list(model.parameters()):
        pytest.skip("nothing learns")
    data = torch.randn(BATCH, *graph.nodes[0].shape)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, foreach=True)
    theirs = run_training_step(model, data, targets(model, data), optimizer)
    ours = training_step(graph, BATCH, "float32", Training(optimizer="sgd_momentum", in_place="none"))
    counters = 8 * sum([isinstance(node.op, BatchNorm) for node in graph.nodes])  # batches that a batch norm has seen
    sums = 8 * (len(graph.outputs) - 1)  # of the losses of several outputs
    for phase, theirs_of in (("forward", "forward"), ("backward", "backward"), ("optimizer", "step")):
        difference: Any = theirs.peaks[theirs_of].bytes - ours.peak(phase) - counters  # pyright: ignore[reportOperatorIssue]
        assert 0 <= difference <= sums, phase


def stages() -> Graph:
    """Two stages of two layers each, one with a shortcut, and a classifier."""
    graph = Graph("stages", (3, 16, 16))
    x = row("first.conv1", graph.input, Conv(8, 3, padding=1), BatchNorm(), ReLU())
    y = row("first.conv2", x, Conv(8, 3, padding=1), BatchNorm())
    x = row("first.add", (y, x), Add(), ReLU())
    x = row("second.conv1", x, Conv(16, 3, stride=2, padding=1), BatchNorm(), ReLU())
    x = row("second.conv2", x, Conv(16, 3, padding=1), BatchNorm(), ReLU())
    x = row("pool", x, GlobalAvgPool(), Flatten())
    return graph.finish(row("fc", x, Linear(10)))


class Stages(nn.Module):
    """The same in PyTorch, with checkpoints of both stages or without."""

    def __init__(self, checkpoints: bool) -> None:
        super().__init__()
        self.checkpoints = checkpoints
        self.conv1, self.norm1 = nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.conv2, self.norm2 = nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.conv3, self.norm3 = nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16)
        self.conv4, self.norm4 = nn.Conv2d(16, 16, 3, padding=1), nn.BatchNorm2d(16)
        self.fc = nn.Linear(16, 10)

    def first(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(self.norm2(self.conv2(x)) + x)

    def second(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.norm3(self.conv3(x)))
        return torch.relu(self.norm4(self.conv4(x)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for stage in (self.first, self.second):
            x = checkpoint(stage, x, use_reentrant=False) if self.checkpoints else stage(x)
        return self.fc(x.mean((2, 3)))


@pytest.mark.parametrize("depth", [0, 1])
def test_checkpoints_save_what_torch_utils_checkpoint_saves(depth: int) -> None:
    model = Stages(checkpoints=bool(depth))
    data = torch.randn(8, 3, 16, 16)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, foreach=True)
    theirs = run_training_step(model, data, torch.zeros(8, dtype=torch.long), optimizer)
    ours = training_step(stages(), 8, "float32", Training("sgd", checkpoint=depth, in_place="none"))
    assert ours.peak("backward") == pytest.approx(theirs.peaks["backward"].bytes, rel=0.02)
    forward = ours.of("forward")[-1]
    assert forward.total == pytest.approx(theirs.after_forward, rel=0.001)


def test_layers_before_the_first_that_learns_save_nothing_and_have_no_gradients() -> None:
    model = Stages(checkpoints=False)
    frozen = [model.conv1, model.norm1, model.conv2, model.norm2]
    for part in frozen:
        part.requires_grad_(requires_grad=False)
    data = torch.randn(8, 3, 16, 16)
    learning = [each for each in model.parameters() if each.requires_grad]
    optimizer = torch.optim.Adam(learning, foreach=True)
    theirs = run_training_step(model, data, torch.zeros(8, dtype=torch.long), optimizer)
    training = Training("adam", train_from="second", in_place="none")
    ours = training_step(stages(), 8, "float32", training)
    last = alive(ours.moments[-1])
    assert last["gradients"] == theirs.gradients == 4 * sum(each.numel() for each in learning)
    assert ours.peak("backward") == pytest.approx(theirs.peaks["backward"].bytes, rel=0.002)
    statement = memory(stages(), batch=8, training=training)
    assert statement.learnt == sum(each.numel() for each in learning)
    assert statement.work.backward < memory(stages(), batch=8).work.backward


@pytest.mark.parametrize("implementation", ["foreach", "loop", "fused"])
@pytest.mark.parametrize("name", list(MAKERS))
def test_optimizers_keep_and_borrow_what_torch_optim_does(name: str, implementation: str) -> None:
    if implementation == "fused" and name == "rmsprop":
        with pytest.raises(ArchcalcError, match="no fused RMSprop"):
            Training(name, implementation=implementation)
        return
    model = Stages(checkpoints=False)
    data = torch.randn(BATCH, 3, 16, 16)
    flag = {"foreach": implementation == "foreach"} if implementation != "fused" else {"fused": True}

    def make() -> torch.optim.Optimizer:
        return MAKERS[name](model.parameters(), **flag)

    state, peak = optimizer_steps(model, data, torch.zeros(BATCH, dtype=torch.long), {name: make})[name]
    ours = training_step(stages(), BATCH, "float32", Training(name, implementation=implementation, in_place="none"))
    counters = 4 * len(list(model.parameters())) if name in ("adam", "adamw", "rmsprop") else 0
    on_gpu = counters if implementation == "foreach" else 0  # which counts steps in the memory of the processor
    assert alive(ours.moments[-1])["optimizer_state"] == state - on_gpu
    norms = 8 * 4
    assert ours.peak("optimizer") == pytest.approx(peak.bytes - on_gpu - norms, abs=4 * 20)


def _every_order(graph: Graph) -> int:
    """The smallest peak over all orders of a small graph, one after another."""
    nodes = range(len(graph.nodes))
    reads = {index: {reader for reader in nodes if index in graph.nodes[reader].inputs} for index in nodes}
    best = 0
    for order in itertools.permutations(nodes):
        done: set[int] = set()
        peak = 0
        for index in order:
            if not set(graph.nodes[index].inputs) <= done:
                break
            before = [each for each in done if reads[each] - done or each in graph.outputs]
            peak = max(peak, sum([graph.facts[each].elements for each in {*before, index}]))  # pyright: ignore[reportArgumentType]
            done.add(index)
        else:
            best = min(best or peak, peak)
    return best


def _branches(random: Random) -> Graph:
    """A small graph of branches of different widths that are joined."""
    graph = Graph("branches", (4, 4, 4))
    ends = []
    for branch in range(random.randint(2, 3)):
        x = graph.input
        for step in range(random.randint(1, 2)):
            x = row(f"b{branch}_{step}", x, Conv(random.choice((1, 2, 9, 20)), 1))
        ends.append(x)
    return graph.finish(row("join", ends, Concat()))


@pytest.mark.parametrize("seed", range(24))
def test_the_best_order_is_the_best_of_all_orders(seed: int) -> None:
    graph = _branches(Random(seed))  # noqa: S311 - the same every time
    assert best_order_peak(graph) == (_every_order(graph), True)


def test_some_network_needs_less_in_another_order() -> None:
    graph = Request.of("regnetx_400mf").graph
    assert best_order_peak(graph)[0] < footprint(graph, costs(graph)).peak_inference  # pyright: ignore[reportOperatorIssue]


@pytest.mark.parametrize("name", ["resnet18", "vgg11", "mobilenet_v1", "swin_t", "densenet121"])
@pytest.mark.parametrize("training", [Training(), Training("adam", "amp_bf16")], ids=["float32", "amp"])
def test_closed_forms_of_a_step_give_what_the_step_gives(name: str, training: Training) -> None:
    form = closed_form(name, ("N",), training=training).quantities["training_step_bytes"]
    for batch in (1, 2, 7, 64):
        assert form(N=batch) == training_step(Request.of(name).graph, batch, "float32", training).peak()


@pytest.mark.parametrize("name", ["resnet50", "alexnet"])
def test_the_largest_batch_fits_and_the_next_does_not(name: str) -> None:
    request = Request.of(name, training=Training("adam"))
    budget = 4 * 2**30
    batch = largest_batch(request, budget)
    peaks: list[Any] = [
        training_step(request.graph, each, "float32", request.training).peak() for each in (batch, batch + 1)
    ]
    assert peaks[0] <= budget < peaks[1]


def test_a_statement_adds_up() -> None:
    statement = memory("resnet50", batch=16, training=Training("adamw", "amp_bf16"), device="a100-40gb")
    for peak in (statement.inference.eager, *statement.phases):
        assert peak.bytes == sum([each.bytes for each in peak.kinds])
    assert statement.step.bytes == max([each.bytes for each in statement.phases])
    assert statement.step.bytes == QUANTITIES["training_step_bytes"].fold(_basis(16, "adamw", "amp_bf16"))
    assert statement.fit is not None
    assert statement.fit.fits == (statement.step.bytes <= statement.fit.usable)
    assert all([way.bytes < statement.step.bytes for way in statement.alternatives])
    assert statement.inference.best_order is None


def _basis(batch: int, optimizer: str, precision: str) -> Any:
    from archcalc.analysis.quantities import Basis

    return Basis.of(Request.of("resnet50", batch=batch, training=Training(optimizer, precision)))


def test_gradients_that_are_accumulated_are_there_from_the_start() -> None:
    graph = stages()
    params = 4 * sum([each.parameters.learnable for each in costs(graph)])  # pyright: ignore[reportArgumentType]
    step = training_step(graph, BATCH, "float32", accumulates=True)
    assert {alive(each)["gradients"] for each in step.moments} == {params}


def test_eager_inference_holds_the_input_of_a_block_and_the_indices_of_a_pool() -> None:
    """By hand, in elements: inside a block its input stays; a max pool gives indices of eight bytes each."""
    graph = Graph("block", (1, 8, 8))
    x = row("stem", graph.input, Conv(4, 1))
    x = row("block.conv1", x, Conv(4, 1))
    x = row("block.conv2", x, Conv(4, 1))
    graph.finish(row("pool", x, MaxPool(2, 2)))
    run = inference(graph, 1, FLOAT32)
    whole, images = 4 * 4 * 64, 4 * 64
    assert [each.total for each in run.moments] == [
        images,
        images + whole,
        images + 2 * whole,
        images + 3 * whole,
        images + whole + whole // 4 + 8 * 64,
    ]
    model = nn.Sequential(nn.Conv2d(1, 4, 1), nn.Sequential(nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1)), nn.MaxPool2d(2))
    owned = sum([4 * each.numel() for each in model.parameters()])
    assert run_inference(model, torch.zeros(1, 1, 8, 8)).bytes - owned == run.peak()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (lambda: Training("adm"), "nearest: adam"),
        (lambda: Training(precision="int8"), "no precision is called 'int8'"),
        (lambda: Training(master_weights=True), "go with precision float16 or bfloat16"),
        (lambda: Training(checkpoint=10), "a depth for checkpoints"),
        (lambda: Training(in_place="some"), "no in place is called"),
        (lambda: memory("vgg16", training=Training(train_from="fcc8")), "no layer or block 'fcc8'; nearest: fc8"),
        (lambda: memory("vgg16", device="a100"), "several devices"),
        (lambda: memory("vgg16", dtype="int8"), "not trained in int8"),
    ],
)
def test_options_that_do_not_go_are_refused_by_name(given: Callable[[], Any], said: str) -> None:
    with pytest.raises(ArchcalcError, match=said):
        given()


def test_records_have_memory_by_kind_and_work_by_part() -> None:
    statement = memory("lenet5", batch=4, training=Training(checkpoint=1))
    records = memory_records(statement)
    phases = zip(("forward", "backward", "optimizer"), statement.phases, strict=True)
    for run, peak in (("inference", statement.inference.eager), *phases):
        amounts = [each["bytes"] for each in records if each["run"] == run]
        assert sum(amounts[:-1]) == amounts[-1] == peak.bytes
    work = {each["kind"]: each["flops"] for each in records if each["run"] == "work"}
    assert sum(work.values()) == 2 * work["total"] == 2 * statement.work.total
    assert work["forward"] == 2 * 4 * analyze("lenet5").totals.mult_adds
