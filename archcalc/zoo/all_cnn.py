"""All-CNN: Springenberg, Dosovitskiy, Brox & Riedmiller, "Striving for Simplicity: The All Convolutional Net",
arXiv:1412.6806.

Base models A, B and C of Table 1 (`all_cnn_a_base`), and what section 3 makes of each. `_strided`: no max pool, stride
2 in the convolution before it. `_convpool`: one more 3x3 convolution before the max pool. The bare name, All-CNN: a 3x3
convolution of stride 2 instead of the max pool. Table 2 prints these for model C; for A and B they follow its rule,
which gives Strided-CNN-B a 1x1 convolution of stride 2.

The paper does not print padding. Every convolution here keeps its size at stride 1 except the last 3x3, which is not
padded: so the paper's average is over 6x6 positions of a 32x32 image. Code that pads it too averages 8x8. Pools round
up (Caffe). The input and each pool, or what replaces it, are followed by dropout; the last convolution has a ReLU.

The parameters that Table 3 prints are not the sums of Tables 1 and 2, biases included, except All-CNN-C and
ConvPool-CNN-C: 1,369,738 (1.4M printed). A: 0.84M (0.9M), with one more 3x3 convolution for each pool 1.25M (1.28M).
B: 0.89M (1M), 1.30M (1.35M). C: 0.95M (1.3M).
"""

from archcalc.graph import Choice, Op, Value, row
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.pointwise import Dropout, ReLU
from archcalc.ops.pool import GlobalAvgPool, MaxPool
from archcalc.zoo import CONVOLVED, Family, Reference, Variant

# kernels of the convolutions before each of the two pools, of 96 and of 192 channels
TABLE = {"A": (5,), "B": (5, 1), "C": (3, 3)}


def all_cnn(x: Value, model: str = "C", pooling: str = "all", classes: int = 10) -> Value:
    number = 0
    drop: tuple[Op, ...] = (Dropout(0.2),)

    def conv(x: Value, channels: int, kernel: int, stride: int = 1, padding: int | None = None) -> Value:
        nonlocal number, drop
        number += 1
        before, drop = drop, ()
        layer = Conv(channels, kernel, stride, kernel // 2 if padding is None else padding)
        return row(f"conv{number}", x, *before, layer, ReLU())

    for stage, channels in enumerate((96, 192), 1):
        *kernels, last = TABLE[model]
        for kernel in kernels:
            x = conv(x, channels, kernel)
        x = conv(x, channels, last, 2 if pooling == "strided" else 1)
        if pooling == "convpool":
            x = conv(x, channels, 3)
        if pooling == "all":
            x = conv(x, channels, 3, 2)
        if pooling in ("base", "convpool"):
            x = row(f"pool{stage}", x, MaxPool(3, 2, ceil=True))
        drop = (Dropout(),)
    x = conv(x, 192, 3, padding=0)
    x = conv(x, 192, 1)
    x = conv(x, classes, 1)
    return row("avgpool", x, GlobalAvgPool(), Flatten())


POOLING = {"all": "All-CNN", "base": "Model", "strided": "Strided-CNN", "convpool": "ConvPool-CNN"}

VARIANTS = {
    f"all_cnn_{model.lower()}{'' if pooling == 'all' else '_' + pooling}": Variant(
        f"{POOLING[pooling]}{' ' if pooling == 'base' else '-'}{model}",
        (3, 32, 32),
        {"model": model, "pooling": pooling},
    )
    for model in TABLE
    for pooling in POOLING
}

FAMILIES = (
    Family(
        title="Striving for Simplicity: The All Convolutional Net",
        authors="Springenberg, Dosovitskiy, Brox & Riedmiller",
        year=2014,
        source="arXiv:1412.6806",
        documents=("002",),
        build=all_cnn,
        hyperparameters={
            "model": Choice(tuple(TABLE), "base model"),
            "pooling": Choice(tuple(POOLING), "what lowers the resolution, and what stands before it"),
            "classes": CONVOLVED,
        },
        variants=VARIANTS,
        references={name: Reference("account", name) for name in VARIANTS},
    ),
)
