"""Inception modules as document 004 computes them: one module on a 28x28 map of 256 channels.

`inception_naive_example`: 1x1 (128), 3x3 (192), 5x5 (96) and a 3x3 max pool side by side: 672 channels.
`inception_bottleneck_example`: the same with 1x1 convolutions to 64 channels before the 3x3 and the 5x5 and after the
pool: 480 channels. The document prints totals of 854M and 358M; the products it lists for the second sum to 271.35M.
After the modules of Szegedy et al., "Going Deeper with Convolutions", arXiv:1409.4842.
"""

from archcalc.graph import Switch, Value, row
from archcalc.ops.combine import Concat
from archcalc.ops.pool import MaxPool
from archcalc.zoo import Family, Reference, Variant
from archcalc.zoo.googlenet import conv, inception


def module(x: Value, bottleneck: bool = False) -> Value:
    if bottleneck:
        return inception(x, (128, 64, 192, 64, 96, 64))
    branches = (
        conv("1x1", x, 128, 1, batch_norm=False),
        conv("3x3", x, 192, 3, batch_norm=False),
        conv("5x5", x, 96, 5, batch_norm=False),
        row("pool", x, MaxPool(3, 1, 1)),
    )
    return row("concat", branches, Concat())


FAMILIES = (
    Family(
        title="Going Deeper with Convolutions",
        authors="Szegedy et al.",
        year=2014,
        source="arXiv:1409.4842",
        documents=("004",),
        build=module,
        hyperparameters={"bottleneck": Switch("1x1 convolutions to 64 channels before 3x3 and 5x5 and after the pool")},
        variants={
            "inception_naive_example": Variant("naive module, 004", (256, 28, 28)),
            "inception_bottleneck_example": Variant("with 1x1 convs, 004", (256, 28, 28), {"bottleneck": True}),
        },
        references={
            name: Reference("account", name) for name in ("inception_naive_example", "inception_bottleneck_example")
        },
    ),
)
