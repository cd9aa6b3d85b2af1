"""What is kept under reports/ is what the code makes: data compared as data, figures and the sample by what they say.

No file is compared byte by byte: with another font, or another version of matplotlib or Typst, all of this holds, and a
number, a mark or a caption that changed is found. `archcalc report --all` makes everything anew.
"""

import csv
import math
import re
import xml.etree.ElementTree as ET
from collections import Counter
from itertools import zip_longest
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from archcalc.figures import regenerate as figures
from archcalc.pictures.pictures import render
from archcalc.reports import atlas, data
from archcalc.reports.blocks import Grid, plain
from archcalc.reports.regenerate import PICTURES, SAMPLE

REPORTS = Path(__file__).parent.parent / "reports"
SVG = "{http://www.w3.org/2000/svg}"
OWN_OF_MATPLOTLIB = re.compile(r"[\w.]+_\d+")
"""The names that matplotlib gives to what has none: patch_1, xtick_2."""
AS_FONTS_ALLOW = re.compile(r"(title|print|label)\d+")
"""Lines of a text that is broken to fit, and labels that stand where there is room."""
SAID_AS_FONTS_ALLOW = re.compile(
    r"Not labelled, for lack of room: .*?\.(?= |$)|\d+ points are not labelled, .*? names all\.|"
    r"Drawn by archcalc \S+\.|Labelled: .*"
)


def same(kept, made):
    """Whether two cells say the same; a fraction may differ in its last digits, where libraries round otherwise."""
    if kept == made or "." not in kept + made:
        return kept == made
    try:
        return math.isclose(float(kept), float(made), rel_tol=1e-12)
    except ValueError:
        return False


def rows(text):
    return list(csv.reader(text.splitlines()))


def differences(kept, made):
    """The lines of a table, given as CSV, that are not those of another."""
    pairs = zip_longest(rows(kept), rows(made), fillvalue=[])
    return [(a, b) for a, b in pairs if len(a) != len(b) or not all(map(same, a, b))]


def shape(svg):
    """What of a figure no font changes: width, title and small print, and how many marks have which name."""
    root = ET.fromstring(svg)  # noqa: S314  drawn here
    said = SAID_AS_FONTS_ALLOW.sub("", root.findtext(f"{SVG}desc"))
    names = [group.get("id") for group in root.iter(f"{SVG}g") if group.get("id")]
    marks = Counter(name for name in names if not OWN_OF_MATPLOTLIB.fullmatch(name) and not AS_FONTS_ALLOW.match(name))
    return round(float(root.get("width").removesuffix("pt"))), root.findtext(f"{SVG}title"), said.split(), marks


def test_cells_are_compared_as_numbers_and_figures_by_what_they_show():
    """The comparisons see what they are for."""
    assert differences("a,1.5\nb,2\n", "a,1.5000000000000002\nb,2\n") == []
    assert differences("a,1.5\nb,2\n", "a,1.5001\nb,3\n") == [(["a", "1.5"], ["a", "1.5001"]), (["b", "2"], ["b", "3"])]
    assert differences("a,1.0\n", "a,1\n") == []
    assert differences("a,10000000000000001\n", "a,10000000000000002\n")
    svg = (REPORTS / "figures" / "ilsvrc.svg").read_text(encoding="utf-8")
    other_version = svg.replace("Drawn by archcalc 0", "Drawn by archcalc 9").replace('id="patch_2"', 'id="patch_9"')
    assert shape(other_version) == shape(svg)
    assert shape(svg.replace('id="errors"', 'id="patch_2"', 1)) != shape(svg)
    assert shape(svg.replace("VGG was second", "VGG was first")) != shape(svg)


@pytest.mark.parametrize("name", data.FILES)
def test_the_data_are_what_the_code_gives(name):
    kept = (REPORTS / "data" / name).read_text(encoding="utf-8")
    assert differences(kept, dict(data.data_files(only=name))[name]) == []


QUICK = ("ilsvrc", "profile-resnet50", "sizes", "types")
FIGURES = [
    pytest.param(kept, id=kept.name, marks=() if kept.name in QUICK else pytest.mark.slow) for kept in figures.figures()
]


@pytest.mark.parametrize("kept", FIGURES)
def test_a_figure_shows_what_the_code_draws_and_has_its_data_beside_it(kept):
    made = dict(figures.files(kept))
    svg, table = [(REPORTS / "figures" / name).read_text(encoding="utf-8") for name in made]
    assert differences(table, made[f"{kept.name}.csv"].decode()) == []
    assert shape(svg) == shape(made[f"{kept.name}.svg"])


def test_nothing_else_is_kept():
    parts = ("data", "figures", "pictures")
    names = {str(each.relative_to(REPORTS)) for part in parts for each in (REPORTS / part).iterdir()}
    drawn = [f"figures/{kept.name}.{suffix}" for kept in figures.figures() for suffix in ("svg", "csv")]
    pictures = [f"pictures/{name}" for name, _, _ in PICTURES]
    assert names == {*[f"data/{name}" for name in data.FILES], *drawn, *pictures, "figures/README.md"}
    assert (REPORTS / "figures" / "README.md").read_text(encoding="utf-8") == figures.page().decode()
    assert {each.name for each in REPORTS.iterdir() if each.is_file()} == {SAMPLE}
    assert (REPORTS / SAMPLE).stat().st_size < 1_500_000


@pytest.mark.parametrize(("name", "network", "asked"), PICTURES)
def test_a_picture_says_what_the_code_draws(name, network, asked):
    """Where boxes stand is Graphviz's choice in some views, but not what is in them."""
    kept = ET.fromstring((REPORTS / "pictures" / name).read_text(encoding="utf-8"))  # noqa: S314  drawn here
    made = ET.fromstring(render(asked, "svg", network))  # noqa: S314
    assert Counter(text_of(kept)) == Counter(text_of(made)) != Counter()


def text_of(root):
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


def words(text):
    """The words and numbers of a text, and how often each is there; no break of a line or a page changes them."""
    whole = re.sub("\u200b\\s*", "", text)  # where a long name may be broken
    return Counter(word.strip(".,") for word in re.findall(r"[\w.,]+", whole))


def test_the_sample_of_the_atlas_says_every_number_that_the_atlas_has_of_its_networks():
    """Every word of every table is on its pages, as often as in the tables."""
    document = atlas.sample()
    said = words(" ".join(page.get_textpage().get_text_range() for page in pdfium.PdfDocument(REPORTS / SAMPLE)))
    grids = [block for block in document.blocks if isinstance(block, Grid)]
    cells = [plain(cell) for grid in grids for row in [*grid.rows, *grid.totals] for cell in row]
    assert len(grids) > 10
    assert len(cells) > 300
    assert words(" ".join([document.subtitle, *cells])) - said == Counter()
