"""Small PyTorch models, one for each way of writing a network: what the importer of exported programs is tried on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812


class Case(NamedTuple):
    """A model, the shape of each input without the batch, and other sizes of the first input to try."""

    make: Callable[[], nn.Module]
    shapes: tuple[tuple[int, ...], ...] = ((3, 32, 32),)
    integers: bool = False
    """Whether its inputs are whole numbers: tokens."""
    others: tuple[tuple[int, ...], ...] = ((3, 48, 40), (3, 33, 35))


class Call(nn.Module):
    """A module whose forward pass is a function of the module and its inputs."""

    def __init__(self, forward: Callable[..., Any], **parts: Any) -> None:
        super().__init__()
        self.function = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *inputs: torch.Tensor) -> Any:
        return self.function(self, *inputs)


def of(forward: Callable[..., Any], **parts: Callable[[], Any]) -> Callable[[], nn.Module]:
    """A maker of a module with parts that are made with it."""
    return lambda: Call(forward, **{name: part() for name, part in parts.items()})


def public(name: str) -> nn.Module:
    """A model of timm or torchvision by the name that archcalc has for it, with random weights."""
    library, _, kind = name.partition(":")
    if library == "timm":
        import timm

        return timm.create_model(kind)
    import torchvision

    return torchvision.models.get_model(kind, weights=None)


def conv(*args: Any, **kwargs: Any) -> Callable[[], nn.Module]:
    return lambda: nn.Conv2d(*args, **kwargs)


def weight(*sizes: int) -> Callable[[], nn.Parameter]:
    return lambda: nn.Parameter(torch.empty(*sizes))


def _residual(net: Any, x: Any) -> Any:
    y = net.bn(net.a(x)).relu_()
    y += net.b(x)
    return net.fc(y.mean((2, 3)))


def _parts_in_place(net: Any, x: Any) -> Any:
    y = net.a(x)
    left, turned = y[:, :4], y.permute(0, 2, 3, 1)
    left += net.b(x)
    y[:, 4:].mul_(0.5)
    y[:, 2] = net.c(x)[:, 0]
    y[..., 1:-1].relu_()
    out = torch.zeros_like(y)
    out[:, :, 1:] = y[:, :, :-1]
    return net.fc((turned.permute(0, 3, 1, 2) + out).mean((2, 3)))


def _shared(net: Any, x: Any) -> Any:
    return net.a(F.relu(net.a(x)))


def _gate(net: Any, x: Any) -> Any:
    x = net.a(x)
    scale = torch.sigmoid(net.c(F.relu(net.b(x.mean((2, 3), keepdim=True)))))
    return x * scale


def _standardized(net: Any, x: Any) -> Any:
    w = net.a.weight
    w = (w - w.mean((1, 2, 3), keepdim=True)) / w.std((1, 2, 3), keepdim=True)
    return F.conv2d(x, w, net.a.bias, padding=1)


def _heads(net: Any, x: Any) -> Any:
    b, n, c = x.shape
    q, k, v = net.qkv(x).reshape(b, n, 3, 4, c // 12 * 3).permute(2, 0, 3, 1, 4).unbind(0)
    return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, c)


def _by_hand(net: Any, x: Any) -> Any:
    b, n, c = x.shape
    q, k, v = (part.view(b, n, 4, c // 4).transpose(1, 2) for part in net.qkv(x).chunk(3, -1))
    weights = (q @ k.transpose(-2, -1) * 0.25).softmax(-1)
    return net.out((weights @ v).transpose(1, 2).flatten(2))


def _by_letters(net: Any, x: Any) -> Any:
    q, k, v = net.qkv(x).chunk(3, -1)
    weights = torch.einsum("bnd,bmd->bnm", q, k).softmax(-1)
    return torch.einsum("bnm,bmd->bnd", weights, v)


def _windows(net: Any, x: Any) -> Any:
    b, c, h, w = x.shape
    x = torch.roll(x, (2, 2), (2, 3)).view(b, c, h // 4, 4, w // 4, 4).permute(0, 2, 4, 3, 5, 1)
    x = net.fc(x.reshape(-1, 16, c))
    x = x.view(b, h // 4, w // 4, 4, 4, c).permute(0, 5, 1, 3, 2, 4).reshape(b, c, h, w)
    return torch.roll(x, (-2, -2), (2, 3))


def _tokens(net: Any, x: Any) -> Any:
    x = net.a(x).flatten(2).transpose(1, 2)
    x = torch.cat([net.token.expand(len(x), -1, -1), x], 1)
    return net.fc(net.norm(x)[:, 0])


def _pyramid(net: Any, x: Any) -> Any:
    small = net.b(net.a(x))
    large = F.interpolate(small, scale_factor=2.0, mode="nearest")
    smooth = F.interpolate(small, size=x.shape[2:], mode="bilinear", align_corners=False)
    return {"large": net.c(large), "small": small, "smooth": smooth}


def _splits(net: Any, x: Any) -> Any:
    a, b = net.a(x).chunk(2, 1)
    c, d, e = torch.split(torch.stack([a, b], 1).sum(1), [2, 3, 3], 1)
    return torch.cat([c, d * 2, -e, (c - 1).square().sqrt()], 1)


def _learnt(net: Any, x: Any) -> Any:
    x = net.a(x)
    return x + net.gamma * x.permute(0, 2, 3, 1).mul(net.delta).permute(0, 3, 1, 2)


def _frames(net: Any, x: Any) -> Any:
    b, c, t, h, w = x.shape
    y = net.a(x.transpose(1, 2).reshape(b * t, c, h, w))
    return y.view(b, t, 8, h, w).mean(1)


def _folded(net: Any, x: Any) -> Any:
    n = x.shape[0] * x.shape[1]
    return net.bn(net.fc(x).view(n, 8)).view(x.shape[0], x.shape[1], 8)


def _loop(net: Any, x: Any) -> Any:
    for layer in net.layers:
        x = F.max_pool2d(F.relu(layer(x)), 2)
    return F.adaptive_avg_pool2d(x, 1).flatten(1)


class Tied(nn.Module):
    """Words in and out by one matrix, under two names."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.head = nn.Embedding(50, 16), nn.Linear(16, 50)
        self.head.weight = self.embed.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.embed(x).tanh())


