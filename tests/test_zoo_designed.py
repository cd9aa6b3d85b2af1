"""RegNetX, ConvNeXt and Swin: every network against one that others built, and against what their authors print."""

from __future__ import annotations

import re
from csv import DictReader
from math import prod
from pathlib import Path
from typing import Any

import pytest
import torch
from gradients import built
from reference import archcalc_layers, counts, reference

from archcalc import ArchcalcError, analyze, zoo
from archcalc.base.errors import UnknownName
from archcalc.execution.model import Model
from archcalc.forms.closed import closed_form, exact_form
from archcalc.graph import Graph, chain
from archcalc.ops.attention import WindowAttention
from archcalc.ops.layout import ChannelsFirst, ChannelsLast, Crop, ZeroPad
from archcalc.ops.linear import Linear
from archcalc.search.solving import solve
from archcalc.spaces.documented import approximation, dimensions
from archcalc.zoo import Reference, convnext, regnetx, swin
from archcalc.zoo._design_spaces import DESIGN_SPACES

torch.set_num_threads(1)

FAMILIES = (*regnetx.FAMILIES, *convnext.FAMILIES, *swin.FAMILIES)
BUILT = {name: found for family in FAMILIES for name, found in family.references.items() if not found.part}
NAMES = [name for family in FAMILIES for name in family.variants]


@pytest.mark.parametrize("name", BUILT)
def test_a_network_is_the_one_that_others_built(name: str) -> None:
    """Parameters, running statistics, mult-adds and every convolution and linear layer equal the reference's.

    At the canonical size and at another one, for which timm's Swin has the windows of the canonical one.
    """
    found: Reference = BUILT[name]
    module = reference(found.library, found.model, **found.options)
    running = sum(b.numel() for key, b in module.named_buffers() if "running" in key)
    for at in (analyze(name).input, found.size or (3, 225, 301)):
        theirs, ours = counts(module, at), analyze(name, input=at, **found.settings)
        assert archcalc_layers(ours) == theirs.layers
        assert ours.totals[:3] == (theirs.params, running, theirs.mult_adds)


@pytest.mark.parametrize("sides", [(224, 224), (225, 301), (97, 130), (32, 40)])
@pytest.mark.parametrize("name", ["swin_t", "swin_s", "swin_b"])
def test_swin_pads_its_maps_to_whole_windows_as_torchvision_does(name: str, sides: tuple[int, int]) -> None:
    """Parameters and mult-adds of torchvision, attention products included, also where windows or patches overhang."""
    theirs = counts(reference("torchvision", name), (3, *sides))
    totals = analyze(name, input=(3, *sides), windows="padded").totals
    assert (totals.params, totals.mult_adds) == (theirs.params, theirs.mult_adds)


def timms_swin(sides: tuple[int, int], window: int) -> torch.nn.Module:
    """timm's Swin-T built for an input and a window, on the meta device."""
    return reference("timm", "swin_tiny_patch4_window7_224", img_size=sides, window_size=window)


# height, width and window; maps of the four stages are a quarter of the sides and their halves
SHRUNK = [
    ((224, 224), 7), ((128, 128), 7), ((224, 224), 56), ((224, 224), 20), ((96, 200), 7), ((448, 64), 12),
    ((252, 308), 9), ((256, 256), 8), ((32, 36), 7),
]  # fmt: skip


@pytest.mark.parametrize(("sides", "window"), SHRUNK)
def test_swin_shrinks_its_windows_to_small_maps_as_timm_does(sides: tuple[int, int], window: int) -> None:
    """Parameters and mult-adds of timm's model built for that size, where windows shrink on one axis, both or none."""
    theirs = counts(timms_swin(sides, window), (3, *sides))
    totals = analyze("swin_t", input=(3, *sides), window=window).totals
    assert (totals.params, totals.mult_adds) == (theirs.params, theirs.mult_adds)


