"""DenseNet: Huang, Liu, van der Maaten & Weinberger, "Densely Connected Convolutional Networks", CVPR 2017,
arXiv:1608.06993.

In a dense block every layer (batch norm, ReLU, 3x3 convolution) takes the channels of all layers before it and adds k
channels of its own, the growth rate: layer l sees k0 + (l - 1)k channels, and a block of L layers has L(L + 1)/2 direct
connections. With bottlenecks (DenseNet-B) a 1x1 convolution to 4k channels stands before each 3x3. Between blocks a
transition (batch norm, ReLU, 1x1 convolution, 2x2 average pool) keeps the fraction theta of the channels: 1/2 with
compression (DenseNet-C), all of them without. Convolutions have no biases.

ImageNet networks: Table 1, all with bottlenecks and compression (BC); 2k channels in the first convolution. k = 32, but
48 for 161. Of 264 the authors published no model: it has the blocks of Table 1 and k = 32, and 265 layers with weights,
one more than its name says. timm's `densenet264d` has k = 48 and another stem.

CIFAR networks: three blocks of (L - 4)/3 layers, or (L - 4)/6 with bottlenecks. The first convolution has 16 channels,
or 2k in the BC networks: `densenet_40_k12` is plain, `densenet_bc_100_k12` has bottlenecks and compression. In the
authors' later code plain networks have 2k first channels too; with them (`first=24`) the 40 layers have 1.06M
parameters where the paper prints 1.0M. pytorchcv's plain networks compress the transitions (0.60M for 40 layers): they
are not the paper's. Dropout, which the paper uses without data augmentation, has no cost and is left out.

`densenet_block_example` is the block of Figure 1 with five layers and k = 4, which document 000 shows. Its input is not
printed: the 16 channels of the first convolution at 32 px.
"""

from fractions import Fraction
from typing import Any

from archcalc.algebra.dims import Dim, below, equal, floor
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Choice, Real, Switch, Value, Whole, block, row
from archcalc.ops.combine import Concat
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import ReLU
from archcalc.ops.pool import AvgPool, GlobalAvgPool, MaxPool
from archcalc.zoo import CLASSES, Family, Reference, Variant

#             layers of the four blocks
TABLE = {
    121: (6, 12, 24, 16),
    169: (6, 12, 32, 32),
    201: (6, 12, 48, 32),
    161: (6, 12, 36, 24),
    264: (6, 12, 64, 48),
}
GROWTH = {161: 48}


def activated(label: str, x: Value, conv: Conv) -> Value:
    """Batch norm and ReLU before a convolution."""
    return row(label, x, BatchNorm(), ReLU(), conv)


def layer(x: Value, growth: Dim, bottleneck: bool) -> Value:
    """One layer of a dense block: the channels that it got and `growth` more."""
    y = activated("conv1", x, Conv(4 * growth, 1, bias=False)) if bottleneck else x
    y = activated("conv2" if bottleneck else "conv", y, Conv(growth, 3, padding=1, bias=False))
    return row("concat", (x, y), Concat())


def dense_block(x: Value, layers: int, growth: Dim, bottleneck: bool) -> Value:
    for number in range(1, layers + 1):
        x = block(f"denselayer{number}", layer, x, growth, bottleneck)
    return x


def transition(x: Value, compression: float) -> Value:
    """Keeps the fraction `compression` of the channels, rounded down, and halves the size."""
    kept: Any = Fraction(str(compression)) if isinstance(compression, float) else compression
    x = activated("conv", x, Conv(floor(x.channels * kept), 1, bias=False))
    return row("pool", x, AvgPool(2, 2))


def blocks(
    x: Value, table: tuple[int, ...], growth: Dim, classes: int, *, bottleneck: bool, compression: float
) -> Value:
    """Dense blocks with transitions between them, and the classifier."""
    for number, layers in enumerate(table, 1):
        if number > 1:
            x = block(f"transition{number - 1}", transition, x, compression)
        x = block(f"denseblock{number}", dense_block, x, layers, growth, bottleneck)
    x = row("norm", x, BatchNorm(), ReLU())
    x = row("avgpool", x, GlobalAvgPool())
    return row("classifier", x, Flatten(), Linear(classes))


def densenet(
    x: Value, depth: int = 121, growth: int = 32, compression: float = 0.5, first: int = 0, classes: int = 1000
) -> Value:
    x = row("conv0", x, Conv(2 * growth if equal(first, 0) else first, 7, 2, 3, bias=False), BatchNorm(), ReLU())
    x = row("pool0", x, MaxPool(3, 2, 1))
    return blocks(x, TABLE[depth], growth, classes, bottleneck=True, compression=compression)