def _sequence(net: Any, x: Any) -> Any:
    return net.fc(net.lstm(net.embed(x))[0][:, -1])


def _rows_and_columns(net: Any, x: Any) -> Any:
    n, h, w, c = (x := net.a(x).permute(0, 2, 3, 1)).shape
    rows = net.lstm(x.reshape(n * h, w, c))[0].reshape(n, h, w, -1)
    columns = net.lstm(x.permute(0, 2, 1, 3).reshape(n * w, h, c))[0].reshape(n, w, h, -1).permute(0, 2, 1, 3)
    return net.fc(torch.cat([rows, columns], -1).mean((1, 2)))


def _last_states(net: Any, x: Any) -> Any:
    steps = net.embed(x).transpose(0, 1)
    out, last = net.gru(steps)
    hidden, cell = net.lstm(out)[1]
    return net.fc(torch.cat([last[-1], hidden[0], cell[0]], 1))


def _blocks_of_another_kind(net: Any, x: Any) -> Any:
    with torch.autocast("cpu", enabled=False):
        y = net.a(x)
        with torch.enable_grad():
            left, right = net.b(y).chunk(2, 1)
    return left * right + y


def _normalized_weights(net: Any, x: Any) -> Any:
    weight = F.batch_norm(net.w.view(1, 8, -1), None, None, net.gain.view(-1), training=True, momentum=0.0)
    return F.conv2d(x, weight.view_as(net.w))


