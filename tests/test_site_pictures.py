"""The pictures of a network's page: their boxes are rows of its table, folded in the browser as in Python."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from gradients import built, seen_without_end, stated

from archcalc.analysis.parts import beginning
from archcalc.analysis.receptive_field import fields
from archcalc.analysis.structure import structure
from archcalc.analysis.table import analyze
from archcalc.graph import Value, chain
from archcalc.ops.conv import Conv, ConvTranspose
from archcalc.ops.pool import MaxPool
from archcalc.pictures.folding import PictureNode, folded
from archcalc.request import Request
from archcalc.site.bundles import bundles
from archcalc.site.network_page import network_page
from archcalc.site.pictures import picture, volume

NETWORKS = (
    "lenet5",
    "googlenet",
    "resnet18",
    "densenet121",
    "unet",
    "swin_t",
    "nasnet_a_mobile",
    "fractalnet_20_cifar",
    "inception_v4",
    "seresnet50",
)


@cache
def page_of(name: str) -> dict[str, Any]:
    return network_page(name)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_box_of_both_pictures_is_in_the_table_of_the_page(name: str) -> None:
    layers = [row["name"] for row in page_of(name)["levels"]["layer"]]
    made = picture(name)
    assert [row[0] for row in made["rows"]] == layers
    assert all(place < number for number, row in enumerate(made["rows"]) for place in row[3])
    assert {row[1] for row in made["rows"]} <= set(made["key"])
    marked = [unquote(each) for rows in re.findall('data-rows="([^"]*)"', volume(name)) for each in rows.split(" ")]
    assert marked
    assert set(marked) <= set(layers)
    assert {row.layer.row for row in structure(name).rows if row.layer.params} <= set(marked)


def test_the_slabs_of_a_picture_stand_for_each_row_once() -> None:
    """VGG-16 is one line of boxes: all its rows are marked, each in one box."""
    marked = re.findall('data-rows="([^"]*)"', volume("vgg16"))
    assert sorted(" ".join(marked).split()) == sorted(row[0] for row in picture("vgg16")["rows"])


@pytest.fixture(scope="module")
def in_node(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Calls functions of the pages' scripts in Node: see `site_pictures.ts`."""
    made = bundles()
    script = tmp_path_factory.mktemp("node") / "pictures.mjs"
    command = [str(made / "node_modules/.bin/esbuild"), "--bundle", "--format=esm", "--platform=node", "--loader=ts"]
    source = Path(__file__).with_name("site_pictures.ts").read_bytes()
    subprocess.run([*command, f"--outfile={script}", "--log-level=warning"], cwd=made, input=source, check=True)

    def call(*asked: Any) -> Any:
        command = [shutil.which("node") or "node", str(script)]
        done = subprocess.run(command, input=json.dumps(asked).encode(), capture_output=True, check=True)
        return json.loads(done.stdout)

    return call


def test_the_browser_folds_a_network_as_python_does(in_node: Any) -> None:
    """At every depth of the sample: the same boxes with the same rows, and the same arrows."""
    asked: list[Any] = []
    expected: list[Any] = []
    for name in NETWORKS:
        rows_of, made = structure(name), picture(name)
        for depth in (1, 2, 3):
            one = folded(rows_of, depth)
            asked.append(["fold", made, list(_opened(one.items))])
            rows = {node: sorted([row.layer.row for row in members]) for node, members in one.members().items()}
            expected.append([rows, sorted([edge.begin, edge.end] for edge in one.edges)])
    found = [[rows, sorted(edges)] for rows, edges in in_node(*asked)]
    assert found == expected


@pytest.mark.parametrize("ratio", [0.8, 2.4])
def test_no_box_is_on_another_and_arrows_lead_from_box_to_box_around_the_others(ratio: float, in_node: Any) -> None:
    made = [picture(name) for name in NETWORKS]
    answers = in_node(*[["place", each, each["open"], ratio] for each in made])
    for name, (boxes, frames, inside, arrows) in zip(NETWORKS, answers, strict=True):
        places = list(boxes.items())
        for number, (one, place) in enumerate(places):
            assert not [other for other, there in places[:number] if _meet(place, there)], (name, one)
        for frame, members in inside.items():
            left, top, wide, high = frames[frame]
            for box, (x, y, width, height) in places:
                within = left <= x and top <= y and x + width <= left + wide and y + height <= top + high
                assert within == (box in members), (name, frame, box)
        for begin, end, points in arrows:
            assert _holds(boxes[begin], points[0]), (name, begin, end)
            assert _holds(boxes[end], points[-1]), (name, begin, end)
            for box, place in places:
                middles = [((a + c) / 2, (b + d) / 2) for (a, b), (c, d) in pairwise(points)]
                struck = [each for each in [*points[1:-1], *middles] if _holds(place, each, -3)]
                assert not struck or box in (begin, end), (name, begin, end, box)