def densenet_cifar(
    x: Value,
    depth: int = 40,
    growth: int = 12,
    bottleneck: bool = False,
    compression: float = 1.0,
    first: int = 0,
    classes: int = 10,
) -> Value:
    step = 6 if bottleneck else 3
    if not equal(depth % step, 4 % step) or below(depth, 4 + step):
        raise ArchcalcError(f"densenet: a depth is {step}n + 4 ({step + 4}, {2 * step + 4} ...), not {depth}")
    own = 2 * growth if bottleneck else 16
    x = row("conv0", x, Conv(own if equal(first, 0) else first, 3, padding=1, bias=False))
    return blocks(x, ((depth - 4) // step,) * 3, growth, classes, bottleneck=bottleneck, compression=compression)


def dense_block_example(x: Value, layers: int = 5, growth: int = 4, bottleneck: bool = False) -> Value:
    return block("denseblock", dense_block, x, layers, growth, bottleneck)


ROUNDS = "Caffe rounds up, the authors' first code, in Torch, down: the same at multiples of 4"
IMAGENET, CIFAR = (3, 224, 224), (3, 32, 32)
PLAIN, BC = ((40, 12), (100, 12), (100, 24)), ((100, 12), (250, 24), (190, 40))
BC_SETTINGS = {"bottleneck": True, "compression": 0.5}
TITLE, SOURCE = "Densely Connected Convolutional Networks", "arXiv:1608.06993"
AUTHORS = "Huang, Liu, van der Maaten & Weinberger"
GROWTH_RATE = Whole(1, 10_000, "channels that each layer adds (k)")
BOTTLENECK = Switch("1x1 convolutions to 4k channels before the 3x3 (B)")
FIRST = Whole(1, 10_000, "channels of the first convolution; 0: 2k, but 16 in plain networks for CIFAR", or_zero=True)
COMPRESSION = Real(0.01, 1, "fraction of channels that a transition keeps (C)")


def _imagenet(depth: int) -> Variant:
    growth = GROWTH.get(depth, 32)
    return Variant(f"ImageNet, BC, k = {growth}", IMAGENET, {"depth": depth, "growth": growth})


def _torchvision(depth: int) -> Reference:
    if depth != 264:
        return Reference("torchvision", f"densenet{depth}")
    return Reference("torchvision", "densenet.DenseNet", {"block_config": (6, 12, 64, 48)})


def _caffe(depth: int, growth: int) -> Reference:
    return Reference("account", f"densenet_{depth}_k{growth}", size=(3, 36, 44), differs={"avg_pool": ROUNDS})


FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2016,
        source=SOURCE,
        documents=("000", "002", "003", "004"),
        build=densenet,
        hyperparameters={
            "depth": Choice(tuple(TABLE), "weight layers"),
            "growth": GROWTH_RATE,
            "compression": COMPRESSION,
            "first": FIRST,
            "classes": CLASSES,
        },
        variants={f"densenet{n}": _imagenet(n) for n in TABLE},
        references={f"densenet{n}": _torchvision(n) for n in TABLE},
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2016,
        source=SOURCE,
        documents=("000", "002", "004"),
        build=densenet_cifar,
        hyperparameters={
            "depth": Whole(7, 10_000, "weight layers: 3n + 4, or 6n + 4 with bottlenecks"),
            "growth": GROWTH_RATE,
            "bottleneck": BOTTLENECK,
            "compression": COMPRESSION,
            "first": FIRST,
            "classes": CLASSES,
        },
        variants={
            **{f"densenet_{n}_k{k}": Variant("CIFAR, plain", CIFAR, {"depth": n, "growth": k}) for n, k in PLAIN},
            **{
                f"densenet_bc_{n}_k{k}": Variant("CIFAR, BC", CIFAR, {"depth": n, "growth": k, **BC_SETTINGS})
                for n, k in BC
            },
        },
        patterns={
            "densenet_{depth}_k{growth}": Variant("CIFAR, plain, by name", CIFAR),
            "densenet_bc_{depth}_k{growth}": Variant("CIFAR, BC, by name", CIFAR, BC_SETTINGS),
        },
        references={
            **{f"densenet_{n}_k{k}": _caffe(n, k) for n, k in PLAIN},
            **{f"densenet_bc_{n}_k{k}": Reference("pytorchcv", f"densenet{n}_k{k}_bc_cifar10") for n, k in BC},
        },
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2016,
        source=SOURCE,
        documents=("000",),
        build=dense_block_example,
        hyperparameters={
            "layers": Whole(1, 10_000, "layers of the block"),
            "growth": GROWTH_RATE,
            "bottleneck": BOTTLENECK,
        },
        variants={"densenet_block_example": Variant("5 layers, k = 4", (16, 32, 32))},
        references={
            "densenet_block_example": Reference(
                "pytorchcv",
                "densenet_cifar.CIFARDenseNet",
                {"channels": ((20, 24, 28, 32, 36),), "init_block_channels": 16, "bottleneck": False},
                part="features.stage1",
            )
        },
    ),
)
