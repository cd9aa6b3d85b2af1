"""The volume view: boxes to scale, every layer in one box, labels that are the graph's sizes and never overlap."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import pytest

from archcalc import Network
from archcalc.analysis.structure import Structure, structure
from archcalc.base.errors import ArchcalcError
from archcalc.figures import style
from archcalc.pictures.main_path import main_path
from archcalc.pictures.scene import ASCENT, DESCENT, TextBox
from archcalc.pictures.volume_view import WIDTH, draw
from archcalc.pictures.volumes import cells, size_text
from archcalc.present.typeface import text_width
from archcalc.request import NetworkLike, names

SVG = "{http://www.w3.org/2000/svg}"
SAMPLE = (
    "lenet5", "alexnet", "vgg16", "googlenet_with_aux", "resnet152", "densenet121", "nasnet_a_mobile",
    "efficientnet_b7", "mobilenet_v1_1.0_224", "swin_t", "convnext_tiny", "unet", "unet_same_bn", "fractalnet_20_cifar",
    "polynet", "preresnet1001_cifar", "spatial_transformer", "xception", "inception_v4", "squeezenet1_0",
)  # fmt: skip
TIMES = "\u00d7"
TOLD = re.compile(
    rf"^(?P<name>.*?): (?:output (?P<size>[\d {TIMES}]+); )?(?P<layers>[\d,]+) layers? with weights, "
    r"(?P<params>[\d,]+) parameters, (?P<mult_adds>[\d,]+) mult-adds$"
)

TWO = """
name = "two"
input = {image = "3x32x32", mask = "1x32x32"}
outputs = ["kind", "place"]
layers = '''
a:     conv 8 3x3 p1, relu < image
b:     conv 4 5x5 p2 < mask
c:     conv 8 3x3 p1 < b
cat:   concat < a, c
d:     conv 16 3x3 /2 p1
gap:   gap, flatten
kind:  linear 10 < gap
place: linear 4 < gap
'''
"""
GROWING = """
name = "growing"
input = "3x64x64"
layers = '''
code_of_the_image: conv 32 16x16 /16, relu
a: upconv 32 16x16 /16
b: conv 32 3x3 p1
c: conv 32 3x3 p1
'''
"""
HOURGLASS = """
name = "hourglass"
input = "3x64x64"
layers = '''
first:  conv 16 3x3 p1, relu
small:  maxpool 2x2
inner:  conv 32 3x3 p1, relu
least:  maxpool 2x2, conv 64 3x3 p1, relu
up:     upconv 32 2x2 /2
both:   add < up, inner
wide:   upconv 16 2x2 /2
ends:   concat < wide, first
out:    conv 5 1x1
'''
"""


class Box(NamedTuple):
    """A drawn box: the thickness and height of its front face."""

    thick: float
    high: float


class Group(NamedTuple):
    """What is drawn with one tooltip."""

    title: str
    boxes: list[Box]
    texts: list[TextBox]
    polygons: list[list[tuple[float, float]]]


def points(element: ET.Element) -> list[tuple[float, float]]:
    numbers = [float(number) for pair in (element.get("points") or "").split() for number in pair.split(",")]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def text_box(element: ET.Element) -> TextBox:
    """The rectangle of a line of text, from the measure of the typeface alone."""
    text, size = element.text or "", float(element.get("font-size") or 0)
    wide = text_width(text, size, element.get("font-weight") == "600")
    x, y = float(element.get("x") or 0), float(element.get("y") or 0)
    assert float(element.get("textLength") or 0) == pytest.approx(wide, abs=0.006)  # whatever the typeface
    assert element.get("lengthAdjust") == "spacingAndGlyphs"
    left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[element.get("text-anchor") or "start"]
    return TextBox(text, size, left, y - ASCENT * size, left + wide, y + DESCENT * size)


def groups(root: ET.Element) -> list[Group]:
    found: list[Group] = []
    for group in root.iter(f"{SVG}g"):
        fronts = [points(each) for each in group.iter(f"{SVG}polygon") if each.get("class") == "front"]
        boxes = [Box(each[1][0] - each[0][0], each[2][1] - each[1][1]) for each in fronts]
        title = group.findtext(f"{SVG}title") or ""
        texts = [text_box(each) for each in group.iter(f"{SVG}text")]
        found.append(Group(title, boxes, texts, [points(each) for each in group.iter(f"{SVG}polygon")]))
    return found


def flaws_of_text(root: ET.Element) -> Iterator[str]:
    """Texts that overlap, leave the sheet, or have letters of less than 5 points at a width of 180 mm."""
    wide, high = [float((root.get(side) or "")[:-2]) for side in ("width", "height")]
    texts = sorted([text_box(each) for each in root.iter(f"{SVG}text")], key=lambda box: box.top)
    if wide > WIDTH + 0.01:
        yield f"{wide} pt wide"
    for i, box in enumerate(texts):
        if box.left < 0 or box.right > wide or box.top < 0 or box.bottom > high:
            yield f"{box.text} leaves the sheet"
        if box.size < 5:
            yield f"{box.text} in {box.size} pt"
        for other in texts[i + 1 :]:
            if other.top > box.bottom:
                break
            if box.overlaps(other):
                yield f"{box.text} over {other.text}"


def flaws_of_counts(found: Sequence[Group], of: Structure) -> Iterator[str]:
    """Layers with weights that are in no box or in two, and parameters or mult-adds that do not add up."""
    told = [match for group in found if (match := TOLD.match(group.title))]
    if len(told) != len(found):
        yield "a tooltip without counts"
    sums = [sum(int(match[key].replace(",", "")) for match in told) for key in ("layers", "params", "mult_adds")]
    layers = [row.layer for row in of.rows]
    own = [sum(bool(x.params) for x in layers), sum(x.params for x in layers), sum(x.mult_adds for x in layers)]
    if sums != own:
        yield f"counts {sums}, not {own}"


def flaws_of_sizes(found: Sequence[Group], of: Structure) -> Iterator[str]:
    """Labels that are not a size of the graph, and boxes that are not on one scale."""
    sizes = {size_text(row.layer.output_shape) for row in of.rows}
    deep: list[float] = []
    tall: list[float] = []
    for group in found:
        match = TOLD.match(group.title)
        if not match or not match["size"]:
            continue
        size = match["size"]
        if size not in sizes or size not in " ".join([box.text for box in group.texts]):
            yield f"{group.title} is labelled {[box.text for box in group.texts]}"
        *sides, channels = [int(side) for side in size.split(f" {TIMES} ")]
        last = group.boxes[-1]
        if math.prod(sides) == 1:
            deep.append(last.high / math.sqrt(channels))
            continue
        joined = group.title.partition(": output")[0].endswith(", concat")
        thick = math.sqrt(sum(box.thick**2 for box in group.boxes)) if joined else last.thick
        deep.append(thick / math.sqrt(channels))
        tall.append(last.high / math.sqrt(sides[-2] if len(sides) > 1 else math.sqrt(sides[0])))
    for scale, what, least in ((deep, "channels", 0.06), (tall, "heights", 0.02)):
        if scale and max(scale) - min(scale) > least * max(scale):
            yield f"{what} on scales from {min(scale)} to {max(scale)}"


def flaws(name: str) -> list[str]:
    of = structure(name)
    root = ET.fromstring(draw(of))  # noqa: S314
    found = groups(root)
    skips = sum(group.title.startswith("skip from") for group in found)
    wrong = [*flaws_of_text(root), *flaws_of_counts(found, of), *flaws_of_sizes(found, of)]
    if skips != (4 if name.startswith("unet") else 0):
        wrong.append(f"{skips} skips of an encoder-decoder")
    return [f"{name}: {each}" for each in wrong]


def test_every_network_has_legible_labels_true_sizes_one_scale_and_each_layer_in_one_box() -> None:
    assert [flaw for name in names() for flaw in flaws(name)] == []


def crosses(box: TextBox, polygon: Sequence[tuple[float, float]]) -> bool:
    """Return True if a rectangle and a convex polygon share more than an edge, by the axes that could part them."""
    corners = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
    edges = zip(polygon, [*polygon[1:], polygon[0]], strict=True)
    normals = [(1.0, 0.0), (0.0, 1.0), *[(b[1] - a[1], a[0] - b[0]) for a, b in edges if a != b]]
    for x, y in normals:
        one, other = [[p * x + q * y for p, q in each] for each in (corners, polygon)]
        if min(max(one) - min(other), max(other) - min(one)) < 0.05 * math.hypot(x, y):
            return False
    return True


def of_name(name: str) -> Structure:
    return structure(Network.from_layers(GROWING) if name == "growing" else name)


@pytest.mark.parametrize("name", [*SAMPLE, "growing"])
def test_no_label_lies_on_a_box(name: str) -> None:
    found = groups(ET.fromstring(draw(of_name(name))))  # noqa: S314
    boxes = [polygon for group in found for polygon in group.polygons]
    hit = [box.text for group in found for box in group.texts if any(crosses(box, polygon) for polygon in boxes)]
    assert hit == []


def arrows(root: ET.Element) -> list[float]:
    """The lengths of the lines that end in an arrowhead, to its tip."""
    shapes = [(each.tag, points(each)) for each in root.iter() if each.tag in {f"{SVG}polyline", f"{SVG}polygon"}]
    lines = [
        [*line[:-1], head[0]]
        for (tag, line), (_, head) in pairwise(shapes)
        if tag == f"{SVG}polyline" and len(head) == 3
    ]
    return [sum(math.dist(a, b) for a, b in pairwise(line)) for line in lines]


@pytest.mark.parametrize("name", [*SAMPLE, "growing"])
def test_an_arrow_that_can_be_seen_leads_from_each_cell_to_the_next(name: str) -> None:
    of = of_name(name)
    path = main_path(of)
    long = arrows(ET.fromstring(draw(of)))  # noqa: S314
    if path.skips:  # an up-convolution and the copy beside it are one cell; the skips have arrows too
        assert len(long) == len(cells(path.lines[0].parts)) - 1
    else:
        assert len(long) == sum(len(cells(line.parts)) - 1 for line in path.lines)
    assert min(long) > 6


@pytest.mark.parametrize("name", SAMPLE)
def test_a_picture_is_the_same_each_time_without_ids_and_with_one_title_for_each_element(name: str) -> None:
    svg = draw(structure(name))
    assert svg == draw(structure(name))
    root = ET.fromstring(svg)  # noqa: S314
    assert root.get("role") == "img"
    assert len(root.findall(f"{SVG}desc")) == 1
    assert all(len(each.findall(f"{SVG}title")) == (each.tag in {f"{SVG}svg", f"{SVG}g"}) for each in root.iter())
    assert not any(each.get("id") for each in root.iter())


def plain(text: str) -> str:
    return text.replace(f" {TIMES} ", "x").replace(f" {TIMES}\u00a0", " x").replace(TIMES, "x").replace("\u2013", "-")


def told(of: NetworkLike) -> list[tuple[str, ...]]:
    """Name, words and size of each cell of the main path."""
    main = cells(main_path(structure(of)).lines[0].parts)
    return [tuple(map(plain, (cell.name, *cell.says, size_text(cell.shape)))) for cell in main]


def test_vgg16_is_drawn_as_in_lectures() -> None:
    """Five groups of adjoining convolutions of Table 1, column D, of Simonyan & Zisserman, arXiv:1409.1556."""
    convs = [each for each in told("vgg16") if each[1].startswith("conv")]
    assert convs == [
        ("conv1_1-2", "conv x2", "3x3", "224x224x64"),
        ("conv2_1-2", "conv x2", "3x3", "112x112x128"),
        ("conv3_1-3", "conv x3", "3x3", "56x56x256"),
        ("conv4_1-3", "conv x3", "3x3", "28x28x512"),
        ("conv5_1-3", "conv x3", "3x3", "14x14x512"),
    ]
    assert [each[0] for each in told("vgg16")][-3:] == ["fc6", "fc7", "fc8"]


def test_blocks_are_one_box_each_with_their_number_and_contents() -> None:
    stages = [each for each in told("resnet50") if each[1].startswith("block")]
    assert [each[:3] for each in stages] == [
        ("layer1", "block x3", "1x1, 3x3, 1x1"),
        ("layer2", "block x4", "1x1, 3x3, 1x1"),
        ("layer3", "block x6", "1x1, 3x3, 1x1"),
        ("layer4", "block x3", "1x1, 3x3, 1x1"),
    ]
    assert sum(each[1:3] == ("block", "4 branches") for each in told("googlenet")) == 9
    assert [each[1] for each in told("swin_t") if "attention" in each[1]] == [
        f"attention x{number}" for number in (2, 2, 6, 2)
    ]
    assert ("stage4", "block x7", "1x1, dw 5x5, 1x1, SE", "75x75x80") in told("efficientnet_b7")


def test_cells_without_a_cut_between_them_are_told_by_their_labels() -> None:
    """Each cell of NASNet takes the outputs of two cells before it."""
    assert [each[0] for each in told("nasnet_a_mobile")] == [
        "input", "stem.conv", "stem.cell1", "stem.cell2", "stage1", "stage2.reduction", "stage2.cell1-4",
        "stage3.reduction", "stage3.cell1-4", "avgpool", "fc",
    ]  # fmt: skip


def renamed(of: Structure) -> Structure:
    """The network with labels that tell nothing."""
    new = {row.layer.row: f"r{i}" for i, row in enumerate(of.rows)}
    rows = [
        row._replace(
            layer=row.layer._replace(name=new[row.layer.row], row=new[row.layer.row]),
            inputs=tuple(new[source] for source in row.inputs),
        )
        for row in of.rows
    ]
    return of._replace(architecture="net", rows=tuple(rows))


@pytest.mark.parametrize(
    ("of", "number"), [("unet", 4), ("unet_same", 4), ("resnet50", 0), ("seresnet50", 0), ("nasnet_a_mobile", 0)]
)
def test_an_encoder_decoder_is_found_from_sizes_and_connections_not_from_names(of: str, number: int) -> None:
    path = main_path(renamed(structure(of)))
    assert len(path.skips) == number
    inside = [(int(skip.source[1:]), int(skip.target[1:])) for skip in path.skips]
    assert all(a[0] < b[0] < b[1] < a[1] for a, b in pairwise(inside))


def test_ones_own_encoder_decoder_is_a_u() -> None:
    network = Network.from_layers(HOURGLASS)
    assert [(skip.source, skip.target) for skip in main_path(structure(network)).skips] == [
        ("first", "ends"),
        ("inner", "both"),
    ]
    root = ET.fromstring(draw(structure(network)))  # noqa: S314
    at = {box.text: box for box in map(text_box, root.iter(f"{SVG}text"))}
    assert at["first"].left < at["inner"].left < at["up"].left < at["out"].left
    assert at["first"].top == at["ends"].top < at["inner"].top == at["both"].top < at["least.conv"].top
    assert [*flaws_of_text(root), *flaws_of_counts(groups(root), structure(network))] == []


def test_several_inputs_and_outputs_are_lines_of_their_own() -> None:
    network = structure(Network.from_layers(TWO))
    path = main_path(network)
    assert [[part.name for part in line.parts] for line in path.lines] == [
        ["mask", "b", "c", "cat", "d", "gap", "kind"],
        ["image", "a"],
        ["place"],
    ]
    assert [line.where for line in path.lines] == ["", "to cat", "from gap"]
    root = ET.fromstring(draw(network))  # noqa: S314
    assert {"to cat", "from gap", "image", "mask"} <= {each.text for each in root.iter(f"{SVG}text")}
    assert [*flaws_of_text(root), *flaws_of_counts(groups(root), network)] == []


def test_a_shortcut_around_everything_does_not_hide_what_it_passes_by() -> None:
    """Eighteen convolutions and the sum with the input, and residual blocks with a sum around them all."""
    deep = [f"c{i}: conv {64 if i < 18 else 3} 3x3 p1, relu" for i in range(1, 19)]
    network = Network.from_layers(listed("3x41x41", [*deep, "sum: add < c18, input"]))
    assert [each[0] for each in told(network)] == ["input", "c1-17", "c18", "sum"]
    assert "pass by a box are not drawn." in draw(structure(network))
    lines = ["h: conv 8 3x3 p1"]
    for i in range(6):
        before = f"s{i - 1}" if i else "h"
        lines += [f"a{i}: conv 8 3x3 p1, relu < {before}", f"b{i}: conv 8 3x3 p1", f"s{i}: add < b{i}, {before}"]
    network = Network.from_layers(listed("3x8x8", [*lines, "sum: add < s5, h"]))
    assert [each[:2] for each in told(network)[2:]] == [("a0 to s5", "block x6"), ("sum", "add")]


def listed(size: str, lines: Sequence[str]) -> str:
    """A layer list in TOML."""
    return f'input = "{size}"\nlayers = """\n' + "\n".join(lines) + '\n"""\n'


def test_what_a_reader_names_is_never_markup() -> None:
    of = structure("lenet5")
    layer = of.rows[1].layer._replace(row='<g a="&">\x00\n')
    rows = (of.rows[0], of.rows[1]._replace(layer=layer), of.rows[2]._replace(inputs=(layer.row,)), *of.rows[3:])
    svg = draw(of._replace(architecture='a<b>&"', rows=rows), title='<"&\x07')
    root = ET.fromstring(svg)  # noqa: S314
    assert any('<g a="&">' in group.title for group in groups(root))
    assert (root.findtext(f"{SVG}title") or "").startswith('<"& , input')


def test_the_table_of_widths_is_the_typefaces() -> None:
    letters = [*map(chr, range(32, 127)), *"\u00d7\u2013\u2026\u00b7\u2192\u2212\u2264\u2265"]
    for bold in (False, True):
        assert {x: text_width(x, 1000, bold) for x in letters} == {
            x: pytest.approx(style.text_width(x, 1000, bold), abs=0.6) for x in letters
        }


@pytest.mark.parametrize("bad", ["wide", 0])
def test_a_size_that_is_no_number_is_an_error_that_names_the_row(bad: object) -> None:
    of = structure("lenet5")
    first = of.rows[1]._replace(layer=of.rows[1].layer._replace(output_shape=(6, 28, bad)))
    with pytest.raises(ArchcalcError, match=f"whole numbers; C1 has 28 {TIMES} {bad} {TIMES} 6"):
        draw(of._replace(rows=(of.rows[0], first, *of.rows[2:])))
