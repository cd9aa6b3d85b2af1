"""PolyNet: Zhang, Li, Loy & Lin, "PolyNet: A Pursuit of Structural Diversity in Very Deep Networks", arXiv:1611.05725.

PolyInception modules add to their input x more than one function of it, where F and G are the branches of an
Inception-ResNet module with the 1x1 convolution that joins them. 2-way: x + F(x) + G(x). poly-2: x + F(x) + F(F(x)), F
the same layers twice: their parameters count once, their work twice. mpoly-2: x + F(x) + G(F(x)). A ReLU follows the
sum, and also F where its result goes on into F or G.

`polynet` is the Very Deep PolyNet as released and as pytorchcv has it: the stem of Inception-v4, ten 2-way modules A,
ten pairs of a poly-3 and a 2-way module B, five such pairs C. The 1x1 convolutions that join branches have batch norm
and no bias. The poly-3 modules share less than the formula says: the convolutions of the branches are the same three
times over, their batch norms and the joining 1x1 convolutions are not. The stem has the 7x1 convolution before the 1x7,
unlike Inception-v4's. The constants that scale the functions, from 1 down to 0.7 by the number of the module, cost a
multiplication for each value; the single modules have none.

`polynet_2way_module`, `polynet_poly2_module` and `polynet_mpoly2_module` are single modules B on a map of `polynet`,
with all of F shared in poly-2 as in the paper.
"""

from archcalc.graph import Choice, Value, Whole, block, row
from archcalc.ops.combine import Add, Concat
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import Dropout, ReLU, Scale
from archcalc.ops.pool import GlobalAvgPool
from archcalc.ops.sliding import PerAxis
from archcalc.zoo import CLASSES, Family, Reference, Variant
from archcalc.zoo._blocks import centred
from archcalc.zoo.inception_resnet import reduction_b
from archcalc.zoo.inception_v3 import reduction_a
from archcalc.zoo.inception_v4 import stem

# the branches of F: channels and kernel of each convolution
TABLE: dict[str, tuple[tuple[tuple[int, PerAxis], ...], ...]] = {
    "a": (((32, 1), (48, 3), (64, 3)), ((32, 1), (32, 3)), ((32, 1),)),
    "b": (((128, 1), (160, (1, 7)), (192, (7, 1))), ((192, 1),)),
    "c": (((192, 1), (224, (1, 3)), (256, (3, 1))), ((192, 1),)),
}

Layer = tuple[Conv, BatchNorm]
Function = tuple[list[list[Layer]], Layer]
"""The layers of F, to be applied once or again: its branches, and the 1x1 convolution that joins them."""


def function(kind: str, x: Value) -> Function:
    """A new F for maps like `x`."""
    branches = [
        [(Conv(channels, kernel, 1, centred(kernel), bias=False), BatchNorm()) for channels, kernel in branch]
        for branch in TABLE[kind]
    ]
    return branches, (Conv(x.channels, 1, bias=False), BatchNorm())


def alike(functions: Function, x: Value) -> Function:
    """An F with the same convolutions in its branches; its batch norms and its last convolution are new."""
    branches = [[(conv, BatchNorm()) for conv, _ in branch] for branch in functions[0]]
    return branches, (Conv(x.channels, 1, bias=False), BatchNorm())


def applied(x: Value, layers: Function) -> Value:
    """F(x)."""
    ends: list[Value] = []
    for number, branch in enumerate(layers[0], 1):
        y = x
        for depth, layer in enumerate(branch, 1):
            y = row(f"branch{number}_{depth}", y, *layer, ReLU(), reuse=True)
        ends.append(y)
    return row("up", row("concat", ends, Concat()), *layers[1], reuse=True)


def added(x: Value, terms: list[Value], scale: float) -> Value:
    """Terms times a constant, added to x, and ReLU."""
    if scale != 1:
        terms = [row(f"scale{number}", term, Scale(scale)) for number, term in enumerate(terms, 1)]
    return row("add", (x, *terms), Add(), ReLU())


def way(x: Value, functions: list[Function], scale: float = 1) -> Value:
    """Functions side by side: x + F(x) + G(x) + ..."""
    return added(x, [block(f"f{n}", applied, x, layers) for n, layers in enumerate(functions, 1)], scale)


