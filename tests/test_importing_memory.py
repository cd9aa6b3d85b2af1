"""The saved activations of imported models are what autograd keeps when the original module runs, to the byte.

In training mode, but without stochastic depth, which the import of a model in evaluation mode does not have. The CPU
keeps the mask of a dropout as floats, of which archcalc counts the bytes of the CUDA kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional as F  # noqa: N812
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch_models import of, public

from archcalc import Network, analyze
from archcalc.validation.memory import FLOAT, fused_masks

BATCH = 2
RANDOM_DEPTH = ("DropPath", "StochasticDepth")


def linear(channels: int, out: int) -> Callable[[], nn.Module]:
    return lambda: nn.Linear(channels, out)


def table(*sizes: int) -> Callable[[], nn.Parameter]:
    return lambda: nn.Parameter(torch.ones(*sizes))


def kept(module: nn.Module, *shapes: tuple[int, ...]) -> int:
    """Bytes of the storages that autograd keeps of a forward pass, without those of the module."""
    module.train()
    for part in module.modules():
        if type(part).__name__ in RANDOM_DEPTH:
            part.eval()
    own = {each.untyped_storage().data_ptr() for each in (*module.parameters(), *module.buffers())}
    held: list[torch.Tensor] = []  # holds the storages, so that no address is used twice

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        held.append(tensor.detach())
        return tensor

    with sdpa_kernel(SDPBackend.FLASH_ATTENTION), saved_tensors_hooks(pack, lambda tensor: tensor):
        module(*[torch.ones(BATCH, *shape) for shape in shapes])
    storages = {each.untyped_storage().data_ptr(): each.untyped_storage().nbytes() for each in held}
    return sum(size for place, size in storages.items() if place not in own)


def stated(module: nn.Module, *shapes: tuple[int, ...]) -> int:
    """The saved activations of the import, with dropout masks as the CPU keeps them."""
    network = Network.from_torch(module.eval(), list(shapes))
    analysis = analyze(network, batch=BATCH)
    return analysis.totals.training_saved_bytes + (FLOAT - 1) * BATCH * fused_masks(network.graph(), "cpu")


class Positions(nn.Module):
    """A table that is read at places that the model keeps, as in window attention."""

    def __init__(self, *, kept: bool) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.ones(9, 4))
        self.places: torch.Tensor
        self.register_buffer("places", torch.arange(6).reshape(2, 3))
        self.kept = kept

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        places = self.places if self.kept else self.places + 1
        return x * self.table[places.view(-1)].exp()


def _heads(net: Any, x: torch.Tensor) -> torch.Tensor:
    """Attention by hand on axes that were permuted: both products copy their factors."""
    b, n, c = x.shape
    q, k, v = net.qkv(x).reshape(b, n, 3, 4, c // 4).permute(2, 0, 3, 1, 4).unbind(0)
    return ((q @ k.transpose(-2, -1)).softmax(-1) @ v).transpose(1, 2).reshape(b, n, c)


def _in_order(net: Any, x: torch.Tensor) -> torch.Tensor:
    """Products of factors that lie one after another: nothing is copied."""
    y = net.a(x)
    return y @ y.transpose(-2, -1)


def _permuted(net: Any, x: torch.Tensor) -> torch.Tensor:
    return net.a(net.b(x).transpose(1, 2))


def _one_matrix(net: Any, x: torch.Tensor) -> torch.Tensor:
    """One matrix for all images: PyTorch makes one matrix of the other factor."""
    return net.a(x).transpose(1, 2) @ net.w


def _between(step: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[], nn.Module]:
    """A step between two uses of a linear layer, the second of which keeps its input."""

    def forward(net: Any, x: torch.Tensor) -> torch.Tensor:
        return net.a(step(net.a(x)))

    return of(forward, a=linear(8, 8))


SMALL: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "permuted before a linear layer": (of(_permuted, a=linear(6, 5), b=linear(8, 8)), (6, 8)),
    "permuted before products": (of(_heads, qkv=linear(16, 48)), (10, 16)),
    "in order before a product": (of(_in_order, a=linear(8, 8)), (6, 8)),
    "a product with a matrix for all": (of(_one_matrix, a=linear(8, 8), w=table(6, 6)), (6, 8)),
    "padding by nothing": (_between(lambda x: F.pad(x, (0, 0))), (6, 8)),
    "joined with nothing": (_between(lambda x: torch.cat([x], 1)), (6, 8)),
    "repeated once": (_between(lambda x: x.repeat(1, 1, 1)), (6, 8)),
    "a clone": (_between(torch.clone), (6, 8)),
    "an index that the model keeps": (lambda: Positions(kept=True), (6, 4)),
    "an index that is computed": (lambda: Positions(kept=False), (6, 4)),
}


@pytest.mark.parametrize("name", SMALL)
def test_small_modules_keep_what_their_imports_state(name: str) -> None:
    make, shape = SMALL[name]
    module = make()
    assert stated(module, shape) == kept(module, shape)


MODELS = {
    "torchvision:alexnet": 64,
    "torchvision:resnet18": 64,
    "torchvision:vgg11": 64,
    "torchvision:squeezenet1_1": 64,
    "torchvision:mobilenet_v2": 64,
    "torchvision:mobilenet_v3_small": 64,
    "torchvision:shufflenet_v2_x0_5": 64,
    "torchvision:efficientnet_b0": 64,
    "torchvision:regnet_y_400mf": 64,
    "torchvision:convnext_tiny": 64,
    "torchvision:swin_t": 224,
    "timm:vit_tiny_patch16_224": 224,
    "timm:mixer_s32_224": 224,
    "timm:resmlp_12_224": 224,
    "timm:poolformer_s12": 64,
    "timm:ghostnet_050": 64,
    "timm:pit_ti_224": 224,
    "timm:levit_128s": 224,
    "timm:cait_xxs24_224": 224,
    "timm:xcit_nano_12_p16_224": 224,
    "timm:efficientformer_l1": 224,
    "timm:lambda_resnet26t": 256,
    "timm:mobilevit_xxs": 64,
    "timm:edgenext_xx_small": 256,
}
FOR_EACH_IMAGE = {"timm:edgenext_xx_small": 4 * 64 * 32 * 32}
"""Bytes of constants that a model makes anew for each image of a batch, which archcalc counts once: position codes."""


def both(name: str) -> tuple[int, int]:
    """The bytes that the import of a public model states, and those that autograd keeps."""
    module, shape = public(name), (3, MODELS[name], MODELS[name])
    return stated(module, shape) + FOR_EACH_IMAGE.get(name, 0), kept(module, shape)


SAMPLE = (
    *("torchvision:resnet18", "torchvision:mobilenet_v2", "torchvision:convnext_tiny", "torchvision:swin_t"),
    *("timm:vit_tiny_patch16_224", "timm:mixer_s32_224", "timm:poolformer_s12", "timm:cait_xxs24_224"),
    *("timm:xcit_nano_12_p16_224", "timm:edgenext_xx_small"),
)
"""`tests/benchmarks/imports_against_modules.py` takes all of them."""


@pytest.mark.parametrize("name", SAMPLE)
def test_public_models_keep_what_their_imports_state(name: str) -> None:
    ours, theirs = both(name)
    assert ours == theirs
