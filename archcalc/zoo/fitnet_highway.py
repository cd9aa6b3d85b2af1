"""Highway networks in the shape of FitNet 1: Srivastava, Greff & Schmidhuber, "Training Very Deep Networks", NIPS 2015,
arXiv:1507.06228, Table 2 ("Highway A"; "Highway 1" in arXiv:1505.00387).

The paper prints 11 layers and about 236K parameters, and that the network is based on FitNet 1 (Romero et al.,
arXiv:1412.6550, Table 7): three stages of three 3x3 convolutions, 2x2 max pools between them, a max pool over the 8x8
positions that are left, and a fully connected layer before the softmax.

Reconstructed where the paper is silent. Each stage has one width, the widest of FitNet 1's (16, 32, 64; FitNet 1 itself
has 48, 48, 64 in the last), and opens with a plain convolution, as the authors' 19-layer network does with the widths
of FitNet 4. The fully connected layer has 250 units, a round number that gives the printed 236K: 236,328. The 31.1
million mult-adds are near FitNet 1's 30 million, as the paper says of its networks.
"""

from archcalc.graph import Value, Whole, row
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.pointwise import Dropout, ReLU
from archcalc.ops.pool import MaxPool
from archcalc.zoo import CLASSES, Family, Variant
from archcalc.zoo.highway import AUTHORS, SOURCE, TITLE, stages

# channels and convolutions of each stage: a plain one, then highway layers
TABLE = ((16, 3), (32, 3), (64, 3))


def fitnet_highway(x: Value, hidden: int = 250, classes: int = 10) -> Value:
    x = stages(x, TABLE, 0.2)
    x = row("pool3", x, MaxPool(8, 8))
    x = row("fc1", x, Flatten(), Dropout(0.2), Linear(hidden), ReLU())
    return row("fc2", x, Linear(classes))


FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2015,
        source=SOURCE,
        documents=("002",),
        build=fitnet_highway,
        hyperparameters={"hidden": Whole(1, 100_000, "units of the fully connected layer"), "classes": CLASSES},
        variants={"fitnet_highway_cifar": Variant("Table 2, Highway A", (3, 32, 32))},
        confirmed="the paper's 11 layers and 236K parameters, which leave some of its widths open",
    ),
)
