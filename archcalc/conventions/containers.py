"""Modules that implementations have besides one for each layer: torchsummary counts what every one of them gives.

The implementations are those of `archcalc.conventions.implementations`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from archcalc.conventions import Term, Terms

OTHERS = (
    "add",
    "multiply",
    "scale",
    "complement",
    "concat",
    "flatten",
    "slice",
    "crop",
    "zero_pad",
    "subsample",
    "channel_shuffle",
    "channels_last",
    "channels_first",
    "patch_merging",
    "channel_scale",
    "window_attention",
    "affine_grid",
    "bilinear_sample",
    "local_response_norm",
    "radial_basis",
    "subsampling",
    "tanh",
    "relu6",
    "hard_sigmoid",
    "hard_swish",
)
ARCHCALCS: Terms = {
    **dict.fromkeys(OTHERS, (Term(8, "elements"),)),
    **dict.fromkeys(("conv", "max_pool", "avg_pool"), (Term(8, "padded_map"),)),
    "table_conv": (Term(16, "elements"),),
}
"""The model that archcalc executes has a module for every operation, one more for padding that differs between sides,
and in that of a table one for a convolution."""


class Besides(NamedTuple):
    """Modules of some implementations: how often more (less, if negative) the outputs of which ops are counted."""

    architectures: tuple[str, ...]
    times: Mapping[str, int]
    reason: str
    rows: tuple[str, ...] = ("*",)

    @property
    def terms(self) -> Terms:
        """Bytes for forward and backward, by kind of op."""
        return {kind: (Term(8 * times, "elements"),) for kind, times in self.times.items()}


INCEPTIONS = ("inception_v3", "inception_v3_with_aux")
TIMM = ("inception_v3_with_aux", "regnetx_400mf")
PYTORCHCV = ("resnet50_v1", "mobilenet_v1_1.0_224")

BESIDES = (
    Besides(("alexnet_owt",), {"flatten": 1}, "it drops values before its first linear layer: those that it reads"),
    Besides(("alexnet_owt",), {"dropout": -1}, "it drops values before its first two linear layers", ("fc7",)),
    Besides(("resnet50", "seresnet50", "regnetx_400mf"), {"add": 1}, "each block is a module"),
    Besides(
        ("squeezenet1_0", "squeezenet1_1", "googlenet_torchvision", *INCEPTIONS),
        {"concat": 1},
        "each block is a module",
    ),
    Besides(PYTORCHCV, {"conv": 1}, "a convolution, batch norm and ReLU are a module"),
    Besides(("resnet50_v1", "shufflenet_v1_g3_1.0x"), {"max_pool": 1}, "the stem is a module"),
    Besides(("resnet50_v1",), {"add": 2}, "each block is a module, and so is what is before its sum"),
    Besides(("mobilenet_v1_1.0_224",), {"conv": 1}, "a depthwise and a 1x1 convolution are a module", ("*_pw",)),
    Besides(("mobilenet_v1_1.0_224",), {"softmax": -1}, "it ends before the softmax of the paper's Table 1"),
    Besides(("shufflenet_v1_g3_1.0x",), {"channel_shuffle": 1}, "shuffles are modules"),
    Besides(("shufflenet_v1_g3_1.0x",), {"relu": 1}, "each block is a module", ("*.add", "*.concat")),
    Besides(
        INCEPTIONS,
        {"avg_pool": -1, "max_pool": -1},
        "it calls F.avg_pool2d and F.max_pool2d, no modules: not seen",
        ("Mixed_*", "AuxLogits.pool"),
    ),
    Besides(
        ("inception_v3_with_aux",),
        {"global_avg_pool": -1, "linear": 1},
        "its auxiliary classifier is a module, and calls F.adaptive_avg_pool2d",
        ("AuxLogits.*",),
    ),
    Besides(
        TIMM,
        {"conv": 2},
        "a convolution with its batch norm is a module, and between its batch norm and its ReLU is an nn.Identity",
    ),
    Besides(
        ("inception_v3_with_aux", "seresnet50", "regnetx_400mf"),
        {"global_avg_pool": 2},
        "the last pool is in a module, with an nn.Flatten",
        ("avgpool",),
    ),
    Besides(("regnetx_400mf",), {"conv": 1}, "an nn.Identity is in place of squeeze and excitation", ("*.conv2",)),
    Besides(
        ("regnetx_400mf",), {"conv": 2}, "instances of nn.Identity are in place of ReLU and DropPath", ("*.conv3",)
    ),
    Besides(("regnetx_400mf",), {"conv": 1}, "an nn.Identity is in place of ReLU", ("*.downsample",)),
    Besides(("regnetx_400mf",), {"add": 1}, "a shortcut is an nn.Identity", ("*.[!0]*.add",)),
    Besides(
        ("regnetx_400mf",),
        {"add": 1},
        "each stage is a module",
        ("stage1.0.add", "stage2.1.add", "stage3.6.add", "stage4.11.add"),
    ),
    Besides(("regnetx_400mf",), {"add": 1}, "an nn.Identity follows the last stage", ("stage4.11.add",)),
    Besides(("regnetx_400mf",), {"global_avg_pool": 1}, "an nn.Dropout follows the last pool"),
    Besides(
        ("regnetx_400mf", "swin_t"), {"linear": 2}, "the classifier is a module, with an nn.Identity", ("fc", "head")
    ),
    Besides(("seresnet50",), {"conv": 2}, "two of nn.Identity follow a 3x3 convolution", ("*.conv2",)),
    Besides(("seresnet50",), {"conv": 1}, "an nn.Identity follows the first layer of a gate", ("*.se.reduce",)),
    Besides(("seresnet50", "efficientnet_b0"), {"multiply": 1}, "squeeze and excitation are a module"),
    Besides(("seresnet50",), {"global_avg_pool": -1}, "it squeezes with x.mean, no pool: not seen", ("*.se.squeeze",)),
    Besides(("efficientnet_b0",), {"add": 1}, "stochastic depth is a module"),
    Besides(("efficientnet_b0",), {"conv": 1}, "each block is a module", ("*.project",)),
    Besides(
        ("convnext_tiny",),
        {"channels_last": 1, "channels_first": 1, "flatten": 1},
        "changes of layout are modules: Permute, nn.Flatten",
    ),
    Besides(("convnext_tiny",), {"add": 2}, "each block is a module, and so is stochastic depth in it"),
    Besides(("swin_t",), {"layer_norm": 2}, "patches are a module, and an nn.Identity follows them", ("patches",)),
    Besides(
        ("swin_t",),
        {"linear": 2},
        "an nn.Dropout follows each; the whole is a module, with an nn.Identity",
        ("*.mlp?",),
    ),
    Besides(("swin_t",), {"add": 1}, "DropPath is a module"),
    Besides(("swin_t",), {"add": 1}, "each block is a module", ("*.add2",)),
    Besides(
        ("swin_t",),
        {"add": 1},
        "each stage is a module",
        ("stage1.1.add2", "stage2.1.add2", "stage3.5.add2", "stage4.1.add2"),
    ),
    Besides(("swin_t",), {"linear": 1}, "the merging of patches is a module", ("*.merging",)),
    Besides(("swin_t",), {"global_avg_pool": 3}, "the last pool is in a module, with an nn.Identity and an nn.Dropout"),
    Besides(
        ("swin_t",),
        {"linear": -1},
        "its windows are a batch, of which one is counted",
        ("*.qkv", "*.proj"),
    ),
)
