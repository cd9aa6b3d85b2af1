"""Multi-Residual Networks: Abdi & Nahavandi, "Multi-Residual Networks: Improving the Speed and Accuracy of Residual
Networks", arXiv:1609.05672.

The authors' Torch code for CIFAR (masoudabd/multi-resnet): pre-activation ResNet with k residual functions side by side
in each block, summed with the shortcut; the depth counts one of them. Where the shape changes, all functions and the
projection share one batch norm and ReLU; elsewhere each function has its own. A name such as `multi_resnet_200_k5_w1`
gives depth, k and the widening w.

With w = 1 the blocks are bottlenecks, depth 9n + 2, the stride in the first 1x1; the wide networks have two 3x3
convolutions of 16w, 32w and 64w channels, depth 6n + 2. The authors' code has such blocks for w = 1 only; of its
shortcuts they can have the projection, as the one without weights no more than doubles 16 channels. Their README prints
72M parameters for `multi_resnet_26_k2_w10`, which has 72.69M, and 154M for `multi_resnet_26_k4_w10`, which has 145.1M.
Parameters grow by equal steps with k, so that 154M does not fit the 72M; perhaps two digits were exchanged.
"""

from archcalc.algebra.dims import equal
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Value, Whole, block, row
from archcalc.ops.combine import Add
from archcalc.ops.conv import Conv
from archcalc.zoo import CLASSES, Family, Reference, Variant, resnet
from archcalc.zoo.preresnet import basic_convs, bottleneck_convs, branch, preactivate, project

# depth, k and w of the authors' list
TABLE = ((200, 5, 1), (398, 5, 1), (26, 2, 10), (26, 4, 10))


def multi_residual(x: Value, channels: int, stride: int, functions: list[tuple[Conv, ...]], joined: str) -> Value:
    """Residual functions side by side and a shortcut, Figure 2 right."""
    shared = preactivate(x) if stride != 1 or not equal(x.channels, channels) else None

    def function(x: Value, convs: tuple[Conv, ...]) -> Value:
        return branch(shared or preactivate(x), *convs)

    results = [block(f"function{number}", function, x, convs) for number, convs in enumerate(functions, 1)]
    shortcut = project(x, shared, channels, stride, joined) if shared else x
    return row("add", (*results, shortcut), Add())


def multi_resnet(
    x: Value, depth: int = 200, k: int = 5, w: int = 1, shortcut: str = "projection", classes: int = 10
) -> Value:
    layers, kind = (9, "bottlenecks, w = 1") if equal(w, 1) else (6, "wide blocks, w > 1")
    if not equal(depth % layers, 2):
        raise ArchcalcError(f"multi_resnet: a depth of {kind}, is {layers}n + 2, not {depth}")

    def unit(x: Value, width: int, stride: int) -> Value:
        if equal(w, 1):
            narrow = [bottleneck_convs(width, stride, stride_first=True) for _ in range(k)]
            return multi_residual(x, 4 * width, stride, narrow, shortcut)
        return multi_residual(x, width, stride, [basic_convs(width, stride) for _ in range(k)], shortcut)

    x = row("conv1", x, Conv(16, 3, padding=1, bias=False))
    x = resnet.stages(x, [(depth - 2) // layers] * 3, unit, 16 * w)
    return resnet.classifier(preactivate(x, "norm"), classes)


CIFAR = (3, 32, 32)

FAMILIES = (
    Family(
        title="Multi-Residual Networks: Improving the Speed and Accuracy of Residual Networks",
        authors="Abdi & Nahavandi",
        year=2016,
        source="arXiv:1609.05672",
        documents=("002",),
        build=multi_resnet,
        hyperparameters={
            "depth": Whole(8, 9002, "layers, 9n + 2 where w is 1, else 6n + 2"),
            "k": Whole(1, 100, "residual functions in each block"),
            "w": Whole(1, 100, "widening of all channels"),
            "shortcut": resnet.JOINING,
            "classes": CLASSES,
        },
        variants={
            f"multi_resnet_{depth}_k{k}_w{w}": Variant(
                f"{k} functions a block", CIFAR, {"depth": depth, "k": k, "w": w}
            )
            for depth, k, w in TABLE
        },
        patterns={"multi_resnet_{depth}_k{k}_w{w}": Variant("CIFAR, depth, k, w by name", CIFAR)},
        references={
            name: Reference("account", name, size=(3, 45, 52))
            for name in [f"multi_resnet_{depth}_k{k}_w{w}" for depth, k, w in TABLE]
        },
    ),
)
