"""What the counting tools are asked to count: networks in two forms, applications of every op, and single operations.

Three kinds of subject, each built on the CPU in evaluation mode, with one float32 input:

* `networks`: form `archcalc` is the model that `archcalc.execution.model` makes of the graph, op for op; form
  `reference` the implementation that the catalogue compares with (torchvision, timm, pytorchcv).
* `ops`: the examples of `tests/op_examples.py`, lowered as they are in an `archcalc` network.
* `probes`: one operation in a network of its own, as a module (`module`, and `batch 2` with two images) and in the
  other ways that PyTorch knows to write it (`function`, `operator`, `method`, `in place`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from archcalc import zoo
from archcalc.execution.model import Model
from archcalc.graph import Graph
from archcalc.validation import models

F = nn.functional
models._any_size = lambda module: module  # pytorchcv's networks with the last pool that they have

NETWORKS: dict[str, tuple[int, int, int] | None] = {
    "alexnet_owt": None,
    "vgg16_torchvision": None,
    "resnet50": None,
    "resnet50_v1": None,
    "inception_v3": None,
    "inception_v3_with_aux": None,
    "densenet121": None,
    "squeezenet1_0": None,
    "squeezenet1_1": None,
    "mobilenet_v1_1.0_224": None,
    "efficientnet_b0": None,
    "regnetx_400mf": None,
    "convnext_tiny": None,
    "shufflenet_v1_g3_1.0x": None,
    "googlenet_torchvision": None,
    "seresnet50": None,
    "swin_t": None,
    "unet_same": (1, 64, 64),
    "unet": None,
}
"""Each at its own input, or at the one named here."""


class Subject(NamedTuple):
    """Something to count."""

    kind: str
    name: str
    form: str
    facts: dict[str, Any]
    """What it is: its input (batch excluded), and the reference's version."""
    build: Callable[[], tuple[nn.Module, torch.Tensor]]


def subjects(kind: str) -> Iterator[Subject]:
    """All subjects of a kind: `probes`, `ops` or `networks`."""
    return {"probes": probes, "ops": ops, "networks": networks, "models": foreign}[kind]()


def foreign() -> Iterator[Subject]:
    """Models that are imported: see `models.py` beside this file."""
    from models import subjects as every

    return every(Subject)


# ---- networks


def graph_of(name: str) -> Graph:
    """The graph of a network of NETWORKS at its input."""
    found = zoo.network(name)
    return found.graph(NETWORKS[name], found.settings)


def networks() -> Iterator[Subject]:
    for name in NETWORKS:
        found = zoo.network(name)
        shape = graph_of(name).nodes[0].shape
        facts = {"input": list(shape)}
        yield Subject("networks", name, "archcalc", facts, lambda name=name: graph_model(graph_of(name)))
        reference = found.family.references.get(found.name)
        if reference is not None and reference.library != "account":
            theirs = facts | {"reference": f"{models.version(reference)} {reference.model}"}
            if reference.options:
                theirs["options"] = dict(reference.options)
            yield Subject(
                "networks",
                name,
                "reference",
                theirs,
                lambda r=reference, s=shape: (filled(models.load(r)), torch.zeros(1, *s)),
            )


def graph_model(graph: Graph) -> tuple[nn.Module, torch.Tensor]:
    with torch.device("meta"):
        model = Model(graph)
    shape: Any = graph.nodes[0].shape
    return filled(model), torch.zeros(1, *shape)


def filled(model: nn.Module) -> nn.Module:
    """The model on the CPU with every number 0.01, in evaluation mode."""
    model = model.to_empty(device="cpu")
    with torch.no_grad():
        for tensor in (*model.parameters(), *model.buffers()):
            tensor.fill_(0.01 if tensor.is_floating_point() else 0)
    return model.eval()


# ---- applications of ops


def ops() -> Iterator[Subject]:
    sys.path.append(str(Path(__file__).parents[1]))
    from op_examples import LOWERED, example_id

    for example in LOWERED:
        facts = {"input": [list(shape) for shape in example.shapes]}
        yield Subject("ops", example_id(example), "archcalc", facts, lambda e=example: op_model(e))


def op_model(example: Any) -> tuple[nn.Module, torch.Tensor]:
    """A network of the op alone; inputs after the first are constants."""
    lowered = example.op.lower(torch, *example.shapes)
    if not example.shapes:
        return Made(lowered).eval(), torch.zeros(1, 1)
    return Applied(lowered, example.shapes).eval(), torch.zeros(1, *example.shapes[0])


class Applied(nn.Module):
    """A lowered op; inputs after the first are buffers."""

    def __init__(self, lowered: Any, shapes: Any) -> None:
        super().__init__()
        self.op = lowered if isinstance(lowered, nn.Module) else Function(lowered)
        self.others = [torch.zeros(1, *shape) for shape in shapes[1:]]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.op(x, *self.others)