def _meet(one: list[float], other: list[float]) -> bool:
    (x, y, wide, high), (left, top, width, height) = one, other
    return x < left + width and left < x + wide and y < top + height and top < y + high


def _holds(place: list[float], point: Sequence[float], margin: float = 1) -> bool:
    (left, top, wide, high), (x, y) = place, point
    return left - margin <= x <= left + wide + margin and top - margin <= y <= top + high + margin


def test_the_browser_knows_the_layers_of_every_row_at_every_level(in_node: Any) -> None:
    names = [*NETWORKS, "vgg16", "mobilenet_v1"]
    pages = [page_of(name) for name in names]
    levels = [[page, level] for page in pages for level in page["levels"]]
    answers = in_node(*[["layers", {"levels": _names(page)}, level] for page, level in levels])
    for (page, level), found in zip(levels, answers, strict=True):
        layers = [row["name"] for row in page["levels"]["layer"]]
        if level == "operation":
            expected = {node.row: node.row for node in Request.of(page["name"]).graph.nodes}
            owners = {row["name"]: found[row["name"]] for row in page["levels"][level]}
            layered = analyze(page["name"], detail=True).layers
            assert owners == {layer.name: [expected[layer.row]] for layer in layered}
            continue
        depth = {"stage": 1, "block": 2, "layer": 99}[level]
        groups: dict[str, list[str]] = {}
        for name in layers:
            groups.setdefault(name if depth == 99 else beginning(name, depth), []).append(name)
        # A row of one layer has the name of that.
        expected = {key if len(members) > 1 else members[0]: members for key, members in groups.items()}
        assert found == expected, (page["name"], level)


def _names(page: dict[str, Any]) -> dict[str, Any]:
    return {level: [{"name": row["name"]} for row in rows] for level, rows in page["levels"].items()}


FIELDS = ("lenet5", "vgg16", "googlenet", "resnet50", "unet", "unet_same", "efficientnet_b0", "seresnet50")


def test_the_fields_that_the_page_draws_are_those_of_the_analysis(in_node: Any) -> None:
    """Of all layers of some networks: first units, the middle one and the last."""
    for name, drawn in zip(FIELDS, in_node(*[["fields", page_of(name), {}, False] for name in FIELDS]), strict=True):
        graph = Request.of(name).graph
        sides = len(graph.nodes[0].shape)
        last = {node.row: (node, field) for node, field in zip(graph.nodes, fields(graph), strict=True)}
        assert set(drawn) == set(last)
        for row, found in drawn.items():
            node, field = last[row]
            assert (found is not None) == (field.local is not None and len(node.shape) == sides), (name, row)
            for track, units in zip(field.local or (), found or (), strict=found is not None):
                expected = stated(track, max(map(int, units)) + 1)
                assert {each: tuple(seen) if seen else None for each, seen in units.items()} == {
                    each: expected[int(each)] for each in units
                }, (name, row)


def test_the_field_that_the_page_draws_is_what_changes_the_unit(in_node: Any) -> None:
    """Against the definition, by gradient: strides, padding, dilation, branches and upsampling, at two sizes."""

    def strided(x: Value) -> Value:
        return chain(x, Conv(2, 5, stride=2, padding=2), MaxPool(3, stride=2), Conv(2, 3, padding=2, dilation=2))

    def upsampled(x: Value) -> Value:
        return chain(
            x, Conv(2, 3, stride=2, padding=1), ConvTranspose(2, 3, stride=2, padding=1), Conv(1, 3, padding=1)
        )

    def sparse(x: Value) -> Value:
        return chain(x, ConvTranspose(2, 2, stride=3), Conv(1, 2))

    for shape in ((1, 40), (1, 8, 12, 10)):  # a sequence and a volume
        (drawn,) = in_node(["fields", network_page(built(strided, shape)), {}, True])
        assert len(drawn["all"]) == len(shape) - 1
        for axis, units in enumerate(drawn["all"], 1):
            assert [tuple(each) for each in units.values()] == seen_without_end(strided, shape, axis)
    for build in (strided, upsampled, sparse):
        page = network_page(built(build, (1, 32, 32)))
        assert page["variables"].keys() >= {"H", "W"}
        for height, width in ((32, 32), (37, 29)):
            (drawn,) = in_node(["fields", page, {"H": height, "W": width}, True])
            for axis, units in enumerate(drawn["all"], 1):
                claimed = [tuple(each) if each else None for each in units.values()]
                assert claimed == seen_without_end(build, (1, height, width), axis), (build, axis)


def _opened(items: list[PictureNode]) -> Iterator[str]:
    for item in items:
        if item.block is None:
            if not item.id.endswith(" x"):
                yield item.id
            yield from _opened(item.items)