CASES: dict[str, Case] = {
    "sequences of a map": Case(
        of(
            _rows_and_columns,
            a=conv(3, 6, 1),
            lstm=lambda: nn.LSTM(6, 5, bidirectional=True, batch_first=True),
            fc=lambda: nn.Linear(20, 3),
        ),
        others=(),
    ),
    "last states": Case(
        of(
            _last_states,
            embed=lambda: nn.Embedding(50, 16),
            gru=lambda: nn.GRU(16, 8, 2),
            lstm=lambda: nn.LSTM(8, 4),
            fc=lambda: nn.Linear(16, 3),
        ),
        ((12,),),
        integers=True,
        others=(),
    ),
    "blocks with types and gradients of their own": Case(
        of(_blocks_of_another_kind, a=conv(3, 4, 1), b=conv(4, 8, 3, padding=1))
    ),
    "weights of a batch norm": Case(of(_normalized_weights, w=weight(8, 3, 3, 3), gain=weight(8, 1, 1, 1))),
    "residual": Case(
        of(
            _residual,
            a=conv(3, 8, 3, padding=1),
            bn=lambda: nn.BatchNorm2d(8),
            b=conv(3, 8, 1),
            fc=lambda: nn.Linear(8, 10),
        )
    ),
    "parts in place": Case(
        of(
            _parts_in_place,
            a=conv(3, 8, 3, padding=1),
            b=conv(3, 4, 1),
            c=conv(3, 1, 1),
            fc=lambda: nn.Linear(8, 10),
        )
    ),
    "shared weights": Case(of(_shared, a=conv(3, 3, 3, padding=1))),
    "gate": Case(of(_gate, a=conv(3, 8, 3), b=conv(8, 2, 1), c=conv(2, 8, 1))),
    "standardized weights": Case(of(_standardized, a=conv(3, 8, 3))),
    "attention": Case(of(_heads, qkv=lambda: nn.Linear(48, 144)), ((49, 48),), others=((36, 48),)),
    "attention by hand": Case(
        of(_by_hand, qkv=lambda: nn.Linear(48, 144), out=lambda: nn.Linear(48, 48)), ((49, 48),), others=()
    ),
    "attention by letters": Case(of(_by_letters, qkv=lambda: nn.Linear(48, 144)), ((49, 48),), others=()),
    "multi-head attention": Case(
        of(lambda net, x: net.mha(x, x, x)[0], mha=lambda: nn.MultiheadAttention(48, 4, batch_first=True)),
        ((49, 48),),
        others=(),
    ),
    "encoder layer": Case(lambda: nn.TransformerEncoderLayer(48, 4, 96, batch_first=True), ((49, 48),), others=()),
    "windows": Case(of(_windows, fc=lambda: nn.Linear(3, 3)), others=((3, 48, 40), (3, 34, 32))),
    "tokens": Case(
        of(
            _tokens,
            a=conv(3, 16, 8, stride=8),
            token=weight(1, 1, 16),
            norm=lambda: nn.LayerNorm(16),
            fc=lambda: nn.Linear(16, 10),
        ),
        others=((3, 64, 40),),
    ),
    "pyramid": Case(of(_pyramid, a=conv(3, 8, 3, stride=2, padding=1), b=conv(8, 8, 3, padding=1), c=conv(8, 4, 1))),
    "splits": Case(of(_splits, a=conv(3, 16, 3, groups=1, padding=2, dilation=2))),
    "learnt scales": Case(of(_learnt, a=conv(3, 8, 3), gamma=weight(1, 8, 1, 1), delta=weight(8))),
    "frames": Case(of(_frames, a=conv(3, 8, 3, padding=1)), ((3, 4, 16, 16),), others=((3, 4, 20, 24),)),
    "norm of tokens": Case(of(_folded, fc=lambda: nn.Linear(6, 8), bn=lambda: nn.BatchNorm1d(8)), ((5, 6),), others=()),
    "loop": Case(of(_loop, layers=lambda: nn.ModuleList([nn.Conv2d(3, 4, 3), nn.Conv2d(4, 8, 3, bias=False)]))),
    "LSTM": Case(
        of(
            _sequence,
            embed=lambda: nn.Embedding(100, 16),
            lstm=lambda: nn.LSTM(16, 24, 2, batch_first=True, bidirectional=True),
            fc=lambda: nn.Linear(48, 5),
        ),
        ((12,),),
        integers=True,
        others=(),
    ),
    "GRU": Case(of(lambda net, x: net.gru(x)[0], gru=lambda: nn.GRU(16, 24, batch_first=True)), ((12, 16),), others=()),
    "one axis": Case(
        lambda: nn.Sequential(
            nn.Conv1d(4, 8, 5, stride=2),
            nn.BatchNorm1d(8),
            nn.ReLU(),
            nn.MaxPool1d(2),
            nn.AdaptiveAvgPool1d(1),
            nn.Flatten(),
            nn.Linear(8, 3),
        ),
        ((4, 50),),
        others=(),
    ),
    "three axes": Case(
        lambda: nn.Sequential(
            nn.Conv3d(2, 4, 3),
            nn.BatchNorm3d(4),
            nn.ReLU(),
            nn.MaxPool3d(2),
            nn.Conv3d(4, 4, (1, 3, 3), padding=(0, 1, 1), groups=2),
        ),
        ((2, 8, 12, 12),),
        others=((2, 9, 14, 13),),
    ),
    "transposed": Case(
        lambda: nn.Sequential(
            nn.ConvTranspose2d(3, 8, 4, 2, 1, groups=1),
            nn.LeakyReLU(0.1),
            nn.ConvTranspose2d(8, 4, 3, stride=2, output_padding=1, bias=False),
        )
    ),
    "norms": Case(
        lambda: nn.Sequential(
            nn.Conv2d(3, 8, 3),
            nn.GroupNorm(2, 8),
            nn.SiLU(),
            nn.InstanceNorm2d(8),
            nn.Conv2d(8, 8, 3, groups=8),
            nn.InstanceNorm2d(8, affine=True),
            nn.GELU(),
            nn.BatchNorm2d(8, affine=False),
        )
    ),
    "layer norms": Case(
        lambda: nn.Sequential(
            nn.Linear(12, 12),
            nn.LayerNorm(12, bias=False),
            nn.RMSNorm(12),
            nn.LayerNorm((5, 12)),
            nn.LayerNorm(12, elementwise_affine=False),
        ),
        ((5, 12),),
        others=(),
    ),
    "activations": Case(
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 1),
            nn.PReLU(),
            nn.PReLU(4),
            nn.ELU(),
            nn.SELU(),
            nn.CELU(),
            nn.Softplus(),
            nn.Mish(),
            nn.Hardswish(),
            nn.Hardsigmoid(),
            nn.Hardtanh(),
            nn.ReLU6(),
            nn.Tanh(),
            nn.Softsign(),
            nn.LogSigmoid(),
            nn.Softmax(1),
        )
    ),
    "pools": Case(
        lambda: nn.Sequential(
            nn.MaxPool2d(3, 2, 1),
            nn.Conv2d(3, 4, 3),
            nn.AvgPool2d(2, ceil_mode=True),
            nn.AdaptiveMaxPool2d(3),
            nn.AvgPool2d(3, 1, 1, count_include_pad=False),
        )
    ),
    "padding": Case(
        lambda: nn.Sequential(
            nn.ZeroPad2d((1, 2, 0, 1)),
            nn.Conv2d(3, 4, 3, padding="same"),
            nn.ReflectionPad2d(2),
            nn.Conv2d(4, 4, 3, padding=1, padding_mode="replicate"),
            nn.ConstantPad2d(1, 0.5),
        )
    ),
    "shuffles": Case(
        lambda: nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1),
            nn.PixelShuffle(2),
            nn.Conv2d(4, 8, 1),
            nn.PixelUnshuffle(2),
            nn.ChannelShuffle(4),
        ),
        others=((3, 48, 40),),
    ),
    "dropouts": Case(
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 3), nn.Dropout2d(0.2), nn.Flatten(), nn.Dropout(0.5), nn.Linear(3600, 10)
        ),
        others=(),
    ),
    "bilinear forms": Case(
        of(lambda net, x: (x @ net.w @ x.transpose(1, 2)).logsumexp(-1), w=weight(12, 12)), ((7, 12),), others=()
    ),
    "reductions": Case(
        of(
            lambda net, x: torch.cat(
                [
                    net.a(x).flatten(1).std(1, keepdim=True),
                    x.amax((1, 2, 3))[:, None],
                    torch.linalg.vector_norm(x, dim=(1, 2, 3))[:, None],
                    x.var((1, 2, 3))[:, None],
                ],
                1,
            ),
            a=conv(3, 4, 3),
        )
    ),
    "selection": Case(
        of(lambda net, x: torch.where(net.a(x) > 0, net.a(x), x[:, :1]).clamp(0, 1).topk(2, -1)[0], a=conv(3, 1, 1))
    ),
    "tied weights": Case(Tied, ((12,),), integers=True, others=()),
    "two inputs": Case(
        of(lambda net, x, y: net.a(x) + net.b(y)[..., None, None], a=conv(3, 8, 3), b=lambda: nn.Linear(5, 8)),
        ((3, 32, 32), (5,)),
        others=(),
    ),
}
