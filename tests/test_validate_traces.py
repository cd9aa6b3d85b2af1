"""Two modules are one graph if they compute the same in different spellings, and no more if one fact differs."""

from __future__ import annotations

import pytest
import torch
from torch.nn import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    LayerNorm,
    MaxPool2d,
    ReLU,
    Sequential,
    Sigmoid,
)
from torch.nn.functional import avg_pool2d, conv2d, pad

from archcalc.validation.traces import differences, trace, without

SHAPE = (8, 12, 14)


class Net(torch.nn.Module):
    """A module that calls a function of itself, with some layers."""

    def __init__(self, run, **layers):
        super().__init__()
        self.run = run
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, x):
        return self.run(self, x)


def told(one, other, shape=SHAPE):
    """Return True if the two differ, in operations or in what only moves values."""
    with torch.device("meta"):
        ours, theirs = trace(one().eval(), shape), trace(other().eval(), shape)
    lacking = differences(ours, theirs)
    assert bool(lacking[0] or lacking[1]) == any(map(bool, lacking))
    return any(map(bool, lacking)) or ours.moves != theirs.moves


def conv(**changed):
    return lambda: Sequential(Conv2d(**{"in_channels": 8, "out_channels": 8, "kernel_size": 3, "padding": 1} | changed))


def pool(kind=MaxPool2d, **changed):
    return lambda: Sequential(kind(**{"kernel_size": 3, "stride": 2, "padding": 1} | changed), ReLU())


def chained(*names):
    made = {"a": lambda: Conv2d(8, 8, 3, padding=1), "b": lambda: BatchNorm2d(8), "r": ReLU, "s": Sigmoid}
    return lambda: Sequential(*[made[name]() for name in names])


def joined(run):
    return lambda: Net(run, a=Conv2d(8, 8, 1), b=Conv2d(8, 8, 3, padding=1), c=Conv2d(8, 8, 1, bias=False))