def test_swin_has_the_figures_of_public_threads() -> None:
    """timm's with windows of 56, and at 128 px; torchvision's, which pads, at 128 px; both the same at 224 px."""
    large = analyze("swin_t", window=56).totals
    assert (large.params, large.mult_adds) == (28_435_858, 8_783_324_160)
    small = {windows: analyze("swin_t", input=(3, 128, 128), windows=windows) for windows in ("shrunk", "padded")}
    assert {key: each.totals.mult_adds for key, each in small.items()} == {
        "shrunk": 2_042_269_824,
        "padded": 2_204_572_800,
    }
    assert analyze("swin_t", windows="padded").totals == analyze("swin_t").totals


def test_torchvisions_windows_of_56_are_padded_to_their_size() -> None:
    from torchvision.models.swin_transformer import SwinTransformer

    with torch.device("meta"):
        module = SwinTransformer([4, 4], 96, [2, 2, 6, 2], [3, 6, 12, 24], [56, 56]).eval()
    theirs, totals = counts(module, (3, 224, 224)), analyze("swin_t", window=56, windows="padded").totals
    assert (totals.params, totals.mult_adds) == (theirs.params, theirs.mult_adds)


@pytest.mark.parametrize("sides", [(4, 14), (14, 3), (5, 5), (14, 21)])
def test_a_block_with_shrunk_windows_gives_timms_values(sides: tuple[int, int]) -> None:
    """Windows of 7 shifted by 3, on axes that are smaller and on such of several windows."""
    from timm.models.swin_transformer import SwinTransformerBlock

    channels, heads = 12, 2
    theirs = SwinTransformerBlock(channels, sides, heads, window_size=7, shift_size=3).double().eval()
    ours = Model(
        zoo.network("swin_block_example").graph(
            (channels, *sides), {"heads": heads, "shifted": True, "in_channels": channels}
        )
    ).double()
    with torch.no_grad():
        mine = dict(ours.named_parameters())
        table = theirs.attn.relative_position_bias_table
        torch.nn.init.normal_(table)
        (place,) = [key for key in mine if key.endswith("table")]
        mine.pop(place).copy_(table.T)
        order = (theirs.norm1, theirs.attn.qkv, theirs.attn.proj, theirs.norm2, theirs.mlp)
        weights = [value for part in order for value in part.parameters()]
        for value, given in zip(mine.values(), weights, strict=True):
            value.copy_(torch.nn.init.normal_(given, std=0.3))
        x = torch.randn(2, channels, *sides, dtype=torch.float64)
        assert torch.allclose(ours(x), theirs(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), atol=1e-9)


@pytest.mark.parametrize(("sides", "windows"), [((128, 100), "shrunk"), ((30, 300), "shrunk"), ((128, 100), "padded")])
def test_closed_and_exact_forms_of_swin_hold_where_its_windows_shrink_too(sides: tuple[int, int], windows: str) -> None:
    """The closed form at a size gives what the table gives there, and says that it holds at no other; so the exact."""
    totals = analyze("swin_t", input=(3, *sides), windows=windows).totals
    form = closed_form("swin_t", input=(3, *sides), windows=windows)
    found = form(H=sides[0], W=sides[1])
    exact = exact_form("swin_t", windows=windows)
    for quantity in ("params", "mult_adds", "activation_sum", "training_saved_bytes"):
        assert found[quantity] == exact.evaluate(quantity, *sides) == getattr(totals, quantity)
    if windows == "shrunk":
        with pytest.raises(ArchcalcError, match="is not among H = 224h"):
            form(H=sides[0] + 224, W=sides[1] + 224)


def test_a_search_over_sizes_knows_swin_below_and_above_the_size_of_its_windows() -> None:
    """131 and 132 px: the sizes next to each other between which Swin-T exceeds 2.1G mult-adds."""
    solution = solve("swin_t", {"mult_adds": "2.1G"}, "size")
    assert (solution.within.value, solution.reaches.value) == (131, 132)
    within, beyond = (analyze("swin_t", input=(3, side, side)).totals.mult_adds for side in (131, 132))
    assert within < 2_100_000_000 < beyond


def test_regnetx_400mf_torchvision_is_torchvisions() -> None:
    """Parameters and mult-adds; the layers are compared with timm's copy of it, which takes an input without data."""
    from torchvision.models import get_model  # built on the CPU: torchvision reads widths from tensors

    module = get_model("regnet_x_400mf", weights=None).eval()
    totals = analyze("regnetx_400mf_torchvision").totals
    theirs = counts(module.to("meta"), (3, 224, 224))
    assert (totals.params, totals.mult_adds) == (theirs.params, theirs.mult_adds)


