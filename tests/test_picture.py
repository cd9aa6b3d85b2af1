"""Pictures: what is drawn, what is drawn once, and what happens where a picture cannot be made."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import sys
import xml.etree.ElementTree as ET
from graphlib import TopologicalSorter
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from patience import HANGS

from archcalc.analysis.structure import Structure, structure
from archcalc.base.errors import ArchcalcError
from archcalc.cli import cli
from archcalc.pictures import folding, graph_view, graphviz
from archcalc.pictures.tree import tree
from archcalc.request import names

STRING = r'"((?:[^"\\]|\\.)*)"'
GROUPS = (
    "lenet5",
    "googlenet",
    "resnet152",
    "densenet264",
    "swin_s",
    "nasnet_a_mobile",
    "unet",
    "multi_resnet_26_k2_w10",
)


def nodes(dot: str) -> list[str]:
    return re.findall(rf"^ *{STRING} \[label=", dot, flags=re.MULTILINE)


def edges(dot: str) -> list[tuple[str, str]]:
    return re.findall(
        rf"^  {STRING} -> {STRING}(?: \[(?:label={STRING})?(?:, )?(?:weight=6)?\])?;$", dot, flags=re.MULTILINE
    )


def clusters(dot: str) -> list[str]:
    return re.findall(rf"subgraph {STRING}", dot)


def labels(dot: str) -> list[str]:
    return re.findall(rf"label={STRING}", dot)


def drawn(name: str, depth: int | None = None) -> str:
    return graph_view.draw(structure(name), depth)


def check_well_formed(dot: str) -> None:
    """Ids are unique, edges join nodes that exist, each once, and braces and quotes balance."""
    bare = re.sub(STRING, "", dot)
    assert '"' not in bare
    assert bare.count("{") == bare.count("}")
    assert bare.count("[") == bare.count("]")
    found, joined = nodes(dot), [edge[:2] for edge in edges(dot)]
    assert len(found) == len(set(found)) > 0
    assert len(clusters(dot)) == len(set(clusters(dot)))
    assert dot.count(" -> ") == len(joined) == len(set(joined))
    assert {end for edge in joined for end in edge} == set(found)
    assert all(begin != end for begin, end in joined)


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 9, None])
@pytest.mark.parametrize("name", GROUPS)
def test_a_picture_is_well_formed_at_every_depth_and_the_same_each_time(name: str, depth: int | None) -> None:
    dot = drawn(name, depth)
    check_well_formed(dot)
    assert dot == drawn(name, depth)


def test_every_network_is_drawn_well_formed_small_enough_to_read_and_without_cycles() -> None:
    """At every depth each row is in one box, and boxes can be put in order; networks joined alike are tried once."""
    seen: set[tuple[object, ...]] = set()
    for name in names():
        given = structure(name)
        dot = graph_view.draw(given)
        check_well_formed(dot)
        assert len(nodes(dot)) <= folding.MOST_NODES
        joined = tuple([(row.layer.row, row.layer.op, row.inputs) for row in given.rows])
        if joined not in seen:
            seen.add(joined)
            check_foldings(given)
    assert len(seen) > 150


def check_foldings(given: Structure) -> None:
    root = tree(given.rows)
    for depth in (1, 2, 3, 4):
        found = folding._acyclic(root, given.rows, depth)
        before: dict[str, set[str]] = {node: set() for node in found.shapes}
        for edge in found.edges:
            before[edge.end].add(edge.begin)
        assert len(list(TopologicalSorter(before).static_order())) == len(found.shapes), (given.architecture, depth)
        rows = [row.layer.row for each in found.members().values() for row in each]
        assert sorted(rows) == sorted(found.places) == sorted(row.layer.row for row in given.rows)
        if not found.closed:
            break


@pytest.mark.parametrize("quantity", ["mult_adds", "params", "activations"])
@pytest.mark.parametrize("name", ["resnet50", "densenet121", "multi_resnet_26_k2_w10", "nasnet_a_mobile"])
def test_the_costs_of_all_boxes_add_up_to_the_networks(name: str, quantity: str) -> None:
    given = structure(name)
    for depth in (1, 2, 3):
        view = graph_view.GraphView.of(given, depth, costs=quantity)
        assert sum(view.amounts.values()) == sum(getattr(row.layer, quantity) for row in given.rows)
        assert max(words.share for words in view.words.values()) == 1


@pytest.mark.parametrize("name", GROUPS)
def test_the_full_depth_draws_every_row_and_every_join(name: str) -> None:
    rows = structure(name).rows
    dot = drawn(name, 0)
    assert sorted(nodes(dot)) == sorted(row.layer.row for row in rows)
    assert {edge[:2] for edge in edges(dot)} == {(source, row.layer.row) for row in rows for source in row.inputs}
    assert "(\u00d7 " not in dot


def test_a_row_shows_its_label_its_operation_and_its_size() -> None:
    dot = drawn("lenet5", 0)
    assert nodes(dot) == ["input", "C1", "S2", "C3", "S4", "C5", "F6", "output"]
    assert "C1\\nconv 5\u00d75\\n6\u00d728\u00d728 \u00b7 117.6 K" in labels(dot)
    assert "C1\\nconv 5\u00d75\\n6\u00d728\u00d728" in labels(graph_view.draw(structure("lenet5"), 0, costs="none"))


def test_googlenet_has_nine_inception_modules_of_four_branches() -> None:
    dot = drawn("googlenet")
    assert len(clusters(dot)) == 9
    ends = [edge[:2] for edge in edges(dot)]
    for cluster in clusters(dot):
        module = cluster.removeprefix("cluster_")
        assert sum(end == f"{module}.concat" for _, end in ends) == 4
        assert sum(end.startswith(f"{module}.") and not begin.startswith(f"{module}.") for begin, end in ends) == 4


def test_depth_1_draws_the_stages() -> None:
    dot = drawn("resnet50", 1)
    assert nodes(dot) == ["input", "conv1", "maxpool", *[f"layer{i}.*" for i in (1, 2, 3, 4)], "avgpool", "fc"]
    assert clusters(dot) == []
    assert "layer1\\n10 conv, 3 add\\n256\u00d756\u00d756 \u00b7 667.9 M" in labels(dot)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("resnet152", [2, 7, 35, 2]),
        ("resnet1202_cifar", [200, 199, 199]),
        ("densenet121", [6, 12, 24, 16]),
        ("densenet264", [6, 12, 64, 48]),
    ],
)
@pytest.mark.parametrize("depth", [2, 3])
def test_blocks_that_do_the_same_are_drawn_once_with_their_number(name: str, counts: list[int], depth: int) -> None:
    dot = drawn(name, depth)
    found = [int(count) for label in labels(dot) for count in re.findall("\\(\u00d7 (\\d+)\\)", label)]
    assert found == counts


def test_sizes_that_grow_over_the_copies_are_shown_from_first_to_last() -> None:
    dot = drawn("densenet121", 3)
    assert "concat\\n96\u00d756\u00d756 to 256\u00d756\u00d756" in labels(dot)
    folded = "denselayer1 to 6 (\u00d7 6)\\n2 conv, concat\\n96\u00d756\u00d756 to 256\u00d756\u00d756 \u00b7 1.040 G"
    assert folded in labels(drawn("densenet121", 2))


def test_blocks_that_take_turns_are_drawn_as_one_pair() -> None:
    dot = drawn("swin_s", 2)
    assert "\u00d7 9" in labels(dot)
    assert [node for node in nodes(dot) if node.startswith("stage3")] == ["stage3.merging", "stage3.0.*", "stage3.1.*"]


def test_copies_beside_each_other_are_told_from_copies_after_each_other() -> None:
    assert "function1, function2 (\u00d7 2 in parallel)" in labels(drawn("multi_resnet_26_k2_w10", 4))


def test_an_output_of_a_copy_before_the_last_is_named() -> None:
    """NASNet's cells take the outputs of the last two cells; only one of those is the drawn copy's own."""
    found = edges(drawn("nasnet_a_mobile", 3))
    assert ("stage1.cell2.concat", "stage2.reduction.prev_1x1", "stage1.cell3.concat") in found
    assert ("stage1.cell1.concat", "stage1.cell2.prev_1x1", "") not in found


def test_an_edge_that_skips_a_stage_says_what_it_carries() -> None:
    assert ("down1.conv2", "up1.crop", "64\u00d7568\u00d7568") in edges(drawn("unet"))


def test_the_dot_text_depends_on_input_and_hyperparameters() -> None:
    dot = graph_view.draw(structure("resnet18", input=(3, 64, 64), classes=7))
    title = next(label for label in labels(dot) if "input 3" in label)
    assert title.startswith("resnet18, classes=7, input 3\u00d764\u00d764\\nred: convolution")
    assert any(label.endswith("\\n7 \u00b7 3.584 K") for label in labels(dot))


HOSTILE = 'a"b\\c\nd&lt;<B>{e}|[f];\\N é'


def hostile() -> Structure:
    """LeNet-5 with labels that DOT would read as something else."""
    given = structure("lenet5")
    taken: dict[str, str] = {}
    rows = []
    for row in given.rows:
        taken[row.layer.row] = f"{HOSTILE}{row.layer.row}\\"
        layer = row.layer._replace(name=taken[row.layer.row], row=taken[row.layer.row])
        rows.append(row._replace(layer=layer, inputs=tuple(taken[source] for source in row.inputs)))
    return given._replace(architecture=HOSTILE, rows=tuple(rows))


def test_no_label_is_read_as_dot() -> None:
    dot = graph_view.draw(hostile())
    check_well_formed(dot)
    assert graph_view.text('a"b\\N', "c&lt;\n d") == r'"a\"b\\N\nc&amp;lt; d"'
    assert graph_view.quoted("a\\") == r'"a\\"'


needs_graphviz = pytest.mark.skipif(
    graphviz.renderer() is None, reason="neither the program dot nor pygraphviz is installed"
)


@needs_graphviz
def test_an_svg_shows_every_label_as_it_is() -> None:
    root = ET.fromstring(graphviz.to_svg(graph_view.draw(hostile())))  # noqa: S314
    shown = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    for row in hostile().rows:
        assert " ".join(row.layer.row.split()) in {(label or "").replace("\xa0", " ") for label in shown}


@needs_graphviz
@pytest.mark.parametrize("name", GROUPS)
def test_graphviz_draws_every_node_and_edge(name: str) -> None:
    dot = drawn(name)
    root = ET.fromstring(graphviz.to_svg(dot))  # noqa: S314
    kinds = [element.get("class") for element in root.iter("{http://www.w3.org/2000/svg}g")]
    assert kinds.count("node") == len(nodes(dot))
    assert kinds.count("edge") == len(edges(dot))
    assert kinds.count("cluster") == len(clusters(dot))


@pytest.mark.skipif(find_spec("pygraphviz") is None, reason="pygraphviz is not installed")
def test_pygraphviz_stands_in_for_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert graphviz.renderer() == [sys.executable, "-c", graphviz.PYGRAPHVIZ, "svg"]
    assert "<title>C1</title>" in graphviz.to_svg(drawn("lenet5"))


def without_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(graphviz, "installed", lambda _: False)


def test_without_graphviz_svg_is_an_error_that_says_what_to_install_and_dot_works(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_graphviz(monkeypatch)
    for args in (["-o", str(tmp_path / "a.svg")], ["--format", "svg"]):
        result = CliRunner().invoke(cli, ["graph", "lenet5", *args], standalone_mode=False)
        assert isinstance(result.exception, ArchcalcError)
        assert "pip install 'archcalc[picture]'" in str(result.exception)
        assert "\n" not in str(result.exception)
    assert list(tmp_path.iterdir()) == []
    assert CliRunner().invoke(cli, ["graph", "lenet5"], standalone_mode=False).stdout == drawn("lenet5")


def test_a_graphviz_that_fails_is_an_error_with_its_last_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/dot")
    failed = SimpleNamespace(returncode=1, stdout=b"<svg", stderr=b"warning\nError: no memory\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    result = CliRunner().invoke(cli, ["graph", "lenet5", "-o", str(tmp_path / "a.svg")], standalone_mode=False)
    assert isinstance(result.exception, ArchcalcError)
    assert "exit code 1: Error: no memory" in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_whole_in_the_format_of_its_suffix(tmp_path: Path) -> None:
    for suffix in ("dot", "gv"):
        path = tmp_path / f"a.{suffix}"
        path.write_text("before")
        result = CliRunner().invoke(cli, ["graph", "lenet5", "-o", str(path)], standalone_mode=False)
        assert result.exception is None
        assert result.stdout == ""
        assert path.read_text(encoding="utf-8") == drawn("lenet5")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.dot", "a.gv"]


def test_a_picture_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.dot"
    path.write_text("before")
    result = CliRunner().invoke(cli, ["graph", "vgg16", "--size", "3", "-o", str(path)], standalone_mode=False)
    assert isinstance(result.exception, ArchcalcError)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_gets_the_usual_permissions_and_a_link_stays_one(tmp_path: Path) -> None:
    plain, link = tmp_path / "plain", tmp_path / "link.dot"
    plain.touch()
    link.symlink_to(tmp_path / "target.dot")
    CliRunner().invoke(cli, ["graph", "lenet5", "-o", str(link)], standalone_mode=False)
    assert link.is_symlink()
    assert (tmp_path / "target.dot").read_text(encoding="utf-8") == drawn("lenet5")
    assert stat.S_IMODE(link.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


BAD = [
    (["resnet51"], "nearest: resnet50"),
    (["vgg16", "-o", "picture.gif"], "picture.gif: a picture is a .dot, .svg, .pdf or .png file"),
    (["vgg16", "--view", "block", "-o", "a.dot"], "the block view is svg, pdf or png; dot is for the graph view"),
    (["vgg16", "--view", "block", "--format", "svg"], "vgg16 has no blocks of two or more convolutions"),
    (["resnet18", "--view", "block", "--block", "layer9.0", "--format", "svg"], "its blocks are layer1.0, layer1.1"),
    (
        ["resnet18", "--view", "block", "--depth", "2", "--format", "svg"],
        "--depth is for the graph view, not for block",
    ),
    (["resnet18", "--block", "layer1.0"], "--block is for the block view, not for graph"),
    (["resnet18", "--costs", "joules"], "'joules'"),
    (["vgg16", "-o", "/nonexistent/a.dot"], "/nonexistent/a.dot cannot be written: No such file"),
    (["nosuch", "-o", "/nonexistent/a.dot"], "cannot be written"),
    (["vgg16", "-o", "", "--format", "dot"], "name of the file to write is empty"),
    (["vgg16", "--depth", "0"], "--depth is a whole number from 1, or full, not '0'"),
    (["vgg16", "--depth", "deep"], "not 'deep'"),
    (["vgg16", "--depth", "²"], "--depth"),
    (["vgg16", "--set", "depth=15"], "one of 11, 13, 16, 19"),
    (["vgg16", "--set", "name=2"], "vgg16 has no hyperparameter 'name'; it has depth"),
    (["vgg16", "--format", "gif"], "'gif'"),
    (["vgg16", "--batch", "2"], "--batch"),
]


@pytest.mark.parametrize(("args", "message"), BAD, ids=[" ".join(args) for args, _ in BAD])
def test_bad_input_is_one_line_on_stderr_and_exit_code_2(args: list[str], message: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "archcalc", "graph", *args],
        capture_output=True, text=True, check=False, timeout=HANGS, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == []
