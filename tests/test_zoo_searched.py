"""DARTS, NASNet-A and ENAS against networks that others built, and where there are none, cell by cell and by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
import torch
from pytorchcv.models.darts import DartsUnit
from pytorchcv.models.nasnet import FirstUnit, NormalUnit, ReductionBaseUnit
from reference import archcalc_layers, counts, reference

from archcalc import Analysis, analyze
from archcalc.base.errors import ArchcalcError
from archcalc.zoo import darts, enas, nasnet_a

Size = tuple[int, int, int]
NAMES = [name for module in (darts, nasnet_a, enas) for family in module.FAMILIES for name in family.variants]


class Row(NamedTuple):
    """A network of ours, one that others built, and the inputs on which both are compared."""

    name: str
    library: str
    id: str
    sizes: tuple[Size, ...]
    ours: Mapping[str, Any] = {}
    theirs: Mapping[str, Any] = {}


ROWS = (
    Row("darts_imagenet", "pytorchcv", "darts", ((3, 224, 224), (3, 221, 318))),
    Row("darts_imagenet", "pytorchcv", "darts", ((3, 96, 96),), {"classes": 7}, {"num_classes": 7}),
    Row("nasnet_a_large", "timm", "nasnetalarge", ((3, 331, 331), (3, 224, 301))),
    Row("nasnet_a_large", "pytorchcv", "nasnet_6a4032", ((3, 331, 331), (3, 299, 331)), {"cropped": "first"}),
    Row("nasnet_a_mobile", "pytorchcv", "nasnet_4a1056", ((3, 224, 224), (3, 225, 193)), {"cropped": "all"}),
    Row(  # timm has six cells in a stage and skips reductions; in widths it is the mobile network, with its padding
        "nasnet_a_mobile",
        "timm",
        "nasnetalarge",
        ((3, 224, 224),),
        {"cells": 6, "skip_reduction": True},
        {"num_features": 1056, "stem_size": 32},
    ),
)
COMPARED = [pytest.param(row, size, id=f"{row.name}-{row.id}-{size}") for row in ROWS for size in row.sizes]


def built(row: Row) -> torch.nn.Module:
    """The reference; pytorchcv's last pool, which averages all positions of the canonical size, made global."""
    module = reference(row.library, row.id, **row.theirs)
    features: Any = getattr(module, "features", None)
    if features is not None:
        features.final_pool = torch.nn.AdaptiveAvgPool2d(1)
    return module


def running(module: torch.nn.Module) -> int:
    return sum(values.numel() for name, values in module.named_buffers() if "running" in name)


@pytest.mark.parametrize(("row", "size"), COMPARED)
def test_a_network_is_the_one_that_others_built(row: Row, size: Size) -> None:
    """Parameters, running statistics, mult-adds and every convolution and linear layer equal the reference's."""
    module = built(row)
    theirs, ours = counts(module, size), analyze(row.name, input=size, **row.ours)
    assert archcalc_layers(ours) == theirs.layers
    assert ours.totals[:3] == (theirs.params, running(module), theirs.mult_adds)


class Alone(torch.nn.Module):
    """A cell of pytorchcv as a network of one input, the older one; the last cell's output is made up."""

    def __init__(self, unit: torch.nn.Module, last: Size) -> None:
        super().__init__()
        self.unit, self.last = unit, last

    def forward(self, previous: torch.Tensor) -> torch.Tensor:
        return self.unit(torch.empty(1, *self.last, device="meta"), previous)


def facts(unit: torch.nn.Module, previous: Size, last: Size) -> tuple[int, int, int]:
    """Parameters, running statistics and mult-adds of a cell on the outputs of the two cells before."""
    found = counts(Alone(unit, last).eval(), previous)
    return found.params, running(unit), found.mult_adds


