"""The data of the catalogue's page are archcalc's own answers, and every network has a row with numbers."""

import json
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from archcalc.analysis.table import analyze
from archcalc.conventions.catalogue import all_conventions
from archcalc.conventions.counting import count
from archcalc.evidence.accuracy import SINGLE, all_points, in_catalogue, recipes
from archcalc.present.tables import human
from archcalc.request import names
from archcalc.site.accuracies import HIGHEST, accuracies
from archcalc.site.build import build_site
from archcalc.site.bundles import bundles, node
from archcalc.site.catalogue_page import COLUMNS, catalogue_files, catalogue_row

FEW = ("lenet5", "vgg16", "resnet50", "unet", "googlenet", "swin_t", "nin_cifar", "regnetx_200mf")


@pytest.fixture(scope="module")
def files() -> dict[str, Any]:
    """The files of the page for a few networks, as a browser reads them."""
    return json.loads(json.dumps(catalogue_files([catalogue_row(name) for name in FEW])))


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    """The accuracies of the page for all networks."""
    return accuracies(list(names()))


def test_every_network_has_a_row(files: dict[str, Any]) -> None:
    """Rows stand in the order of the names, and counts in the order of rows."""
    assert tuple(row[0] for row in files["data/catalogue.json"]["networks"]) == FEW
    assert {len(data["totals"]) for place, data in files.items() if place.startswith("data/counts/")} == {len(FEW)}


def test_totals_are_those_of_the_cost_table(files: dict[str, Any]) -> None:
    """Each number of a row is the total that `archcalc table` prints for the network's own input."""
    for row in files["data/catalogue.json"]["networks"]:
        of = dict(zip(COLUMNS, row, strict=False))
        totals = analyze(of["name"]).totals
        for key in COLUMNS[5:]:
            assert int(of[key]) == totals[key], (of["name"], key)


def test_counts_are_those_of_each_convention(files: dict[str, Any]) -> None:
    """Each convention has a file with the total that `archcalc count` answers, for each network."""
    assert [each[0] for each in files["data/catalogue.json"]["conventions"]] == [e.name for e in all_conventions()]
    for name in ("resnet50", "swin_t"):
        for each in all_conventions():
            found = files[f"data/counts/{each.name}.json"]
            assert int(found["totals"][FEW.index(name)]) == count(name, each.name).total, (name, each.name)
            assert found["unit"] == each.unit


def test_a_convention_tells_what_it_leaves_out(files: dict[str, Any]) -> None:
    """The sentence below the catalogue names an op that a convention gives nothing."""
    assert "relu" in files["data/counts/fvcore.json"]["left_out"]
    assert files["data/counts/mult_adds.json"]["left_out"] == ""


def test_each_accuracy_is_a_printed_one_of_its_recipe_and_source(published: dict[str, Any]) -> None:
    """Every accuracy of every choice is in the data, of one image, with its recipe, source, network and data set."""
    everyone = list(names())
    printed: dict[Any, list[Any]] = {}
    for point in all_points():
        network = in_catalogue(point.architecture)
        if network is not None and point.evaluation in SINGLE:
            key = (network.name, point.dataset, point.recipe, point.source, point.top1, point.top5)
            printed.setdefault(key, []).append(point)
    number = 0
    for dataset, of_recipe in published["points"].items():
        for choice, lines in of_recipe.items():
            assert len({line[0] for line in lines}) == len(lines), (dataset, choice)
            for place, top1, top5, size, recipe, source, *notes in lines:
                name, _, training = published["recipes"][recipe]
                points = printed[everyone[place], dataset, name, published["sources"][source], top1, top5]
                assert training == recipes()[name].training
                assert choice in (HIGHEST, name)
                assert any(size in (0, point.size) for point in points)
                extra = [point.extra_data for point in points]
                assert any(bool(each) == ("also trained on" in " ".join(notes)) for each in extra)
                assert choice != HIGHEST or "" in extra
                number += 1
    assert number > 900


def test_the_highest_is_not_beaten_at_the_networks_own_input(published: dict[str, Any]) -> None:
    """No recipe without further data beats the highest of a network at its own input."""
    everyone = list(names())
    for dataset, of_recipe in published["points"].items():
        highest = {line[0]: line for line in of_recipe[HIGHEST]}
        for lines in of_recipe.values():
            for place, top1, _, size, _, _, *notes in lines:
                if "also trained on" in " ".join(notes) or size:
                    continue
                assert highest[place][3] == 0
                assert highest[place][1] >= top1, (dataset, everyone[place])


def test_a_network_without_an_accuracy_has_none(files: dict[str, Any]) -> None:
    """U-Net is no classifier of ImageNet: no choice has a line of it, with 0 or otherwise."""
    place = FEW.index("unet")
    first = files["data/catalogue.json"]["accuracy"]["points"]
    every = [of for of_recipe in files["data/accuracies.json"]["points"].values() for of in of_recipe.values()]
    for lines in [first, *every]:
        assert all(line[0] != place and line[1] > 0 for line in lines)


class Rows(HTMLParser):
    """The cells of each row of a page's table, by the network's name."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[str]] = {}
        self.cells: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a row or a cell."""
        if tag == "tr":
            name = dict(attrs).get("data-row")
            self.cells = None if name is None else self.rows.setdefault(name, [])
        elif tag in ("th", "td") and self.cells is not None:
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        """Add to the cell."""
        if self.cells:
            self.cells[-1] += data


def test_the_written_page_has_numbers(tmp_path: Path) -> None:
    """Without any script the page shows the networks with their numbers."""
    if shutil.which("node") is None:
        pytest.skip("Node makes the pages")
    chosen = [*names()][5::60]
    build_site(tmp_path, networks=chosen, jobs=1)
    rows = Rows()
    rows.feed((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert list(rows.rows) == chosen
    for name, cells in rows.rows.items():
        totals = analyze(name).totals
        assert cells[5:7] == [human(totals["params"]), human(totals["mult_adds"])], name


def test_the_code_of_the_page() -> None:
    """The page's own tests of searching, filtering, sorting, addresses and copying pass in Node."""
    if shutil.which("node") is None:
        pytest.skip("Node runs the page's code")
    node("test.mjs", "catalogue", folder=bundles())
