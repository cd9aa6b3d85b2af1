"""Spatial transformer: Jaderberg, Simonyan, Zisserman & Kavukcuoglu, "Spatial Transformer Networks", arXiv:1506.02025.

The module of Figure 2 on a map of any size, here a 28x28 digit: a localisation network, a regression layer to the six
numbers of an affine map, a grid of sampling points, and a bilinear sampler that reads the input there; the output has
the input's size. Only the localisation network has parameters.

The module leaves the localisation network open. `spatial_transformer` has the small convolutional one of MNIST
implementations (5x5 convolution to 20 maps, 2x2 max pool, 5x5 convolution to 20 maps; there the first ReLU follows the
pool), `spatial_transformer_fc` two fully connected layers of 32 units; either reads the whole map, so parameters change
with the input.

Grid and sampling count no mult-adds: they multiply no weights. Their work is kept apart, as multiplications and
additions: four of each for every output value, and a few for every point of the grid.
"""

from archcalc.graph import Choice, Value, Whole, block, row
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.pointwise import ReLU
from archcalc.ops.pool import MaxPool
from archcalc.ops.sampling import AffineGrid, BilinearSample
from archcalc.zoo import Family, Reference, Variant


def convolutional(x: Value, width: int) -> Value:
    x = row("conv1", x, Conv(width, 5))
    x = row("pool1", x, MaxPool(2, 2), ReLU())
    x = row("conv2", x, Conv(width, 5), ReLU())
    return row("theta", x, Flatten(), Linear(6))


def fully_connected(x: Value, width: int) -> Value:
    x = row("fc1", x, Flatten(), Linear(width), ReLU())
    x = row("fc2", x, Linear(width), ReLU())
    return row("theta", x, Linear(6))


LOCALISATION = {"conv": convolutional, "fc": fully_connected}


def spatial_transformer(x: Value, localisation: str = "conv", width: int = 20) -> Value:
    theta = block("localisation", LOCALISATION[localisation], x, width)
    _, height, breadth = x.shape
    grid = row("grid", theta, AffineGrid(height, breadth))
    return row("sample", (x, grid), BilinearSample())


FAMILIES = (
    Family(
        title="Spatial Transformer Networks",
        authors="Jaderberg, Simonyan, Zisserman & Kavukcuoglu",
        year=2015,
        source="arXiv:1506.02025",
        documents=("002",),
        build=spatial_transformer,
        hyperparameters={
            "localisation": Choice(tuple(LOCALISATION), "convolutions or fully connected layers"),
            "width": Whole(1, 100_000, "maps or units of the localisation network's layers"),
        },
        variants={
            "spatial_transformer": Variant("convolutional net", (1, 28, 28)),
            "spatial_transformer_fc": Variant("fully connected net", (1, 28, 28), {"localisation": "fc", "width": 32}),
        },
        references={name: Reference("account", name) for name in ("spatial_transformer", "spatial_transformer_fc")},
    ),
)