class Made(nn.Module):
    """A lowered op without inputs, beside an input that nothing reads."""

    def __init__(self, lowered: Any) -> None:
        super().__init__()
        self.op = lowered if isinstance(lowered, nn.Module) else Function(lowered)

    def forward(self, _: torch.Tensor) -> torch.Tensor:
        return self.op()


class Function(nn.Module):
    """As in archcalc.execution.model."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *values: Any) -> Any:
        return self.function(*values)


# ---- single operations


class Alone(nn.Module):
    """A network of one module."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.op = module

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.op(x)


class Written(nn.Module):
    """A network that applies a function, with the parameters and buffers of a module as its own."""

    def __init__(self, module: nn.Module | None, function: Callable[[Any, torch.Tensor], Any]) -> None:
        super().__init__()
        for name in ("weight", "bias"):
            self.register_parameter(name, getattr(module, name, None))
        for name, buffer in module.named_buffers() if module is not None else ():
            self.register_buffer(name, buffer)
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(self, x)


class LayerNormOfMaps(nn.LayerNorm):
    """A subclass, as torchvision's and timm's LayerNorm2d: (C, H, W) normalised over C."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Attention(nn.Module):
    """nn.MultiheadAttention on one sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(12, 3, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.attention(x, x, x, need_weights=False)[0]


Forms = dict[str, Callable[[Any, torch.Tensor], Any]]
MAPS, SQUARE, TOKENS, VECTOR = (6, 10, 14), (6, 14, 14), (5, 12), (12,)


def _conv(**options: Any) -> tuple[Callable[[], nn.Module], Forms]:
    kernel = options.pop("kernel", 3)
    out = options.pop("out", 8)
    bias = options.pop("bias", True)

    def module() -> nn.Module:
        return nn.Conv2d(6, out, kernel, bias=bias, **options)

    return module, {"function": lambda m, x: F.conv2d(x, m.weight, m.bias, **options)}


def _transposed(**options: Any) -> tuple[Callable[[], nn.Module], Forms]:
    kernel = options.pop("kernel", 3)
    out = options.pop("out", 8)
    bias = options.pop("bias", True)

    def module() -> nn.Module:
        return nn.ConvTranspose2d(6, out, kernel, bias=bias, **options)

    return module, {"function": lambda m, x: F.conv_transpose2d(x, m.weight, m.bias, **options)}


def _linear(*, bias: bool) -> tuple[Callable[[], nn.Module], Forms]:
    return lambda: nn.Linear(12, 7, bias=bias), {"function": lambda m, x: F.linear(x, m.weight, m.bias)}


def _norm(*, affine: bool) -> Forms:
    if affine:
        return {"function": lambda m, x: F.batch_norm(x, m.running_mean, m.running_var, m.weight, m.bias)}
    return {"function": lambda m, x: F.batch_norm(x, m.running_mean, m.running_var)}


def _gate(x: torch.Tensor) -> torch.Tensor:
    return x[:, :, :1, :1]


PROBES: dict[str, tuple[tuple[int, ...], Callable[[], nn.Module] | None, Forms]] = {
    "conv 3x3 p1": (MAPS, *_conv(padding=1)),
    "conv 3x3 p1 no bias": (MAPS, *_conv(padding=1, bias=False)),
    "conv 3x3 valid": (MAPS, *_conv()),
    "conv 3x3 s2 p1": (MAPS, *_conv(padding=1, stride=2)),
    "conv 1x1 no bias": (MAPS, *_conv(kernel=1, bias=False)),
    "conv 3x3 p1 groups 2": (MAPS, *_conv(padding=1, groups=2)),
    "conv 3x3 p1 depthwise no bias": (MAPS, *_conv(padding=1, groups=6, out=6, bias=False)),
    "conv 3x3 p2 dilation 2": (MAPS, *_conv(padding=2, dilation=2)),
    "conv 3x3 same": (MAPS, *_conv(padding="same")),
    "conv 4x4 same": (MAPS, *_conv(padding="same", kernel=4)),
    "conv 3x5 s2x1 p0x2": (MAPS, *_conv(kernel=(3, 5), stride=(2, 1), padding=(0, 2))),
    "conv transpose 2x2 s2": (MAPS, *_transposed(kernel=2, stride=2)),
    "conv transpose 2x2 s2 no bias": (MAPS, *_transposed(kernel=2, stride=2, bias=False)),
    "conv transpose 3x3 s2 p1 op1": (MAPS, *_transposed(stride=2, padding=1, output_padding=1)),
    "conv transpose 4x4 s2 p1 groups 2": (MAPS, *_transposed(kernel=4, stride=2, padding=1, groups=2)),
    "conv transpose 4x4 s2 p1 depthwise": (MAPS, *_transposed(kernel=4, stride=2, padding=1, groups=6, out=6)),
    "conv transpose 3x3 s1 p1 to 6": (MAPS, *_transposed(padding=1, out=6)),
    "linear on a vector": (VECTOR, *_linear(bias=True)),
    "linear on a vector no bias": (VECTOR, *_linear(bias=False)),
    "linear on 5 vectors": (TOKENS, *_linear(bias=True)),
    "linear on 5 vectors no bias": (TOKENS, *_linear(bias=False)),
    "linear on 3x5 vectors": ((3, 5, 12), *_linear(bias=True)),
    "batch norm": (MAPS, lambda: nn.BatchNorm2d(6), _norm(affine=True)),
    "batch norm not affine": (MAPS, lambda: nn.BatchNorm2d(6, affine=False), _norm(affine=False)),
    "batch norm on a vector": (VECTOR, lambda: nn.BatchNorm1d(12), _norm(affine=True)),
    "layer norm": (
        TOKENS,
        lambda: nn.LayerNorm(12),
        {"function": lambda m, x: F.layer_norm(x, (12,), m.weight, m.bias)},
    ),
    "layer norm not affine": (
        TOKENS,
        lambda: nn.LayerNorm(12, elementwise_affine=False),
        {"function": lambda _, x: F.layer_norm(x, (12,))},
    ),
    "layer norm subclass": (MAPS, lambda: LayerNormOfMaps(6), {}),
    "group norm": (MAPS, lambda: nn.GroupNorm(2, 6), {"function": lambda m, x: F.group_norm(x, 2, m.weight, m.bias)}),
    "local response norm 5": (
        MAPS,
        lambda: nn.LocalResponseNorm(5),
        {"function": lambda _, x: F.local_response_norm(x, 5)},
    ),
    "relu": (
        MAPS,
        nn.ReLU,
        {"function": lambda _, x: F.relu(x), "method": lambda _, x: x.relu(), "torch": lambda _, x: torch.relu(x)},
    ),
    "relu in place": (MAPS, lambda: nn.ReLU(inplace=True), {"function": lambda _, x: F.relu(x, inplace=True)}),
    "relu6": (MAPS, nn.ReLU6, {"function": lambda _, x: F.relu6(x)}),
    "leaky relu": (MAPS, nn.LeakyReLU, {"function": lambda _, x: F.leaky_relu(x)}),
    "gelu": (MAPS, nn.GELU, {"function": lambda _, x: F.gelu(x)}),
    "silu": (MAPS, nn.SiLU, {"function": lambda _, x: F.silu(x)}),
    "sigmoid": (
        MAPS,
        nn.Sigmoid,
        {
            "function": lambda _, x: F.sigmoid(x),
            "method": lambda _, x: x.sigmoid(),
            "torch": lambda _, x: torch.sigmoid(x),
        },
    ),
    "tanh": (MAPS, nn.Tanh, {"function": lambda _, x: F.tanh(x), "torch": lambda _, x: torch.tanh(x)}),
    "softmax": (
        MAPS,
        lambda: nn.Softmax(1),
        {"function": lambda _, x: F.softmax(x, 1), "method": lambda _, x: x.softmax(1)},
    ),
    "hard swish": (MAPS, nn.Hardswish, {"function": lambda _, x: F.hardswish(x)}),
    "hard sigmoid": (MAPS, nn.Hardsigmoid, {"function": lambda _, x: F.hardsigmoid(x)}),
    "max pool 3 s2 p1": (MAPS, lambda: nn.MaxPool2d(3, 2, 1), {"function": lambda _, x: F.max_pool2d(x, 3, 2, 1)}),
    "max pool (3,3) s2 p1": (
        MAPS,
        lambda: nn.MaxPool2d((3, 3), 2, 1),
        {"function": lambda _, x: F.max_pool2d(x, (3, 3), 2, 1)},
    ),
    "max pool 3 s2 ceil": (
        MAPS,
        lambda: nn.MaxPool2d(3, 2, ceil_mode=True),
        {"function": lambda _, x: F.max_pool2d(x, 3, 2, ceil_mode=True)},
    ),
    "average pool 3 s2 p1": (MAPS, lambda: nn.AvgPool2d(3, 2, 1), {"function": lambda _, x: F.avg_pool2d(x, 3, 2, 1)}),
    "average pool (2,2)": (MAPS, lambda: nn.AvgPool2d((2, 2)), {"function": lambda _, x: F.avg_pool2d(x, (2, 2))}),
    "adaptive average pool 1": (
        MAPS,
        lambda: nn.AdaptiveAvgPool2d(1),
        {
            "function": lambda _, x: F.adaptive_avg_pool2d(x, 1),
            "method": lambda _, x: x.mean((2, 3)),
            "torch": lambda _, x: torch.mean(x, (2, 3)),
        },
    ),
    "adaptive average pool 7 of 14x14": (
        SQUARE,
        lambda: nn.AdaptiveAvgPool2d(7),
        {"function": lambda _, x: F.adaptive_avg_pool2d(x, 7)},
    ),
    "adaptive average pool 7 of 10x14": (
        MAPS,
        lambda: nn.AdaptiveAvgPool2d(7),
        {"function": lambda _, x: F.adaptive_avg_pool2d(x, 7)},
    ),
    "dropout": (MAPS, nn.Dropout, {"function": lambda _, x: F.dropout(x, training=False)}),
    "upsample nearest 2": (
        MAPS,
        lambda: nn.Upsample(scale_factor=2),
        {"function": lambda _, x: F.interpolate(x, scale_factor=2)},
    ),
    "upsample bilinear 2": (
        MAPS,
        lambda: nn.Upsample(scale_factor=2, mode="bilinear"),
        {"function": lambda _, x: F.interpolate(x, scale_factor=2, mode="bilinear")},
    ),
    "upsample bilinear to 20x28": (
        MAPS,
        lambda: nn.Upsample((20, 28), mode="bilinear"),
        {"function": lambda _, x: F.interpolate(x, (20, 28), mode="bilinear")},
    ),
    "identity": (MAPS, nn.Identity, {}),
    "flatten": (MAPS, nn.Flatten, {"function": lambda _, x: torch.flatten(x, 1)}),
    "zero pad": (MAPS, lambda: nn.ZeroPad2d(1), {"function": lambda _, x: F.pad(x, (1, 1, 1, 1))}),
    "add": (
        MAPS,
        None,
        {
            "function": lambda _, x: torch.add(x, x),
            "operator": lambda _, x: x + x,
            "method": lambda _, x: x.add(x),
            "in place": lambda _, x: x.add_(x),
        },
    ),
    "multiply": (
        MAPS,
        None,
        {
            "function": lambda _, x: torch.mul(x, x),
            "operator": lambda _, x: x * x,
            "method": lambda _, x: x.mul(x),
            "in place": lambda _, x: x.mul_(x),
        },
    ),
    "multiply by a gate": (
        MAPS,
        None,
        {
            "function": lambda _, x: torch.mul(x, _gate(x)),
            "operator": lambda _, x: x * _gate(x),
            "gate first": lambda _, x: _gate(x) * x,
        },
    ),
    "multiply by a number": (
        MAPS,
        None,
        {"function": lambda _, x: torch.mul(x, 0.5), "operator": lambda _, x: x * 0.5},
    ),
    "one minus": (MAPS, None, {"operator": lambda _, x: 1 - x}),
    "concatenate": (MAPS, None, {"function": lambda _, x: torch.cat([x, x], 1)}),
    "matrix product": (
        TOKENS,
        None,
        {
            "function": lambda _, x: torch.matmul(x, x.transpose(1, 2)),
            "operator": lambda _, x: x @ x.transpose(1, 2),
            "bmm": lambda _, x: torch.bmm(x, x.transpose(1, 2)),
            "einsum": lambda _, x: torch.einsum("bij,bkj->bik", x, x),
        },
    ),
    "matrix product of 3 heads": (
        (3, 5, 12),
        None,
        {
            "function": lambda _, x: torch.matmul(x, x.transpose(2, 3)),
            "operator": lambda _, x: x @ x.transpose(2, 3),
            "einsum": lambda _, x: torch.einsum("bhij,bhkj->bhik", x, x),
        },
    ),
    "scaled dot product attention": (
        (3, 5, 12),
        None,
        {"function": lambda _, x: F.scaled_dot_product_attention(x, x, x)},
    ),
    "multihead attention": (TOKENS, Attention, {}),
}


def probes() -> Iterator[Subject]:
    for name, (shape, module, forms) in PROBES.items():
        facts = {"input": list(shape)}
        if module is not None:
            for form, batch in (("module", 1), ("batch 2", 2)):
                yield Subject(
                    "probes",
                    name,
                    form,
                    facts,
                    lambda m=module, b=batch, s=shape: (Alone(m()).eval(), torch.zeros(b, *s)),
                )
        for form, function in forms.items():
            yield Subject(
                "probes",
                name,
                form,
                facts,
                lambda m=module, f=function, s=shape: (Written(m and m(), f).eval(), torch.zeros(1, *s)),
            )
