"""Highway networks: Srivastava, Greff & Schmidhuber, "Training Very Deep Networks", NIPS 2015, arXiv:1507.06228; first
as "Highway Networks", arXiv:1505.00387.

A highway layer is y = H(x) T(x) + x (1 - T(x)), equation 3: H is a 3x3 convolution with ReLU, the transform gate T
another one with its own kernel and bias and a sigmoid, so each layer has the parameters and the work of two; 1 - T is
the carry gate. Its width cannot change: plain convolutions open each stage.

`highway_19_cifar` is the network of section 3.3.2, with 92.40 % on CIFAR-10 and 67.76 % on CIFAR-100: the
widths of FitNet 4, made equal within a stage, and in place of a fully connected layer a 1x1 convolution to 100 maps
and their mean. `highway_mnist` and `highway_mnist_16` are the 10-layer networks of section 3.2. All layers are those of
the authors' Caffe networks (flukeskywalker/highway-networks), whose pools round up.

The paper prints about 2.3M parameters for the 19-layer network with a fully connected layer; this one has 2,256,838.
Table 1 prints 151K for the MNIST network and 39K with 16 maps; the authors' network has 151,690 and 38,986. A first
convolution of 3x3 instead of its 5x5 would have 151,178 and 38,730. The paper's 32-layer network (1.25M) is described
too briefly to be built.
"""

from archcalc.graph import Op, Value, Whole, block, row
from archcalc.ops.combine import Add, Multiply
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.pointwise import Complement, Dropout, ReLU, Sigmoid
from archcalc.ops.pool import GlobalAvgPool, MaxPool
from archcalc.zoo import CLASSES, Family, Reference, Variant

# channels and convolutions of each stage: a plain one, then highway layers
CIFAR = ((32, 5), (80, 6), (128, 6))
# highway layers of each stage, after a plain 5x5 convolution; kernel of the pool behind it; dropout behind that
MNIST = ((2, 3, 0.3), (3, 3, 0.4), (3, 2, 0.5))


def highway(x: Value) -> Value:
    """H(x) T(x) + x (1 - T(x)), equation 3."""
    state = row("state", x, Conv(x.channels, 3, padding=1), ReLU())
    gate = row("transform_gate", x, Conv(x.channels, 3, padding=1), Sigmoid())
    carry = row("carry_gate", gate, Complement())
    transformed = row("transformed", (state, gate), Multiply())
    carried = row("carried", (x, carry), Multiply())
    return row("add", (transformed, carried), Add())


def stages(x: Value, table: tuple[tuple[int, int], ...], dropout: float) -> Value:
    """Stages of a plain 3x3 convolution and highway layers; a 2x2 max pool between two stages."""
    number = 0
    for stage, (channels, layers) in enumerate(table, 1):
        number += 1
        x = row(f"conv{number}", x, Dropout(dropout), Conv(channels, 3, padding=1), ReLU())
        for _ in range(layers - 1):
            number += 1
            x = block(f"conv{number}", highway, x)
        if stage < len(table):
            x = row(f"pool{stage}", x, MaxPool(2, 2, ceil=True))
    return x


def highway_cifar(x: Value, classes: int = 10) -> Value:
    x = stages(x, CIFAR, 0.2)
    x = row("conv18", x, Conv(100, 1), ReLU())
    x = row("avgpool", x, GlobalAvgPool())
    return row("fc", x, Flatten(), Dropout(0.2), Linear(classes))


def highway_mnist(x: Value, width: int = 32, classes: int = 10) -> Value:
    x = row("conv1", x, Dropout(0.2), Conv(width, 5), ReLU())
    number = 1
    drop: Op
    for stage, (layers, kernel, probability) in enumerate(MNIST, 1):
        for _ in range(layers):
            number += 1
            x = block(f"conv{number}", highway, x)
        drop = Dropout(probability)
        x = row(f"pool{stage}", x, MaxPool(kernel, 2, ceil=True), drop)
    return row("fc", x, Flatten(), Linear(classes))


TITLE, AUTHORS, SOURCE = "Training Very Deep Networks", "Srivastava, Greff & Schmidhuber", "arXiv:1507.06228"

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2015,
        source=SOURCE,
        documents=("002",),
        build=highway_cifar,
        hyperparameters={"classes": CLASSES},
        variants={"highway_19_cifar": Variant("19 layers, section 3.3.2", (3, 32, 32))},
        references={"highway_19_cifar": Reference("account", "highway_19_cifar")},
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2015,
        source=SOURCE,
        documents=(),
        build=highway_mnist,
        hyperparameters={"width": Whole(1, 100_000, "maps of every layer"), "classes": CLASSES},
        variants={
            "highway_mnist": Variant("10 layers of 32 maps", (1, 28, 28)),
            "highway_mnist_16": Variant("10 layers of 16 maps", (1, 28, 28), {"width": 16}),
        },
        references={
            "highway_mnist": Reference("account", "highway_mnist"),
            "highway_mnist_16": Reference("account", "highway_mnist_16"),
        },
    ),
)
