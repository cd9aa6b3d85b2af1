"""RegNetX: Radosavovic, Kosaraju, Girshick, He & Dollár, "Designing Network Design Spaces", arXiv:2003.13678.

Six numbers make a network (section 3.3): depth d, initial width w_0, slope w_a, quantisation w_m, group width g and
bottleneck ratio b, which is 1 in all named networks. Block j has the width w_0 + w_a * j; it is moved to the nearest
w_0 * w_m^s, s whole, and rounded to a multiple of 8. Blocks of one width form a stage. Last, the bottleneck width of a
stage, its width over b, becomes a multiple of its group width. The twelve networks have the numbers of the authors'
code, pycls, which also settles how halves are rounded (to even). Deviations: none.

`se` adds squeeze-and-excitation, which makes RegNetY of the same numbers; its networks have no names here.

With an output stride of 16 or 8 the last stages dilate their 3x3 convolutions, as ResNet's do and timm's.

A bare name gives the widths of pycls and timm. `regnetx_400mf_torchvision` makes 400 of 392 channels in groups of 16,
where they make 384: 5.50 instead of 5.16 million parameters. In the other networks of torchvision the rules agree.

`regnetx_block_s1` and `regnetx_block_s2` are the X block at strides 1 and 2, as document 003 shows it: the second and
the first block of stage 2 of RegNetX-400MF. A dot matters: `regnetx_1.6gf` and `regnetx_16gf` are two networks.
"""

from itertools import groupby
from math import log

from archcalc.base.errors import ArchcalcError
from archcalc.graph import Choice, Real, Switch, Value, Whole
from archcalc.zoo import CLASSES, Family, Reference, Variant, resnet
from archcalc.zoo._anynetx import Stage, anynetx, x_block

#            d   w_0   w_a    w_m   g    timm
TABLE = {
    "200mf": (13, 24, 36.44, 2.49, 8, "002"),
    "400mf": (22, 24, 24.48, 2.54, 16, "004"),
    "600mf": (16, 48, 36.97, 2.24, 24, "006"),
    "800mf": (16, 56, 35.73, 2.28, 16, "008"),
    "1.6gf": (18, 80, 34.01, 2.25, 24, "016"),
    "3.2gf": (25, 88, 26.31, 2.25, 48, "032"),
    "4.0gf": (23, 96, 38.65, 2.43, 40, "040"),
    "6.4gf": (17, 184, 60.83, 2.07, 56, "064"),
    "8.0gf": (23, 80, 49.56, 2.88, 120, "080"),
    "12gf": (19, 168, 73.36, 2.37, 112, "120"),
    "16gf": (22, 216, 55.59, 2.1, 128, "160"),
    "32gf": (23, 320, 69.86, 2.0, 168, "320"),
}