def cells(analysis: Analysis) -> dict[str, tuple[int, int, int]]:
    """Parameters, running statistics and mult-adds of our cells (stage1.cell0 ...) and of what stands outside them."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for layer in analysis.layers:
        parts = layer.row.split(".")
        label = ".".join(parts[:2]) if layer.row.startswith("stage") else parts[0]
        for i, fact in enumerate((layer.params, layer.buffers, layer.mult_adds)):
            sums[label][i] += fact
    return {label: (params, buffers, mult_adds) for label, (params, buffers, mult_adds) in sums.items()}


# quark0/darts, cnn/genotypes.py: normal and reduction cell
DARTS_V2 = (
    [
        ("sep_conv_3x3", 0), ("sep_conv_3x3", 1), ("sep_conv_3x3", 0), ("sep_conv_3x3", 1),
        ("sep_conv_3x3", 1), ("skip_connect", 0), ("skip_connect", 0), ("dil_conv_3x3", 2),
    ],
    [
        ("max_pool_3x3", 0), ("max_pool_3x3", 1), ("skip_connect", 2), ("max_pool_3x3", 1),
        ("max_pool_3x3", 0), ("skip_connect", 2), ("skip_connect", 2), ("max_pool_3x3", 1),
    ],
)  # fmt: skip


@pytest.mark.parametrize("size", [32, 44])
def test_darts_for_cifar_is_made_of_pytorchcvs_cells(size: int) -> None:
    """Stacked as in the authors' NetworkCIFAR, pytorchcv's cells have ours' parameters and mult-adds, one by one.

    Reductions are cells 6 and 13 of 0 to 19; a cell's output is four times as wide as its operations.
    """
    ours = cells(analyze("darts_cifar", input=(3, size, size)))
    previous, last, width, stage, after = (108, size, size), (108, size, size), 36, 1, False
    with torch.device("meta"):
        for number in range(20):
            reduction = number in (6, 13)
            if reduction:
                width, stage, size = 2 * width, stage + 1, size // 2
            unit = DartsUnit(last[0], previous[0], 4 * width, DARTS_V2[reduction], reduction, after)
            assert ours[f"stage{stage}.cell{number}"] == facts(unit, previous, last)
            previous, last, after = last, (4 * width, size, size), reduction


class Weights(NamedTuple):
    """Convolution weights and normalised channels of a part, added up by hand."""

    weights: int
    channels: int

    def plus(self, *others: Weights) -> Weights:
        everything = (self, *others)
        return Weights(sum(part.weights for part in everything), sum(part.channels for part in everything))

    def times(self, number: int) -> Weights:
        return Weights(self.weights * number, self.channels * number)


def pointwise(inputs: int, outputs: int) -> Weights:
    return Weights(inputs * outputs, outputs)


def separable(kernel: int, inputs: int, outputs: int) -> Weights:
    """A depthwise and a 1x1 convolution, twice."""
    first, second = kernel**2 * inputs + inputs * outputs, kernel**2 * outputs + outputs**2
    return Weights(first + second, 2 * outputs)


def test_nasnet_a_for_cifar_is_made_of_pytorchcvs_cells_but_for_the_first() -> None:
    """From the second on, pytorchcv's cells have ours' parameters and mult-adds, one by one (stem 96, 6@768)."""
    ours = cells(analyze("nasnet_a_cifar"))
    previous, last = (96, 32, 32), (192, 32, 32)
    side = 32
    with torch.device("meta"):
        for stage, width in ((1, 32), (2, 64), (3, 128)):
            if stage > 1:
                side //= 2
                unit = ReductionBaseUnit(last[0], previous[0], 4 * width, extra_padding=False)
                assert ours[f"stage{stage}.reduction"] == facts(unit, previous, last)
                previous, last = last, (4 * width, side, side)
            for cell in range(2 if stage == 1 else 1, 7):
                unit = (FirstUnit if stage > 1 and cell == 1 else NormalUnit)(last[0], previous[0], 6 * width)
                assert ours[f"stage{stage}.cell{cell}"] == facts(unit, previous, last)
                previous, last = last, (6 * width, side, side)


def test_the_first_cell_of_nasnet_a_for_cifar_works_on_the_raw_stem() -> None:
    """Its older input is the stem's 96 channels as they are; what the other cells lack are 1x1 convolutions of them.

    slim/nets/nasnet/nasnet_utils.py: each operation on 96 channels brings them to 32 itself.
    """
    parts = [
        pointwise(96, 32),  # the last cell's output
        separable(5, 32, 32).plus(separable(3, 96, 32)),
        separable(5, 96, 32).plus(separable(3, 96, 32)),
        pointwise(96, 32),  # the identity; the average pool keeps 32
        pointwise(96, 32).times(2),  # behind both average pools
        separable(3, 32, 32),
        pointwise(96, 32),  # the older input before it is joined to the sums
    ]
    weights, channels = sum(part.weights for part in parts), sum(part.channels for part in parts)
    ours = cells(analyze("nasnet_a_cifar"))
    assert ours["stage1.cell1"] == (weights + 2 * channels, 2 * channels, weights * 32 * 32)
    assert ours["stem"] == (96 * 27 + 2 * 96, 2 * 96, 96 * 27 * 32 * 32)
    assert ours["fc"] == (768 * 10 + 10, 0, 768 * 10)


def totals(name: str) -> Any:
    return analyze(name).totals


def test_published_figures_of_nasnet_a() -> None:
    """5.3M and 564M (mobile), 88.9M and 23.8B (large), 3.3M (CIFAR); the 88.9M hold the running statistics too."""
    mobile, large, cifar = (totals(f"nasnet_a_{name}") for name in ("mobile", "large", "cifar"))
    assert (f"{mobile.params / 1e6:.1f}", f"{mobile.mult_adds / 1e6:.0f}") == ("5.3", "564")
    assert (f"{(large.params + large.buffers) / 1e6:.1f}", f"{large.mult_adds / 1e9:.1f}") == ("88.9", "23.8")
    assert f"{large.params / 1e6:.1f}" == "88.8"
    assert f"{cifar.params / 1e6:.1f}" == "3.3"


def test_pytorchcv_computes_a_row_and_a_column_in_vain() -> None:
    """22x22 instead of 21x21 positions of the large network's first reduction: five 1x1, two 5x5, two 7x7, one 3x3."""
    vain = analyze("nasnet_a_large", cropped="first").totals.mult_adds - analyze("nasnet_a_large").totals.mult_adds
    assert vain == (22**2 - 21**2) * (5 * 336**2 + 336 * (2 * 5**2 + 2 * 7**2 + 3**2)) == 26_540_976


