"""Network in Network: Lin, Chen & Yan, "Network In Network", arXiv:1312.4400.

Each stage is a convolution followed by two 1x1 convolutions ("cccp" in the authors' code); the class maps are averaged,
there is no fully connected layer. Widths from the authors' Caffe models: `cifar10_nin` and the ImageNet model of the
model zoo (train_val.prototxt). Caffe's pooling rounds sizes up.

The ImageNet model ends with a 6x6 average pool, which at 224 px is the global average; here it is global at any size.
"""

from archcalc.graph import Value, row
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.pointwise import Dropout, ReLU
from archcalc.ops.pool import AvgPool, GlobalAvgPool, MaxPool
from archcalc.zoo import CONVOLVED, Family, Reference, Variant


def stage(x: Value, number: int, conv: Conv, first: int, second: int) -> Value:
    x = row(f"conv{number}", x, conv, ReLU())
    x = row(f"cccp{2 * number - 1}", x, Conv(first, 1), ReLU())
    return row(f"cccp{2 * number}", x, Conv(second, 1), ReLU())


def nin_cifar(x: Value, classes: int = 10) -> Value:
    x = stage(x, 1, Conv(192, 5, padding=2), 160, 96)
    x = row("pool1", x, MaxPool(3, 2, ceil=True), Dropout())
    x = stage(x, 2, Conv(192, 5, padding=2), 192, 192)
    x = row("pool2", x, AvgPool(3, 2, ceil=True), Dropout())
    x = stage(x, 3, Conv(192, 3, padding=1), 192, classes)
    return row("pool3", x, GlobalAvgPool(), Flatten())


def nin_imagenet(x: Value, classes: int = 1000) -> Value:
    x = stage(x, 1, Conv(96, 11, stride=4), 96, 96)
    x = row("pool1", x, MaxPool(3, 2, ceil=True))
    x = stage(x, 2, Conv(256, 5, padding=2), 256, 256)
    x = row("pool2", x, MaxPool(3, 2, ceil=True))
    x = stage(x, 3, Conv(384, 3, padding=1), 384, 384)
    x = row("pool3", x, MaxPool(3, 2, ceil=True), Dropout())
    x = stage(x, 4, Conv(1024, 3, padding=1), 1024, classes)
    return row("pool4", x, GlobalAvgPool(), Flatten())


PADS = "pytorchcv pads where Caffe rounds up: the same at multiples of 4"
PADDED = {"max_pool": PADS, "avg_pool": PADS}
TITLE, AUTHORS, SOURCE = "Network In Network", "Lin, Chen & Yan", "arXiv:1312.4400"

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2013,
        source=SOURCE,
        documents=("002", "004"),
        build=nin_cifar,
        hyperparameters={"classes": CONVOLVED},
        variants={"nin_cifar": Variant("CIFAR-10 model", (3, 32, 32))},
        references={"nin_cifar": Reference("pytorchcv", "nin_cifar10", size=(3, 36, 44), differs=PADDED)},
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2013,
        source=SOURCE,
        documents=("002", "004"),
        build=nin_imagenet,
        hyperparameters={"classes": CONVOLVED},
        variants={"nin_imagenet": Variant("ImageNet model, Caffe", (3, 224, 224))},
        references={"nin_imagenet": Reference("account", "nin_imagenet")},
    ),
)
