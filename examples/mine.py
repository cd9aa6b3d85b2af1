"""A small network of one's own: `archcalc table examples/mine.py:net --size 32`."""

from archcalc import Network, Value, row
from archcalc.ops import Add, Conv, Flatten, GlobalAvgPool, Linear, MaxPool, ReLU


def net(x: Value, width: int = 16, depth: int = 2, classes: int = 10) -> Value:
    """A stem, `depth` residual layers, and a classifier."""
    x = row("stem", x, Conv(width, 3, padding=1), ReLU())
    for i in range(depth):
        x = row(f"add{i + 1}", (row(f"conv{i + 1}", x, Conv(width, 3, padding=1), ReLU()), x), Add())
    x = row("pool", x, MaxPool(2, 2))
    return row("fc", row("gap", x, GlobalAvgPool()), Flatten(), Linear(classes))


mine = Network.build(net, input=(3, 32, 32), name="mine")