# pycls, MODEL_ZOO.md, "RegNetX Models": flops (B), params (M), acts (M)
PYCLS = {
    "200mf": (0.2, 2.7, 2.2),
    "400mf": (0.4, 5.2, 3.1),
    "600mf": (0.6, 6.2, 4.0),
    "800mf": (0.8, 7.3, 5.1),
    "1.6gf": (1.6, 9.2, 7.9),
    "3.2gf": (3.2, 15.3, 11.4),
    "4.0gf": (4.0, 22.1, 12.2),
    "6.4gf": (6.5, 26.2, 16.4),
    "8.0gf": (8.0, 39.6, 14.1),
    "12gf": (12.1, 46.1, 21.4),
    "16gf": (15.9, 54.3, 25.5),
    "32gf": (31.7, 107.8, 36.3),
}


@pytest.mark.parametrize("name", PYCLS)
def test_regnetx_has_the_figures_that_its_authors_print(name: str) -> None:
    """Mult-adds, parameters, and activations, which to pycls are the outputs of convolutions and of the classifier."""
    analysis = analyze(f"regnetx_{name}")
    outputs = sum(layer.activations for layer in analysis.layers if layer.op in ("conv", "linear"))
    figures = (analysis.totals.mult_adds / 1e9, analysis.totals.params / 1e6, outputs / 1e6)
    assert tuple(round(figure, 1) for figure in figures) == PYCLS[name]


# millions of parameters, billions of mult-adds at 224 and 384 px; READMEs of facebookresearch/ConvNeXt and
# microsoft/Swin-Transformer
PRINTED = {
    "convnext_tiny": (29, 4.5, 13.1),
    "convnext_small": (50, 8.7, 25.5),
    "convnext_base": (89, 15.4, None),
    "convnext_large": (198, 34.4, 101.0),
    "convnext_xlarge": (350, 60.9, 179.0),
    "swin_t": (28, 4.5, None),
    "swin_s": (50, 8.7, None),
    "swin_b": (88, 15.4, None),
    "swin_b_384": (88, None, 47.1),
    "swin_l": (197, 34.5, None),
    "swin_l_384": (197, None, 103.9),
}


@pytest.mark.parametrize("name", PRINTED)
def test_convnext_and_swin_have_the_figures_that_their_authors_print(name: str) -> None:
    params, *printed = PRINTED[name]
    assert round(analyze(name).totals.params / 1e6) == params
    for side, figure in zip((224, 384), printed, strict=True):
        if figure is not None:
            assert round(analyze(name, input=(3, side, side)).totals.mult_adds / 1e9, 1) == figure


def test_convnext_base_at_384_is_neither_of_the_two_figures_that_are_printed() -> None:
    """45.0 G and 47.0 G stand in its authors' README; all of it but the classifier grows by (384/224)^2."""
    classifier = 1024 * 1000
    at_224, at_384 = (analyze("convnext_base", input=(3, side, side)).totals.mult_adds for side in (224, 384))
    assert (at_384 - classifier) * 224**2 == (at_224 - classifier) * 384**2
    assert round(at_384 / 1e9, 1) == 45.1


BLOCKS = {
    "regnetx_block_s2": (Reference("timm", "regnetx_004"), "s2.b1"),
    "regnetx_block_s1": (Reference("timm", "regnetx_004"), "s2.b2"),
    "convnext_block_example": (Reference("torchvision", "convnext_tiny"), "features.1.0"),
    "swin_block_example": (Reference("torchvision", "swin_t"), "features.1.0"),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_is_the_part_of_a_network_that_it_claims_to_be(name: str) -> None:
    """Parameters and mult-adds of the block as others built it, run by itself."""
    found, path = BLOCKS[name]
    module = reference(found.library, found.model).get_submodule(path)
    analysis = analyze(name)
    channels, height, width = analysis.input
    shape = (height, width, channels) if name == "swin_block_example" else analysis.input
    theirs = counts(module, shape)
    assert (analysis.totals.params, analysis.totals.mult_adds) == (theirs.params, theirs.mult_adds)


def test_a_swin_block_by_hand() -> None:
    """96 channels at 56 x 56: equation (2) of the Swin paper, 4hwC^2 + 2M^2hwC, and 8hwC^2 in the two other layers."""
    positions, channels = 56 * 56, 96
    attention = 4 * positions * channels**2 + 2 * 7**2 * positions * channels
    totals = analyze("swin_block_example").totals
    assert totals.mult_adds == attention + 8 * positions * channels**2
    biases_and_norms = (3 + 1 + 4 + 1) * channels + 4 * channels
    assert totals.params == 12 * channels**2 + biases_and_norms + (2 * 7 - 1) ** 2 * 3


@pytest.mark.parametrize("shift", [0, 1, 2])
@pytest.mark.parametrize("sides", [(8, 12), (7, 10), (4, 9), (3, 2)])
def test_attention_within_windows_gives_torchvisions_values(sides: tuple[int, int], shift: int) -> None:
    """Windows of 4, on maps of one or several windows, whole or padded: the same weights make the same output.

    torchvision keeps strangers apart with a score of -100, archcalc with minus infinity.
    """
    from torchvision.models.swin_transformer import ShiftedWindowAttention

    side, heads, channels = 4, 2, 6
    theirs = ShiftedWindowAttention(channels, [side, side], [shift, shift], heads).double()
    torch.nn.init.normal_(theirs.relative_position_bias_table)
    bottom, right = -sides[0] % side, -sides[1] % side
    pad, crop = ZeroPad(bottom=bottom, right=right), Crop(bottom=bottom, right=right)
    attention = (Linear(3 * channels), WindowAttention(heads, side, shift), Linear(channels))
    ops = (pad, ChannelsLast(), *attention, ChannelsFirst(), crop)
    ours = Model(built(lambda x: chain(x, *ops), (channels, *sides))).double()
    weights = dict(theirs.named_parameters())
    table = weights.pop("relative_position_bias_table")
    mine = dict(ours.named_parameters())
    (place,) = [key for key in mine if key.endswith("table")]
    with torch.no_grad():
        mine.pop(place).copy_(table.T)
        by_shape = {value.shape: value for value in weights.values()}
        for value in mine.values():
            value.copy_(by_shape[value.shape])
        x = torch.randn(2, channels, *sides, dtype=torch.float64)
        assert torch.allclose(ours(x), theirs(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2))


@pytest.mark.parametrize("name", NAMES)
def test_a_network_takes_odd_sizes_and_its_head_sees_the_whole_input(name: str) -> None:
    """At sizes that no stride divides all layers have a field, and after global pooling it is the whole input."""
    channels = analyze(name).input[0]
    padded = {"windows": "padded"} if "swin" in name else {}  # else the tables of smaller windows are smaller
    odd = analyze(name, input=(channels, 75, 101), **padded)
    assert odd.totals.params == analyze(name).totals.params
    last = odd.layers[-1].receptive_field
    assert last is not None
    assert last.whole_input == ("block" not in name)


def test_what_a_swin_unit_sees_is_irregular_from_the_first_attention_on() -> None:
    """A patch sees its 4 x 4 pixels; its attention a window; what is left beside attention are the patches."""
    layers = {layer.row: layer.receptive_field for layer in analyze("swin_t").layers}
    assert layers["patches"].size == (4, 4)
    assert layers["stage1.0.attention"].irregular
    merged = layers["stage4.1.add2"]
    assert merged.irregular
    assert (merged.local.size, merged.local.stride) == ((32, 32), (32, 32))


def test_maps_are_told_with_their_channels_first() -> None:
    """Also where a layer keeps them last: stage 1 of Swin-T works on 96 channels at 56 x 56."""
    shapes = {layer.row: layer.output_shape for layer in analyze("swin_t").layers}
    assert shapes["patches"] == shapes["stage1.0.attention"] == (96, 56, 56)
    assert shapes["stage2.merging"] == (192, 28, 28)
    assert shapes["head"] == (1000,)


def test_regnetx_names_keep_their_decimal_point() -> None:
    """1.6 GFLOP and 16 GFLOP are two networks, however their names are spelt."""
    spelt = {"regnetx_1.6gf": "1.6gf", "RegNetX-1.6GF": "1.6gf", "regnet_x_1_6gf": "1.6gf"}
    spelt |= {"regnetx_16gf": "16gf", "regnetx16gf": "16gf", "regnet_x_16gf": "16gf"}
    spelt |= {"regnetx_3.2gf": "3.2gf", "regnetx_32gf": "32gf", "regnet_x_8gf": "8.0gf", "regnetx_8.0gf": "8.0gf"}
    assert {name: zoo.network(name).name for name in spelt} == {n: f"regnetx_{own}" for n, own in spelt.items()}


IMPOSSIBLE: list[tuple[str, dict[str, Any], str]] = [
    ("regnetx_400mf", {"w_0": 20}, "RegNetX has an initial width w_0 that is a multiple of 8, not 20"),
    ("regnetx_block_s1", {"width": 60}, "an X block's width is a multiple of its group width: 60 is none of 16"),
    ("swin_block_example", {"heads": 5}, "a Swin block's channels are a multiple of its heads: 96 is none of 5"),
]


@pytest.mark.parametrize(("name", "settings", "message"), IMPOSSIBLE)
def test_impossible_hyperparameters_are_told_with_their_rule(name: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ArchcalcError, match=f"^{re.escape(message)}$"):
        analyze(name, **settings)


BROKEN = [
    (WindowAttention(2, 4), (8, 6, 12), "8 x 6 positions do not split into windows of 4"),
    (WindowAttention(2, 4, shift=4), (8, 8, 12), "is shifted by less than its side"),
    (WindowAttention(4, 4), (8, 8, 18), "18 channels are not the queries, keys and values of 4 heads"),
    (WindowAttention(1, 4), (8, 12), "it needs (height, width, channels)"),
]


@pytest.mark.parametrize(("op", "shape", "message"), BROKEN)
def test_attention_names_the_rule_that_a_shape_breaks(
    op: WindowAttention, shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ArchcalcError, match=re.escape(message)):
        op(Graph("t", shape).input)


with (Path(__file__).parent.parent / "archcalc" / "data" / "claims.csv").open(newline="", encoding="utf-8") as file:
    CLAIMS = [claim for claim in DictReader(file) if claim["architecture"] in DESIGN_SPACES]


def claimed(name: str, quantity: str, column: str) -> str:
    (value,) = [row[column] for row in CLAIMS if (row["architecture"], row["quantity"]) == (name, quantity)]
    return value


def product_of(text: str) -> int:
    """The value of a product such as (16*128*6)^4*3; 1 for none."""
    factors = re.findall(r"(\d+|\([\d*]+\))(?:\^(\d+))?", text)
    return prod(prod(map(int, base.strip("()").split("*"))) ** int(power or 1) for base, power in factors)


@pytest.mark.parametrize("name", DESIGN_SPACES)
def test_a_design_space_has_the_size_that_document_003_prints(name: str) -> None:
    """The printed formula gives it exactly, and the printed total is its first two digits."""
    space = DESIGN_SPACES[name]
    formula = claimed(name, "formula_design_space_size", "claimed_value").replace("·", "*").lstrip("\u223c")
    assert space.formula.replace(" ", "") == formula
    top, _, bottom = formula.replace("4!", "24").partition("/")
    assert approximation(name) * product_of(bottom) == product_of(top)
    assert float(f"{approximation(name):.1e}") == float(claimed(name, "design_space_size", "claimed_number"))
    assert dimensions(name) == int(claimed(name, "dimensions", "claimed_number"))


def test_six_design_spaces_are_known() -> None:
    """The six rows of the slide's table, and an unknown name is told so."""
    assert list(DESIGN_SPACES) == list(dict.fromkeys(claim["architecture"] for claim in CLAIMS))
    assert len(DESIGN_SPACES) == 6
    with pytest.raises(UnknownName, match=r"^no design space is called 'anynet_f'; there are anynet_a, "):
        approximation("anynet_f")