def poly(x: Value, functions: list[Function], scale: float = 1) -> Value:
    """Functions in a row: x + F(x) + G(F(x)) + ..., with ReLU between F and G."""
    terms: list[Value] = []
    for number, layers in enumerate(functions, 1):
        y = row(f"relu{number - 1}", terms[-1], ReLU()) if terms else x
        terms.append(block(f"f{number}", applied, y, layers))
    return added(x, terms, scale)


def module(x: Value, kind: str = "way", order: int = 2) -> Value:
    first = function("b", x)
    others = [first if kind == "poly" else function("b", x) for _ in range(order - 1)]
    return way(x, [first, *others]) if kind == "way" else poly(x, [first, *others])


def polynet(x: Value, a: int = 10, b: int = 10, c: int = 5, classes: int = 1000) -> Value:
    scales = iter([1 - 0.3 * i / max(a + 2 * b + 2 * c - 1, 1) for i in range(a + 2 * b + 2 * c)])
    x = block("stem", stem, x, tall_first=True)
    for number in range(a):
        x = block(f"stage_a.{number}.way2", way, x, [function("a", x), function("a", x)], next(scales))
    x = block("reduction_a", reduction_a, x, 256, 256, 384)
    for kind, pairs in (("b", b), ("c", c)):
        if kind == "c":
            x = block("reduction_b", reduction_b, x, (256, 256, 256))
        for number in range(pairs):
            first = function(kind, x)
            three = [first, alike(first, x), alike(first, x)]
            x = block(f"stage_{kind}.{number}.poly3", poly, x, three, next(scales))
            two = [function(kind, x), function(kind, x)]
            x = block(f"stage_{kind}.{number}.way2", way, x, two, next(scales))
    x = row("avgpool", x, GlobalAvgPool())
    return row("fc", x, Flatten(), Dropout(0.2), Linear(classes))


TITLE = "PolyNet: A Pursuit of Structural Diversity in Very Deep Networks"
AUTHORS = "Zhang, Li, Loy & Lin"
SOURCE = "arXiv:1611.05725"
MAP = (1152, 19, 19)  # of stage B on a 331x331 image

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2016,
        source=SOURCE,
        documents=("002",),
        build=polynet,
        hyperparameters={
            "a": Whole(0, 1000, "2-way modules of type A"),
            "b": Whole(0, 1000, "pairs of a poly-3 and a 2-way module of type B"),
            "c": Whole(0, 1000, "pairs of a poly-3 and a 2-way module of type C"),
            "classes": CLASSES,
        },
        variants={"polynet": Variant("Very Deep PolyNet", (3, 331, 331))},
        references={"polynet": Reference("pytorchcv", "polynet")},
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2016,
        source=SOURCE,
        documents=("002",),
        build=module,
        hyperparameters={
            "kind": Choice(("way", "poly", "mpoly"), "functions side by side, or one after another, the same or not"),
            "order": Whole(1, 100, "how many functions"),
        },
        variants={
            "polynet_2way_module": Variant("x + F(x) + G(x)", MAP),
            "polynet_poly2_module": Variant("x + F(x) + F(F(x))", MAP, {"kind": "poly"}),
            "polynet_mpoly2_module": Variant("x + F(x) + G(F(x))", MAP, {"kind": "mpoly"}),
        },
        patterns={
            "polynet_{order}way_module": Variant("functions side by side", MAP),
            "polynet_poly{order}_module": Variant("F applied again", MAP, {"kind": "poly"}),
            "polynet_mpoly{order}_module": Variant("functions in a row", MAP, {"kind": "mpoly"}),
        },
        references={
            "polynet_2way_module": Reference(
                "pytorchcv",
                "polynet",
                differs={"scale": "the module in the network scales its functions, the module of the formula does not"},
                part="features.stage2.unit2.twoway",
            ),
            "polynet_poly2_module": Reference("account", "polynet_poly2_module"),
            "polynet_mpoly2_module": Reference("account", "polynet_mpoly2_module"),
        },
    ),
)
