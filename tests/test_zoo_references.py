"""Every network of the catalogue against one that others built, or, where nobody built it, against its paper by hand.

The references are run: their parameters, their multiply-accumulates and every convolution and linear layer that they
execute must be ours. All kinds of layer agree as they stand; two things are done to a reference before it runs:
pytorchcv's final average pool is made global (see `any_size`), and torchvision's GoogLeNet is run in training mode when
its auxiliary heads are asked for, because in evaluation mode it skips them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import torch
from reference import Layer, archcalc_layers, counts, reference

from archcalc import analyze, names

Size = tuple[int, int, int]


class Row(NamedTuple):
    """A network of ours, who else built it, and the inputs on which both are compared."""

    name: str
    library: str
    id: str
    inputs: tuple[Size, ...] = ((3, 224, 224), (3, 225, 301))
    theirs: dict[str, Any] = {}
    ours: dict[str, Any] = {}
    training: bool = False


SQUARE = ((3, 224, 224),)
FC6 = ((3, 227, 227), (3, 228, 230))  # sizes at which pool5 of AlexNet is 6x6, as the reference's fc6 needs
ZF = ((3, 224, 224), (3, 225, 226))
CIFAR = ((3, 32, 32), (3, 33, 47))
QUARTERS = ((3, 32, 32), (3, 36, 44))  # pytorchcv pads its pools where Caffe rounds up: the same at multiples of 4

VGG = (11, 13, 16, 19)
ADAPTIVE = {"adaptive_pool": True}
ALPHAS = {1.0: "mobilenet_w1", 0.75: "mobilenet_w3d4", 0.5: "mobilenet_wd2", 0.25: "mobilenet_wd4"}
SIZES = (224, 192, 160, 128)

ROWS = (
    *[Row(f"vgg{n}", "torchvision", f"vgg{n}", SQUARE) for n in VGG],
    *[Row(f"vgg{n}_bn", "torchvision", f"vgg{n}_bn", SQUARE) for n in VGG],
    *[Row(f"vgg{n}_torchvision", "torchvision", f"vgg{n}", ((3, 224, 224), (3, 256, 331))) for n in VGG],
    *[Row(f"vgg{n}_bn", "torchvision", f"vgg{n}_bn", ((3, 225, 256),), ours=ADAPTIVE) for n in VGG],
    Row("alexnet_simplified", "pytorchcv", "alexnet", FC6),
    Row("alexnet_owt", "torchvision", "alexnet"),
    Row("zfnet", "pytorchcv", "zfnet", ZF),
    Row("zfnet_wide_cs231n", "pytorchcv", "zfnetb", ZF),
    Row("nin_cifar", "pytorchcv", "nin_cifar10", QUARTERS),
    Row("googlenet_torchvision", "torchvision", "googlenet", theirs={"aux_logits": False}),
    Row("googlenet_torchvision", "torchvision", "googlenet", ours={"aux": True}, training=True),
    *[Row(f"resnet{n}", "torchvision", f"resnet{n}") for n in (18, 34, 50, 101, 152)],
    *[Row(f"resnet{n}_v1", "pytorchcv", f"resnet{n}") for n in (50, 101, 152)],
    *[Row(f"resnet{n}_cifar_projection", "pytorchcv", f"resnet{n}_cifar10", CIFAR) for n in (20, 56, 110)],
    *[
        Row(
            f"resnet{n}_cifar_projection",
            "pytorchcv",
            "resnet_cifar.get_resnet_cifar",
            CIFAR,
            {"num_classes": 10, "blocks": n, "bottleneck": False},
        )
        for n in (32, 44)
    ],
    Row("resnet164_cifar_projection", "pytorchcv", "resnet164bn_cifar10", CIFAR),
    Row("resnet1001_cifar_projection", "pytorchcv", "resnet1001_cifar10", ((3, 32, 32),)),
    Row("resnet1202_cifar_projection", "pytorchcv", "resnet1202_cifar10", ((3, 32, 32),)),
    *[Row(f"mobilenet_v1_{alpha}_{n}", "pytorchcv", ALPHAS[alpha], ((3, n, n),)) for alpha in ALPHAS for n in SIZES],
    Row("mobilenet_v1_0.75_224", "pytorchcv", "mobilenet_w3d4", ((3, 201, 224),)),
    *[Row(f"mobilenet_v1_1.0_{n}", "timm", "mobilenetv1_100", ((3, n, n), (3, n + 1, n))) for n in SIZES],
    Row("mobilenet_v1_1.25_224", "timm", "mobilenetv1_125"),
    # other hyperparameters
    Row("resnet50", "torchvision", "resnet50", theirs={"num_classes": 120}, ours={"classes": 120}),
    Row("vgg16", "torchvision", "vgg16", SQUARE, {"num_classes": 120}, {"classes": 120}),
    Row("mobilenet_v1", "timm", "mobilenetv1_100", ((1, 96, 96),), {"in_chans": 1}, {"in_channels": 1}),
    Row("resnet20_cifar_projection", "pytorchcv", "resnet20_cifar100", CIFAR, ours={"classes": 100}),
)

COMPARED = [
    pytest.param(row, size, id=f"{row.name}-{row.library}-{row.id}-{'x'.join(map(str, size))}-{row.ours or ''}")
    for row in ROWS
    for size in row.inputs
]


def any_size(module: torch.nn.Module) -> torch.nn.Module:
    """pytorchcv's network with a global pool in place of its last one.

    That one averages 7x7 or 8x8 positions, all that there are at the canonical size, and fits no smaller one.
    """
    for part in module.children():
        if isinstance(getattr(part, "final_pool", None), torch.nn.AvgPool2d):
            part.final_pool = torch.nn.AdaptiveAvgPool2d(1)
    return module


def build(row: Row) -> torch.nn.Module:
    module = any_size(reference(row.library, row.id, **row.theirs))
    return module.train() if row.training else module


@pytest.mark.parametrize(("row", "size"), COMPARED)
def test_a_network_is_the_one_that_others_built(row: Row, size: Size) -> None:
    """Parameters, running statistics, mult-adds and every convolution and linear layer equal the reference's."""
    module = build(row)
    theirs = counts(module, size)
    ours = analyze(row.name, input=size, **row.ours)
    assert archcalc_layers(ours) == theirs.layers
    assert ours.totals.params == theirs.params
    assert ours.totals.mult_adds == theirs.mult_adds
    assert ours.totals.buffers == sum(b.numel() for name, b in module.named_buffers() if "running" in name)
