"""Pictures as they are drawn: no words lie on words, on arrows or beside the sheet; the key; PDF and PNG."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from importlib.util import find_spec
from itertools import combinations, pairwise

import pytest
import svg_pictures

import archcalc
from archcalc.analysis.structure import structure
from archcalc.base.errors import ArchcalcError, MissingTool
from archcalc.pictures import block_view, formats, graph_sheet, graphviz, wrapping
from archcalc.pictures.drawing import TextSpot, crosses
from archcalc.pictures.graph_view import GraphView
from archcalc.pictures.key import INK, KEY
from archcalc.pictures.steps import steps

pytestmark = pytest.mark.skipif(
    graphviz.renderer() is None, reason="neither the program dot nor pygraphviz is installed"
)

GRAPHS = (
    ("lenet5", None, "down"),
    ("googlenet", None, "down"),
    ("googlenet", None, "right"),
    ("resnet50", None, "down"),
    ("densenet121", None, "down"),
    ("nasnet_a_mobile", None, "down"),
    ("efficientnet_b7", 2, "down"),
    ("fractalnet_20_cifar", 2, "down"),
    ("unet", None, "down"),
    ("multi_resnet_26_k2_w10", None, "down"),
    ("swin_t", None, "right"),
)
BLOCKS = (
    "resnet50",
    "preresnet18",
    "googlenet",
    "densenet121",
    "nasnet_a_mobile",
    "efficientnet_b0",
    "swin_t",
    "fractalnet_20_cifar",
    "convnext_tiny",
    "unet",
)


def graph(name: str, depth: int | None = None, direction: str = "down", *, detail: bool = False) -> str:
    view = GraphView.of(structure(name), depth, direction=direction, steps=steps(name) if detail else None)
    return graph_sheet.svg(view)


def check(svg: str) -> None:
    """No words lie on words, none on an arrow, all are on the sheet, and arrows go round boxes."""
    shown = svg_pictures.read(svg)
    assert shown.words
    assert shown.arrows
    for said, box, _ in shown.words:
        assert box.left >= 0, said
        assert box.right <= shown.sheet.right + 0.1, said
        assert box.bottom <= shown.sheet.bottom, said
    for (one, first, _), (other, second, _) in combinations(shown.words, 2):
        assert not first.meets(second), (one, other)
    for arrow in shown.arrows:
        for said, box, kind in shown.words:
            if kind != "node":
                assert not crosses(arrow, box), said
        for node in shown.nodes:
            inner = TextSpot(node.left + 2, node.top + 2, node.right - 2, node.bottom - 2)
            if not inner.holds(arrow[0]) and not inner.holds(arrow[-1]):
                assert not crosses(arrow, inner)
    for one, other in combinations(shown.nodes, 2):
        assert not one.meets(other)


@pytest.mark.parametrize(("name", "depth", "direction"), GRAPHS)
def test_nothing_lies_on_words_in_the_graph_view(name: str, depth: int | None, direction: str) -> None:
    check(graph(name, depth, direction))


@pytest.mark.parametrize("name", BLOCKS)
def test_nothing_lies_on_words_in_the_block_view(name: str) -> None:
    check(block_view.draw(structure(name), steps(name)))


def test_words_on_words_and_words_on_arrows_are_found() -> None:
    svg = graph("lenet5")
    moved = re.sub(r'(<text x="[^"]*" y=")[^"]*(" font-size="8.5" fill="#444444"[^>]*>6)', r"\g<1>30\2", svg)
    assert moved != svg
    with pytest.raises(AssertionError):
        check(moved.replace("<text", '<text class="moved"'))


@pytest.mark.parametrize("name", ["googlenet", "resnet50", "fractalnet_20_cifar", "swin_t", "xception", "polynet"])
def test_a_page_holds_the_picture_with_legible_letters(name: str) -> None:
    """At 180 mm x 254 mm the smallest letters have at least 4 points."""
    wide, high = formats.size(graph(name))
    assert 8.0 * min(510 / wide, 720 / high, 1) >= 4


def test_columns_hold_all_boxes_and_arrows_once() -> None:
    view = GraphView.of(structure("resnet50"))
    given = graphviz.layout(view.dot(graph_sheet.measured))
    cut = wrapping.wrapped(given)
    assert cut.height < given.height / 1.8
    assert cut.nodes.keys() == given.nodes.keys()
    assert {name: each[2:] for name, each in cut.nodes.items()} == {
        name: each[2:] for name, each in given.nodes.items()
    }
    assert [(each.begin, each.end) for each in cut.edges] == [(each.begin, each.end) for each in given.edges]
    for edge in cut.edges:
        x, y, wide, high = cut.nodes[edge.end]
        assert abs(edge.tip[0] - x) <= wide / 2 + 1
        assert abs(edge.tip[1] - y) <= high / 2 + 1


def test_a_network_whose_arrows_skip_far_stays_in_one_piece() -> None:
    given = graphviz.layout(GraphView.of(structure("unet")).dot(graph_sheet.measured))
    assert wrapping.wrapped(given) == given


def test_the_legend_names_the_roles_the_folding_and_the_costs() -> None:
    words = [said for said, _, kind in svg_pictures.read(graph("swin_t")).words if kind == "legend"]
    for said in ("convolution", "linear (dense)", "pooling", "merge", "attention"):
        assert said in words
    assert any("equal blocks, drawn once" in said for said in words)
    assert any(said.startswith("bar: mult-adds") for said in words)
    plain = [said for said, _, kind in svg_pictures.read(graph("lenet5")).words if kind == "legend"]
    assert "attention" not in plain
    assert not any("drawn once" in said for said in plain)


def test_detail_names_normalisations_and_activations() -> None:
    said = [words for words, _, _ in svg_pictures.read(graph("resnet18", detail=True)).words]
    assert "batch norm, ReLU" in said
    assert "batch norm, ReLU" not in [words for words, _, _ in svg_pictures.read(graph("resnet18")).words]


def test_an_svg_is_valid_and_says_nothing_of_the_machine() -> None:
    for svg in (graph("googlenet"), block_view.draw(structure("resnet50"), steps("resnet50"))):
        root = ET.fromstring(svg)  # noqa: S314
        for element in root.iter():
            assert len([each for each in element if each.tag.endswith("}title")]) <= 1
        ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        assert len(ids) == len(set(ids))
        assert "<!--" not in svg
        assert "metadata" not in svg
        assert "&quot;Source Sans Pro&quot;," in svg
        assert ",sans-serif" in svg


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_on_every_fill_of_the_key_has_contrast() -> None:
    for entry in KEY.values():
        for ink in (INK, graph_sheet.GREY):
            light, dark = luminance(entry.fill), luminance(ink)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, entry


def test_the_fills_of_the_main_roles_are_apart_in_grey() -> None:
    """Their lightness (CIE L*) differs by at least 4, and no two entries look the same."""
    lights = sorted(116 * luminance(KEY[role].fill) ** (1 / 3) - 16 for role in ("conv", "merge", "linear", "pool"))
    assert all(after - before >= 4 for before, after in pairwise(lights))
    assert len({(entry.fill, entry.stroke, entry.dashes) for entry in KEY.values()}) == len(KEY)


needs_typst = pytest.mark.skipif(find_spec("typst") is None, reason="typst is not installed")


@needs_typst
def test_a_pdf_is_one_page_as_large_as_the_picture_with_title_and_alternative_text() -> None:
    import pypdfium2

    svg = archcalc.graph_picture("lenet5", "svg").decode()
    made = archcalc.graph_picture("lenet5", "pdf")
    assert made == archcalc.graph_picture("lenet5", "pdf")
    document = pypdfium2.PdfDocument(made)
    assert len(document) == 1
    assert document[0].get_size() == pytest.approx(formats.size(svg), abs=0.1)
    about = document.get_metadata_dict()
    assert about["Title"] == "lenet5, input 1\u00d732\u00d732"
    assert about["Subject"].startswith("8 boxes joined by 7 arrows: input, C1")
    assert b"/Alt" in made or b"/ObjStm" in made
    page = document[0].get_textpage()
    assert "conv 5\u00d75" in page.get_text_bounded()
    page.close()
    document.close()


@needs_typst
def test_a_png_has_300_dots_to_the_inch_and_is_the_same_each_time() -> None:
    svg = archcalc.graph_picture("lenet5", "svg").decode()
    made = archcalc.graph_picture("lenet5", "png")
    assert made == archcalc.graph_picture("lenet5", "png")
    assert made[:8] == b"\x89PNG\r\n\x1a\n"
    dots = struct.unpack(">II", made[16:24])
    assert dots == pytest.approx([side / 72 * 300 for side in formats.size(svg)], abs=1.01)


def test_a_huge_picture_has_fewer_dots_to_the_inch() -> None:
    assert formats.dots_per_inch('<svg width="100pt" height="200pt">') == 300
    assert formats.dots_per_inch('<svg width="100pt" height="14400pt">') == 100


def test_without_typst_or_the_typeface_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from archcalc.base import extras

    formats.typst.cache_clear()
    formats._fonts.cache_clear()
    for gone in ("typst", "font_source_sans_pro"):
        with monkeypatch.context() as patch:
            patch.setattr(extras, "installed", lambda module, gone=gone: module != gone)
            with pytest.raises(MissingTool, match=r"pip install 'archcalc\[picture\]'"):
                archcalc.graph_picture("lenet5", "png")
        formats.typst.cache_clear()
        formats._fonts.cache_clear()


def test_own_networks_are_drawn_in_both_views() -> None:
    from archcalc import Graph, row
    from archcalc.ops import Add, Conv, ReLU

    graph_ = Graph("mine", (3, 32, 32))
    x = row("stem", graph_.inputs[0], Conv(8, 3, padding=1))
    for number in range(2):
        y = row(f"unit{number}.a", x, Conv(8, 3, padding=1), ReLU())
        y = row(f"unit{number}.b", y, Conv(8, 3, padding=1))
        x = row(f"unit{number}.add", (y, x), Add())
    graph_.finish(x)
    assert b"unit0" in archcalc.graph_picture(graph_, "svg", "full")
    blocks = archcalc.graph_picture(graph_, view="block").decode()
    assert "unit0 (\u00d7 2)" in blocks


def test_options_of_another_view_are_refused() -> None:
    for given in ({"view": "block", "detail": True}, {"view": "volume", "costs": "params"}, {"block": "layer1.0"}):
        with pytest.raises(ArchcalcError, match="is for the"):
            archcalc.graph_picture("resnet18", "svg", **given)