def test_published_figures_of_darts() -> None:
    """3.349M and 4.719M, as the authors' README printed them first; 529.9M mult-adds are not the quoted 574M."""
    assert [f"{totals(name).params / 1e6:.3f}" for name in ("darts_cifar", "darts_imagenet")] == [
        "3.349",
        "4.719",
    ]
    assert f"{totals('darts_imagenet').mult_adds / 1e6:.1f}" == "529.9"


def test_darts_counted_as_flops_counter_does_has_the_figure_that_a_user_reports() -> None:
    """Issue 46 of quark0/darts: 544.59M with batch norm (twice), ReLU and the inputs of pools counted as well."""
    analysis = analyze("darts_imagenet", detail=True)
    count: Any = analysis.totals.mult_adds
    times = {"batch_norm": 2, "relu": 1, "max_pool": 4, "global_avg_pool": 7 * 7}  # pools: inputs for each output
    count += sum(times.get(layer.op, 0) * layer.activations for layer in analysis.layers)
    assert f"{count / 1e6:.2f}" == "544.59"


def parameters_of(name: str) -> int:
    """Parameters that the auxiliary head adds."""
    return analyze(name, aux=True).totals.params - analyze(name).totals.params


def test_auxiliary_heads_have_the_parameters_of_their_layers() -> None:
    """1x1 to 128 and the rest of the map to 768, each with batch norm, then the classes; the authors' code."""
    first, last = 2 * 128, 2 * 768
    assert parameters_of("darts_cifar") == 576 * 128 + first + 4 * 128 * 768 + last + 769 * 10
    assert parameters_of("darts_imagenet") == 768 * 128 + first + 4 * 128 * 768 + 769 * 1000
    assert parameters_of("nasnet_a_cifar") == 384 * 128 + first + 16 * 128 * 768 + last + 769 * 10
    assert parameters_of("nasnet_a_mobile") == 528 * 128 + first + 16 * 128 * 768 + last + 769 * 1000
    assert parameters_of("nasnet_a_large") == 2016 * 128 + first + 36 * 128 * 768 + last + 769 * 1000
    assert parameters_of("enas_micro") == 720 * 128 + first + 4 * 128 * 768 + last + 768 * 10