def stages(
    depth: int, w_0: int, w_a: float, w_m: float, group_width: int, rounding: str = "even", bottleneck_ratio: int = 1
) -> list[Stage]:
    """The stages: equations (2) to (4), then bottlenecks of whole groups, none wider than its bottleneck.

    Raises ArchcalcError if `w_0` is no multiple of 8.

    >>> [(stage.depth, stage.width) for stage in stages(22, 24, 24.48, 2.54, 16)]
    [(1, 32), (2, 64), (7, 160), (12, 384)]
    """
    if w_0 % 8:
        raise ArchcalcError(f"RegNetX has an initial width w_0 that is a multiple of 8, not {w_0}")
    steps = [round(log((w_0 + w_a * j) / w_0) / log(w_m)) for j in range(depth)]
    widths = [8 * round(w_0 * w_m**step / 8) for step in steps]
    result: list[Stage] = []
    for width, blocks in groupby(widths):
        inner = max(1, width // bottleneck_ratio)
        group = min(group_width, inner)
        inner = _multiple(inner, group, rounding)
        result.append(Stage(len(list(blocks)), inner * bottleneck_ratio, bottleneck_ratio, group))
    return result


def _multiple(width: int, group: int, rounding: str) -> int:
    """The multiple of `group` nearest to `width`; of two, the even one, or the larger one as torchvision does."""
    if rounding == "even":
        return group * max(1, round(width / group))
    near = group * max(1, (width + group // 2) // group)
    return near if 10 * near >= 9 * width else near + group


def regnetx(
    x: Value,
    depth: int = 22,
    w_0: int = 24,
    w_a: float = 24.48,
    w_m: float = 2.54,
    group_width: int = 16,
    bottleneck_ratio: int = 1,
    rounding: str = "even",
    se: bool = False,
    output_stride: int = 0,
    classes: int = 1000,
) -> Value:
    found = stages(depth, w_0, w_a, w_m, group_width, rounding, bottleneck_ratio)
    return anynetx(x, found, se, output_stride, classes)


def regnetx_block(x: Value, width: int = 64, stride: int = 1, group_width: int = 16) -> Value:
    """One X block. Raises ArchcalcError if its groups do not divide its width."""
    if width % group_width:
        raise ArchcalcError(f"an X block's width is a multiple of its group width: {width} is none of {group_width}")
    return x_block(x, Stage(1, width, 1, group_width), stride)


def _settings(name: str) -> dict[str, float]:
    depth, w_0, w_a, w_m, group_width, _ = TABLE[name]
    return {"depth": depth, "w_0": w_0, "w_a": w_a, "w_m": w_m, "group_width": group_width}


def _shown(name: str) -> str:
    return f"{name[:-2]} {name[-2].upper()}FLOP, d = {TABLE[name][0]}"


TITLE, AUTHORS, SOURCE = "Designing Network Design Spaces", "Radosavovic et al.", "arXiv:2003.13678"
IMAGENET = (3, 224, 224)

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2020,
        source=SOURCE,
        documents=("003",),
        build=regnetx,
        hyperparameters={
            "depth": Whole(1, 1000, "blocks"),
            "w_0": Whole(8, 10_000, "width of the first block, a multiple of 8"),
            "w_a": Real(0, 10_000, "slope of the width over the blocks"),
            "w_m": Real(1.01, 100, "ratio of the widths of neighbouring stages"),
            "group_width": Whole(1, 10_000, "channels of a group of the 3x3 convolutions"),
            "bottleneck_ratio": Whole(1, 1000, "width of a block divided by that of its 3x3 convolution"),
            "rounding": Choice(
                ("even", "up"), "where half a group width goes: to even as in pycls, up as in torchvision"
            ),
            "se": Switch("squeeze-and-excitation after every 3x3 convolution: RegNetY"),
            "output_stride": Choice((0, 32, 16, 8), f"{resnet.DILATING}; 0: every stage halves it"),
            "classes": CLASSES,
        },
        variants={
            **{f"regnetx_{name}": Variant(_shown(name), IMAGENET, _settings(name)) for name in TABLE},
            "regnetx_400mf_torchvision": Variant(
                "last stage 400 wide", IMAGENET, _settings("400mf") | {"rounding": "up"}
            ),
        },
        aliases={"regnetx_4gf": "regnetx_4.0gf", "regnetx_8gf": "regnetx_8.0gf"},
        references={
            **{f"regnetx_{name}": Reference("timm", f"regnetx_{TABLE[name][-1]}") for name in TABLE},
            "regnetx_400mf_torchvision": Reference("timm", "regnetx_004_tv"),
        },
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2020,
        source=SOURCE,
        documents=("003",),
        build=regnetx_block,
        hyperparameters={
            "width": Whole(1, 100_000, "channels"),
            "stride": Choice((1, 2), "stride of the 3x3 convolution and of the shortcut"),
            "group_width": Whole(1, 100_000, "channels of a group of the 3x3 convolution"),
        },
        variants={
            "regnetx_block_s1": Variant("X block, stride 1", (64, 28, 28), {"stride": 1}),
            "regnetx_block_s2": Variant("X block, stride 2", (32, 56, 56), {"stride": 2}),
        },
        references={
            "regnetx_block_s1": Reference("timm", "regnetx_004", part="s2.b2"),
            "regnetx_block_s2": Reference("timm", "regnetx_004", part="s2.b1"),
        },
    ),
)