def shuffled(groups):
    def run(_, x):
        n, c, h, w = x.shape
        return x.view(n, groups, c // groups, h, w).transpose(1, 2).reshape(n, c, h, w)

    return lambda: Net(run)


def scaled(run):
    return lambda: Net(run, g=torch.nn.Parameter(torch.ones(8, 1, 1)), b=torch.nn.Parameter(torch.ones(8, 1, 1)))


def picked(channels):
    return lambda: Net(lambda net, x: net.a(x[:, channels]), a=Conv2d(3, 8, 1))


def sampled(mode="bilinear"):
    def run(net, x):
        grid = torch.nn.functional.affine_grid(net.a(x.flatten(1)).view(-1, 2, 3), x.shape, align_corners=False)
        return torch.nn.functional.grid_sample(x, grid, mode=mode, align_corners=False)

    return lambda: Net(run, a=torch.nn.Linear(8 * 12 * 14, 6))


SAME = {
    "padding before a convolution": (
        conv(),
        lambda: Net(lambda net, x: conv2d(pad(x, (1, 1, 1, 1)), net.a.weight, net.a.bias), a=Conv2d(8, 8, 3)),
    ),
    "padding on one side": (
        lambda: Net(lambda net, x: net.a(pad(x, (0, 1, 0, 1))), a=Conv2d(8, 8, 3, 2)),
        lambda: Net(lambda net, x: net.a(pad(x, (1, 1, 1, 1))[..., 1:, 1:]), a=Conv2d(8, 8, 3, 2)),
    ),
    "a linear layer": (
        lambda: Sequential(AvgPool2d((12, 14)), Flatten(), torch.nn.Linear(8, 5)),
        lambda: Sequential(torch.nn.AdaptiveAvgPool2d(1), Conv2d(8, 5, 1), Flatten()),
    ),
    "a linear layer on channels last": (
        lambda: Net(lambda net, x: net.a(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), a=torch.nn.Linear(8, 5)),
        lambda: Sequential(Conv2d(8, 5, 1)),
    ),
    "a mean": (lambda: Net(lambda _, x: x.mean((2, 3))), lambda: Sequential(torch.nn.AdaptiveAvgPool2d((1, 1)))),
    "in place": (lambda: Sequential(ReLU(inplace=True)), lambda: Sequential(ReLU())),
    "sums of sums": (
        joined(lambda net, x: net.a(x) + (net.b(x) + net.c(x))),
        joined(lambda net, x: (net.c(x) + net.b(x)) + net.a(x)),
    ),
    "joined and joined again": (
        joined(lambda net, x: torch.cat([torch.cat([net.a(x), net.b(x)], 1), net.c(x)], 1)),
        joined(lambda net, x: torch.cat([net.a(x), net.b(x), net.c(x)], 1)),
    ),
    "every second position": (
        lambda: Net(lambda net, x: net.a(x[..., ::2, ::2]), a=Conv2d(8, 8, 3)),
        lambda: Net(lambda net, x: net.a(avg_pool2d(x, 1, 2)), a=Conv2d(8, 8, 3)),
    ),
    "a quotient and a factor": (joined(lambda net, x: x + net.a(x) / 5), joined(lambda net, x: x + 0.2 * net.a(x))),
    "a mean of values": (
        joined(lambda net, x: torch.stack([net.a(x), net.b(x)]).mean(0)),
        joined(lambda net, x: (net.a(x) + net.b(x)) * 0.5),
    ),
    "a factor before a matrix product": (
        joined(lambda net, x: (0.2 * net.a(x).flatten(2)) @ net.b(x).flatten(2).transpose(1, 2)),
        joined(lambda net, x: 0.2 * (net.a(x).flatten(2) @ net.b(x).flatten(2).transpose(1, 2))),
    ),
    "rounding up with stride 1": (pool(stride=1), pool(stride=1, ceil_mode=True)),
    "a softmax at the end": (
        lambda: Sequential(Conv2d(8, 8, 1), torch.nn.Softmax(1)),
        lambda: Sequential(Conv2d(8, 8, 1)),
    ),
    "dropout": (lambda: Sequential(Conv2d(8, 8, 1), torch.nn.Dropout()), lambda: Sequential(Conv2d(8, 8, 1))),
    "a shuffle of channels": (lambda: Sequential(torch.nn.ChannelShuffle(4)), shuffled(4)),
    "a product and a sum in one": (
        scaled(lambda net, x: torch.addcmul(net.b, x, net.g)),
        scaled(lambda net, x: x * net.g + net.b),
    ),
    "some channels": (picked([0, 3, 4]), picked([4, 0, 3])),
}

WHOLE = {"kernel_size": (12, 14), "padding": 0}
OTHER = {
    "kernel": (conv(), conv(kernel_size=5, padding=2)),
    "one side of a kernel": (conv(), conv(kernel_size=(3, 1), padding=(1, 0))),
    "stride": (conv(), conv(stride=2)),
    "stride of what has one position": (
        conv(kernel_size=(12, 14), padding=0),
        conv(kernel_size=(12, 14), padding=0, stride=3),
    ),
    "padding that keeps the size": (conv(stride=2), conv(stride=2, kernel_size=4)),
    "dilation": (conv(), conv(dilation=2, padding=2)),
    "groups": (conv(), conv(groups=2)),
    "bias": (conv(), conv(bias=False)),
    "width": (conv(), conv(out_channels=9)),
    "padding on the other side": (
        lambda: Net(lambda net, x: net.a(pad(x, (0, 1, 0, 1))), a=Conv2d(8, 8, 3, 2)),
        lambda: Net(lambda net, x: net.a(pad(x, (1, 0, 1, 0))), a=Conv2d(8, 8, 3, 2)),
    ),
    "output padding": (
        lambda: Sequential(ConvTranspose2d(8, 8, 3, 2, 1)),
        lambda: Sequential(ConvTranspose2d(8, 8, 3, 2, 1, output_padding=1)),
    ),
    "kernel of a pool": (pool(), pool(kernel_size=2)),
    "kind of a pool": (pool(), pool(AvgPool2d)),
    "dilation of a pool": (pool(stride=1), pool(stride=1, kernel_size=2, dilation=2)),
    "rounding of a pool": (pool(padding=0), pool(padding=0, ceil_mode=True)),
    "count of padding": (pool(AvgPool2d), pool(AvgPool2d, count_include_pad=False)),
    "order": (chained("a", "b", "r"), chained("a", "r", "b")),
    "a missing norm": (chained("a", "b", "r"), chained("a", "r")),
    "affine": (lambda: Sequential(BatchNorm2d(8)), lambda: Sequential(BatchNorm2d(8, affine=False))),
    "kind of activation": (chained("a", "r"), chained("a", "s")),
    "kind of norm": (lambda: Sequential(LayerNorm(14)), lambda: Sequential(BatchNorm2d(8))),
    "where a shortcut begins": (
        joined(lambda net, x: x + net.b(net.a(x))),
        joined(lambda net, x: net.a(x) + net.b(net.a(x))),
    ),
    "a missing shortcut": (joined(lambda net, x: x + net.b(x)), joined(lambda net, x: net.b(x))),
    "product for sum": (joined(lambda net, x: x + net.b(x)), joined(lambda net, x: x * net.b(x))),
    "a shared layer": (joined(lambda net, x: net.b(net.a(x))), joined(lambda net, x: net.b(net.b(x)))),
    "groups of a shuffle": (shuffled(4), shuffled(2)),
    "place of a shuffle": (
        lambda: Sequential(torch.nn.ChannelShuffle(4), Conv2d(8, 8, 3, padding=1)),
        lambda: Sequential(Conv2d(8, 8, 3, padding=1), torch.nn.ChannelShuffle(4)),
    ),
    "part of the channels": (lambda: Net(lambda _, x: x[:, :4] * 1), lambda: Net(lambda _, x: x[:, 4:] * 1)),
    "a crop": (lambda: Net(lambda _, x: x[..., 1:, :]), lambda: Net(lambda _, x: x[..., :-1, :])),
    "a constant factor": (joined(lambda net, x: x + 0.2 * net.a(x)), joined(lambda net, x: x + net.a(x))),
    "a factor of its own": (joined(lambda net, x: 0.2 * net.a(x)), joined(lambda net, x: 0.1 * net.a(x))),
    "scale of channels": (
        lambda: Net(lambda net, x: x * net.g, g=torch.nn.Parameter(torch.ones(8, 1, 1))),
        lambda: Net(lambda _, x: x),
    ),
    "size of local response normalisation": (
        lambda: Sequential(torch.nn.LocalResponseNorm(5)),
        lambda: Sequential(torch.nn.LocalResponseNorm(3)),
    ),
    "other channels": (picked([0, 3, 4]), picked([0, 3, 5])),
    "a sum over a window": (pool(AvgPool2d), pool(AvgPool2d, divisor_override=1)),
    "another divisor": (pool(AvgPool2d, divisor_override=2), pool(AvgPool2d, divisor_override=3)),
    "the order of a sum and a product": (
        scaled(lambda net, x: (x + net.b) * net.g),
        scaled(lambda net, x: torch.addcmul(net.b, x, net.g)),
    ),
    "interpolation": (sampled(), sampled("nearest")),
}


@pytest.mark.parametrize("case", SAME)
def test_different_spellings_of_one_computation_are_one_graph(case):
    assert not told(*SAME[case])


@pytest.mark.parametrize("case", OTHER)
def test_a_fact_that_differs_is_told(case):
    assert told(*OTHER[case])


def test_the_first_operation_that_differs_is_named_with_its_facts_and_its_module():
    with torch.device("meta"):
        ours, theirs = (trace(chain().eval(), SHAPE) for chain in (chained("a", "b", "r"), chained("a", "r", "b")))
    lacking, others = differences(ours, theirs)
    assert [str(step) for step in lacking] == ["batch_norm (affine True) to 8 x 168 in 1", "relu to 8 x 168 in 2"]
    assert [step.kind for step in others] == ["relu", "batch_norm"]


def test_without_some_kinds_the_rest_is_compared():
    with torch.device("meta"):
        ours, theirs = (trace(chain().eval(), SHAPE) for chain in (chained("a", "b", "r"), chained("a", "r", "b")))
        broken = trace(chained("r", "a", "b")().eval(), SHAPE)
    assert differences(without(ours, ["batch_norm"]), without(theirs, ["batch_norm"])) == ([], [])
    assert differences(without(ours, ["batch_norm"]), without(broken, ["batch_norm"])) != ([], [])