def test_enas_is_what_others_report_of_the_authors_code() -> None:
    """Parameters and the output of every cell, in the tests of taming-wild-ai/neural-architecture-search."""
    micro = analyze("enas_micro")
    assert (micro.totals.params, parameters_of("enas_micro")) == (3_894_372, 494_848)
    outputs = {layer.row: layer.output_shape for layer in micro.layers}
    shapes = [(180, 32)] * 5 + [(288, 16)] + [(360, 16)] * 5 + [(576, 8)] + [(720, 8)] * 5
    for number, (channels, side) in enumerate(shapes):
        stage = 1 + (number > 4) + (number > 10)
        assert outputs[f"stage{stage}.layer{number}.concat"] == (channels, side, side)
    assert analyze("enas_macro").totals.params == 42_559_392


def test_enas_micro_is_what_its_script_adds_up_to_by_hand() -> None:
    """fixed_arc: two separable 3x3 and four 5x5 in a normal cell; three, three and a halving identity in a reduction.

    A cell's inputs are brought to its width, the last one twice.
    """
    total, mult_adds = Weights(27 * 108, 108), 27 * 108 * 32 * 32
    previous, last, width, side = 108, 108, 36, 32
    for number in range(17):
        reduction = number in (5, 11)
        width, outside = width * (1 + reduction), side
        side //= 1 + reduction
        inputs = pointwise(previous, width).plus(pointwise(last, width), pointwise(width, width))
        threes, fives, identities = (3, 3, 1) if reduction else (2, 4, 0)
        inner = separable(3, width, width).times(threes).plus(separable(5, width, width).times(fives))
        inner = inner.plus(pointwise(width, width).times(identities))
        total = total.plus(inputs, inner)
        mult_adds += inputs.weights * outside**2 + inner.weights * side**2
        previous, last = last, width * (4 if reduction else 5)
    ours = totals("enas_micro")
    assert ours.params == total.weights + 2 * total.channels + 720 * 10
    assert ours.mult_adds == mult_adds + 720 * 10


# scripts/cifar10_macro_final.sh: kernels, and how many earlier outputs a layer joins to its own
KERNELS = (3, 5, 3, 5, 5, 5, 5, 5, 3, 3, 5, 3, 5, 3, 3, 5, 5, 5, 5, 5, 3, 5, 3, 3)
JOINED = (0, 0, 1, 1, 0, 3, 1, 5, 5, 0, 1, 5, 4, 6, 5, 4, 7, 6, 6, 5, 7, 10, 6, 10)


