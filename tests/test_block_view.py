"""The block view: which blocks a network has, what is drawn of one, and what is said where there is none."""

from __future__ import annotations

from collections import Counter

import pytest
import svg_pictures

from archcalc.analysis.structure import structure
from archcalc.base.errors import ArchcalcError
from archcalc.pictures import block_view, graphviz, units
from archcalc.pictures.folding import folded
from archcalc.pictures.steps import steps
from archcalc.request import names

needs_graphviz = pytest.mark.skipif(
    graphviz.renderer() is None, reason="neither the program dot nor pygraphviz is installed"
)


def words(name: str, path: str | None = None) -> list[str]:
    return [said for said, _, _ in svg_pictures.read(block_view.draw(structure(name), steps(name), path)).words]


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("resnet50", [12, 3, 1]),
        ("resnet18", [5, 3]),
        ("googlenet", [9]),
        ("densenet121", [58]),
        ("swin_t", [12]),
        ("fractalnet_20_cifar", [5]),
        ("convnext_tiny", [18]),
        ("xception", [8, 4]),
        ("efficientnet_b0", [9, 6, 1, 1]),
    ],
)
def test_the_kinds_of_blocks_and_their_numbers(name: str, numbers: list[int]) -> None:
    found = units.kinds(units.blocks(structure(name)))
    assert [len(kind.blocks) for kind in found] == numbers


def test_blocks_share_no_rows_and_kinds_share_no_blocks() -> None:
    for name in list(names())[::16]:
        given = structure(name)
        found = units.blocks(given)
        rows = Counter(row.layer.row for block in found for row in block.rows)
        assert all(number == 1 for number in rows.values()), name
        kinds = units.kinds(found)
        assert sorted(block.path for kind in kinds for block in kind.blocks) == sorted(block.path for block in found)
        for block in found[:1] + found[-1:]:
            assert units.find(given, block.path).rows == block.rows


def test_a_block_cut_out_has_its_rows_its_inputs_and_its_outputs() -> None:
    for name in ("resnet50", "nasnet_a_mobile", "swin_t", "unet", "fractalnet_20_cifar", "enas_micro"):
        given = structure(name)
        for block in units.blocks(given)[:6]:
            sub, ends = block_view.cut_out(given, block)
            inside = {row.layer.row for row in block.rows}
            outside = {each for row in block.rows for each in row.inputs} - inside
            begins = [row for row in sub.rows if row.layer.row in ends and not row.inputs]
            assert len(begins) == len(outside)
            assert len(sub.rows) - len(ends) == len(block.rows)
            assert any(row.layer.row in ends and row.inputs for row in sub.rows)
            assert sum(row.layer.mult_adds for row in sub.rows) == sum(row.layer.mult_adds for row in block.rows)
            found = folded(sub, 0)
            assert {edge.begin for edge in found.edges} | {edge.end for edge in found.edges} == set(found.shapes)


@needs_graphviz
def test_a_bottleneck_is_as_in_the_paper() -> None:
    """He et al. 2015, arXiv:1512.03385, Figure 5: 1x1, 64; 3x3, 64; 1x1, 256 on 256 channels."""
    said = words("resnet50", "layer1.1")
    for each in (
        "conv 1\u00d71, 64",
        "conv 3\u00d73, 64",
        "conv 1\u00d71, 256",
        "batch norm, ReLU",
        "add",
        "input",
        "output",
    ):
        assert each in said
    assert said.count("56 \u00d7 56 \u00d7 256") == 3  # at the input, before the sum and at the output
    assert said.count("56 \u00d7 56 \u00d7 64") == 2
    assert "layer1.1 (\u00d7 12)" in said


@needs_graphviz
def test_every_output_is_told_once_at_an_arrow() -> None:
    for name in ("googlenet", "swin_t", "efficientnet_b0"):
        block = units.blocks(structure(name))[2]
        said = words(name, block.path)
        sub, ends = block_view.cut_out(structure(name), block)
        outputs = [row for row in sub.rows if not (row.layer.row in ends and row.inputs)]
        assert sum(" \u00d7 " in each and each[0].isdigit() for each in said) == len(outputs)


@needs_graphviz
def test_inner_chains_of_a_cell_are_one_box_in_the_papers_words() -> None:
    """Zoph et al. 2018, arXiv:1707.07012, Figure 4: the normal cell of NASNet-A."""
    said = words("nasnet_a_mobile", "stage1.cell2")
    assert "separable 5\u00d75 (\u00d7 2)" in said
    assert "separable 3\u00d73 (\u00d7 2)" in said
    assert "average pool 3\u00d73" in said
    assert "concatenate" in said


@needs_graphviz
def test_attention_is_told_with_its_window_and_heads() -> None:
    assert "window attention 7\u00d77, 3 heads" in words("swin_t", "stage1.0")
    assert "window attention 7\u00d77, shifted, 3 heads" in words("swin_t", "stage1.1")


@pytest.mark.parametrize("name", ["lenet5", "vgg16", "alexnet"])
def test_a_network_without_blocks_is_told_what_to_use_instead(name: str) -> None:
    with pytest.raises(ArchcalcError, match=f"{name} has no blocks.*--view volume or --view graph"):
        block_view.draw(structure(name), steps(name))


def test_an_unknown_block_is_answered_with_the_blocks() -> None:
    with pytest.raises(
        ArchcalcError, match=r"has no block 'layer1.9'; nearest: layer1.*its blocks are layer1.0, layer1.1"
    ):
        block_view.draw(structure("resnet50"), steps("resnet50"), "layer1.9")