def test_enas_macro_is_what_its_script_adds_up_to_by_hand() -> None:
    """A 1x1, a k x k and, but in the first layer, a 1x1 of all that is joined; all outputs are halved twice."""
    total, mult_adds, width, side = Weights(27 * 96, 96), 27 * 96 * 32 * 32, 96, 32
    for number, (kernel, joined) in enumerate(zip(KERNELS, JOINED, strict=True)):
        layer = pointwise(width, width).plus(Weights(kernel**2 * width**2, width))
        layer = layer.plus(pointwise((joined + 1) * width, width).times(min(number, 1)))
        total, mult_adds = total.plus(layer), mult_adds + layer.weights * side**2
        if number in (7, 15):
            halved = pointwise(width, 2 * width).times(number + 2)
            width, side = 2 * width, side // 2
            total, mult_adds = total.plus(halved), mult_adds + halved.weights * side**2
    ours = totals("enas_macro")
    assert ours.params == total.weights + 2 * total.channels + 384 * 10
    assert ours.mult_adds == mult_adds + 384 * 10


def last_map(analysis: Analysis) -> Any:
    """What the global average pool reads."""
    (pool,) = [number for number, layer in enumerate(analysis.layers) if layer.row == "avgpool"]
    return analysis.layers[pool - 1]


# A separable convolution sees 4 positions more; the widest way through a normal cell of DARTS is one and a dilated
# convolution, 8 more, through a reduction a pool, 2 more. ENAS's macro network adds up all its kernels, and 1 for the
# shifted half of each factorised reduction
FIELDS = {
    "darts_cifar": 3 + 6 * 8 + 2 + (6 * 8 + 2) * 2 + 6 * 8 * 4,
    "darts_imagenet": 3 + 2 * 2 + 2 * 4 + (4 * 8 + 2) * 8 + (4 * 8 + 2) * 16 + 4 * 8 * 32,
    "enas_macro": 3 + 28 + 1 + (22 + 1) * 2 + 26 * 4,
}


@pytest.mark.parametrize("name", FIELDS)
def test_the_receptive_field_is_the_widest_way_through_the_cells(name: str) -> None:
    """The sum of what each layer on that way adds, times the stride at which it stands."""
    assert last_map(analyze(name)).receptive_field.size == (FIELDS[name], FIELDS[name])


OTHER = {
    "darts_cifar": (3, 36, 44),  # the maps that DARTS halves are even
    "darts_imagenet": (3, 221, 253),
    "nasnet_a_mobile": (3, 227, 301),
    "nasnet_a_large": (3, 227, 301),
    "nasnet_a_cifar": (3, 33, 47),
    "enas_micro": (3, 33, 47),
    "enas_micro_with_aux": (3, 33, 47),
    "enas_macro": (3, 33, 47),
}


@pytest.mark.parametrize("name", NAMES)
def test_another_input_changes_the_maps_but_neither_parameters_nor_stride(name: str) -> None:
    """The last map has one position for each stride of the input, in part or in whole, at any size that is taken."""
    canonical, other = analyze(name), analyze(name, input=OTHER[name])
    assert other.totals.params == canonical.totals.params
    small = canonical.input[1] == 32
    side = 4 if small else 32
    assert last_map(other).receptive_field.stride == last_map(canonical).receptive_field.stride == (side, side)
    assert last_map(other).output_shape[1:] == tuple(-(-each // side) for each in OTHER[name][1:])


@pytest.mark.parametrize(
    ("name", "settings", "rule"),
    [
        ("nasnet_a_mobile", {"filters": 1000}, "multiple of 24"),
        ("nasnet_a_mobile", {"filters": 24 * 6}, "even number of channels"),
        ("darts_imagenet", {"channels": 9}, "even number of channels"),
        ("darts_cifar", {"cells": 2}, "3 to 3000"),
        ("darts_cifar", {"input": (3, 33, 32)}, "stage2.cell7.preprocess0.concat"),
    ],
)
def test_what_cannot_be_built_names_its_rule(name: str, settings: dict[str, Any], rule: str) -> None:
    """Odd widths, sizes and depths without a network end in one line that says which rule they break."""
    with pytest.raises(ArchcalcError, match=rule) as error:
        analyze(name, **settings)
    assert "\n" not in str(error.value)
