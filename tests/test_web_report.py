"""Reports as web pages: what holds of every page, without a browser."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import re
from fractions import Fraction
from html import unescape
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from archcalc.graph import Network
from archcalc.reports import documents, figures
from archcalc.reports.blocks import Document, Grid, GridColumn, MarkedDrawing, PlotMark, ShownNumber, TextSpan
from archcalc.reports.web import web_page
from archcalc.reports.web_pictures import inlined

DOCUMENTS = {
    "two of the catalogue": ("lenet5", "googlenet"),
    "one of one's own": ("examples/small.toml",),
}
VOID = ("meta", "br", "hr", "img", "link", "wbr", "input")


class Element:
    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.inside = []

    @property
    def text(self):
        return "".join(each if isinstance(each, str) else each.text for each in self.inside)

    def all(self, *tags):
        for each in self.inside:
            if not isinstance(each, str):
                if not tags or each.tag in tags:
                    yield each
                yield from each.all(*tags)


class Tree(html.parser.HTMLParser):
    """The elements of a page; an end tag that does not fit is an error."""

    def __init__(self, page):
        super().__init__()
        self.root = self.open = Element("", {}, None)
        self.feed(page)
        assert self.open is self.root, f"<{self.open.tag}> is not closed"

    def handle_starttag(self, tag, attrs):
        assert len(attrs) == len(dict(attrs)), f"<{tag}> has an attribute twice"
        made = Element(tag, dict(attrs), self.open)
        self.open.inside.append(made)
        if tag not in VOID:
            self.open = made

    def handle_endtag(self, tag):
        assert self.open.tag == tag, f"</{tag}> ends <{self.open.tag}>"
        self.open = self.open.parent

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open = self.open.parent

    def handle_data(self, data):
        self.open.inside.append(data)


def networks(names):
    return [Network.load(each) if "." in each else each for each in names]


@pytest.fixture(scope="module", params=DOCUMENTS.values(), ids=DOCUMENTS)
def page(request):
    return web_page(documents.of_networks(networks(request.param)))


@pytest.fixture(scope="module")
def tree(page):
    return Tree(page).root


# The page as a whole


def test_ids_are_unique_and_everything_that_is_referred_to_is_there(tree):
    ids = [each.attributes["id"] for each in tree.all() if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    referred = [
        name
        for each in tree.all()
        for key, value in each.attributes.items()
        for name in (
            [value[1:]] if key == "href" and value.startswith("#")
            else value.split() if key.startswith("aria-labelledby")
            else re.findall(r"url\(#([^)]+)\)", value or "")
        )
    ]  # fmt: skip
    assert len(referred) > 30
    assert set(referred) <= set(ids)


def test_there_is_one_title_and_no_level_of_headings_is_skipped(tree):
    levels = [int(each.tag[1]) for each in tree.all(*[f"h{n}" for n in range(1, 7)])]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_what_is_seen_stands_in_a_landmark(tree):
    """Header, contents, main part; before them only the link that skips to the last."""
    (body,) = tree.all("body")
    tags = [each.tag for each in body.inside if not isinstance(each, str)]
    assert [tag for tag in tags if tag != "nav"] == ["a", "header", "main", "script"]
    (main,) = tree.all("main")
    assert next(tree.all("a")).attributes["href"] == f"#{main.attributes['id']}"
    assert next(tree.all("html")).attributes["lang"] == "en"


def test_every_picture_has_a_name_and_every_table_a_caption(tree):
    pictures = list(tree.all("svg"))
    assert len(pictures) >= 3
    assert all(len(each.attributes["aria-label"]) > 20 for each in pictures)
    captions = {each.attributes.get("id"): each.text for each in tree.all("figcaption")}
    for table in tree.all("table"):
        assert len(captions[table.attributes["aria-labelledby"]]) > 10
        heads = list(next(table.all("thead")).all("th", "td"))
        assert all(len([*row.all("th", "td")]) == len(heads) for row in table.all("tr"))


def test_nothing_is_fetched_and_only_links_lead_elsewhere(page, tree):
    for each in tree.all():
        assert each.tag not in ("link", "img", "iframe", "object", "embed", "image", "foreignobject", "base")
        for key, value in each.attributes.items():
            assert key not in ("src", "srcset", "style", "action")
            assert not key.startswith(("on", "xmlns"))
            if re.match(r"[a-z]+:", value or "") and key == "href":
                assert each.tag == "a"
                assert value.startswith("https://")
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


def test_the_policy_allows_the_style_and_the_script_of_the_page_and_nothing_else(page, tree):
    (policy,) = [each.attributes["content"] for each in tree.all("meta") if each.attributes.get("http-equiv")]
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    for tag in ("style", "script"):
        (contents,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(contents.encode()).digest()).decode()
        assert rules.pop(f"{tag}-src") == f"'sha256-{digest}'"
    assert set(rules.values()) == {"'none'"}
    assert "default-src" in rules


def test_signs_of_comparison_are_one_letter_and_formulas_are_mathematics(tree):
    (main,) = tree.all("main")
    assert ">=" not in main.text
    assert "<=" not in main.text
    assert "\u2265" in "".join(each.text for each in main.all("math"))


# Tables


def shown_number(text):
    """A number as it is shown, and half a unit of its last digit."""
    digits, unit = re.fullmatch(r"\(?([-+\u2212]?[\d,.]+)\s?([KkMGTP]?)B?(?: ?%)?\)?", text).groups()
    plain = digits.replace(",", "").replace("\u2212", "-")
    scale = 1000 ** ["", "K", "M", "G", "T", "P"].index(unit.upper())
    decimals = len(plain.partition(".")[2])
    return Fraction(plain) * scale, Fraction(scale, 2 * 10**decimals)


def test_the_number_by_which_a_cell_is_sorted_is_the_one_that_it_shows(tree):
    exact = 0
    for cell in tree.all("td", "th"):
        if "data-value" in cell.attributes and "e" not in cell.text:
            number, half = shown_number(cell.text)
            value = Fraction(cell.attributes["data-value"])
            assert abs(number - value) <= half * Fraction(1000001, 1000000), cell.text
            exact += number != value
            if "title" in cell.attributes:
                assert cell.attributes["title"] == f"{int(value):,}"
        elif re.fullmatch(r"[\d,]+", cell.text) and cell.attributes.get("class") == "right" and cell.tag == "td":
            assert cell.parent.parent.tag == "thead", cell.text
    assert exact > 10, "rounded cells keep their exact values"


def test_long_tables_can_be_searched_and_layers_are_rows_with_ids(tree):
    of_layers = ("layers-googlenet-", "layers-small-")
    (body,) = [
        body
        for body in tree.all("tbody")
        if any(row.attributes.get("id", "").startswith(of_layers) for row in body.all("tr"))
    ]
    rows = list(body.all("tr"))
    assert ("data-long" in body.parent.parent.parent.attributes) == (len(rows) > 15)
    for row in rows:
        name = next(row.all("th")).text
        assert row.attributes["id"].endswith(f"-{name}")


# Pictures


def test_a_box_of_the_picture_leads_to_its_row_or_the_first_of_those_that_it_stands_for(tree):
    rows = {each.attributes["id"]: next(each.all("th")).text for each in tree.all("tr") if "id" in each.attributes}
    boxes = [each for picture in tree.all("svg") for each in picture.all("a")]
    assert len(boxes) > 5
    for each in boxes:
        row = next(each.all("title")).text
        assert rows[each.attributes["href"][1:]] == row
        picture = each
        while picture.tag != "svg":
            picture = picture.parent
        assert picture.attributes["role"] == "group", "what is inside an image cannot be reached"


def test_the_texts_of_pictures_keep_their_width_and_have_no_font_of_their_own(tree):
    texts = [each for picture in tree.all("svg") for each in picture.all("text") if each.text.strip()]
    assert len(texts) > 30
    for each in texts:
        assert "font-family" not in each.attributes
        assert float(each.attributes["textlength"]) > 1


PLOTS = (("accuracy", ()), ("profile", ("vgg16",)), ("field", ("resnet18",)), ("years", ()))


@pytest.fixture(scope="module", params=PLOTS, ids=[kind for kind, _ in PLOTS])
def figure(request):
    kind, names = request.param
    return figures.plot(kind, *names)


def test_the_marks_of_a_plot_are_its_records_each_once_in_every_panel(figure):
    rows = [{cell.value if isinstance(cell, ShownNumber) else str(cell) for cell in row} for row in figure.data.rows]
    panels = len(figure.marks) / len(rows)
    assert panels == int(panels) >= 1
    said = [each.says for each in figure.marks]
    assert all(said.count(each) == panels for each in said)
    written = "\n".join(said)
    for row in rows:
        for value in row:
            if isinstance(value, int) and value > 10_000:
                assert f"{value:,}" in written


def test_a_mark_lies_where_the_point_of_that_name_is_drawn():
    """matplotlib names the groups of its points, and says where it draws each."""
    figure = figures.plot("accuracy")
    drawn = {}
    for group in ET.fromstring(figure.svg).iter("{http://www.w3.org/2000/svg}g"):  # noqa: S314  drawn here
        if group.get("id", "").startswith("point "):
            (use,) = group.iter("{http://www.w3.org/2000/svg}use")
            drawn[group.get("id").removeprefix("point ")] = float(use.get("x")), float(use.get("y"))
    marks = {each.says.splitlines()[0].split(", ")[-1]: each for each in figure.marks}
    assert len(drawn) > 20
    assert set(marks) == set(drawn)
    for name, (x, y) in drawn.items():
        assert abs((marks[name].left + marks[name].right) / 2 - x) < 0.02
        assert abs((marks[name].top + marks[name].bottom) / 2 - y) < 0.02


def test_a_wide_plot_has_a_drawing_for_narrow_screens_with_the_same_marks():
    wide = figures.plot("accuracy", width=figures.TEXT_WIDTH)
    assert {each.says for each in wide.narrow.marks} == {each.says for each in wide.marks}
    sides = [float(re.search(rb'<svg[^>]*width="([\d.]+)pt"', svg)[1]) for svg in (wide.svg, wide.narrow.svg)]
    assert sides[1] < 250 < sides[0]


def test_a_picture_loses_metadata_styles_and_ids_and_links_that_lead_nowhere():
    svg = b"""<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
      width="30pt" height="10pt" viewBox="0 0 30 10"><metadata><x/></metadata><defs>
      <style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style></defs><!-- a -->
      <clipPath id="c"><rect width="9" height="9"/></clipPath><g id="node1" class="node"><title>its &amp; tip</title>
      <a xlink:href="#row"><rect clip-path="url(#c)" style="fill: #fff; stroke: none" width="9" height="9"/></a></g>
      <a xlink:href="javascript:alert(1)"><text style="font: 600 7px 'Source Sans Pro'">a &lt; b</text></a></svg>"""
    drawing = MarkedDrawing(svg, [PlotMark(1, 2, 3, 5, "conv1\n<b>")])
    made = inlined(drawing, 'a "name"', "k", lambda label: {"row": "row-1"}.get(label, ""))
    assert Tree(made)
    for gone in ("metadata", "style=", "<style", "node1", "xlink", "javascript", "Source Sans", "<!--", "xmlns"):
        assert gone not in made
    for there in (
        'width="40" height="13.3" viewBox="0 0 30 10" role="group" aria-label="a &quot;name&quot;"',
        '<clipPath id="k-c">', 'clip-path="url(#k-c)"', 'fill="#fff" stroke="none"', "<title>its &amp; tip</title>",
        '<a href="#row-1">', "a &lt; b</text>", 'font-size="7px" font-weight="600"', 'stroke-linejoin="round"',
        '<rect x="1" y="2" width="2" height="3"><title>conv1\n&lt;b&gt;</title></rect>',
    ):  # fmt: skip
        assert there in made, there


def test_a_cell_that_shows_no_number_has_none_and_rows_of_one_name_have_one_id():
    rows = [["a b", ShownNumber("(1.2K)", 1234)], ["a b", "whole"], [(TextSpan("c.d", "name"),), "12 x 3"]]
    grid = Grid("Numbers", [GridColumn("name", right=False), GridColumn("")], rows, label="t")
    page = web_page(Document("T", "S", "I", "archcalc", "", (), [grid]))
    assert re.findall(r'<tr id="([^"]*)"', page) == ["t-a-b", "t-c.d"]
    assert re.findall(r'data-value="([^"]*)"', page) == ["1234"]
    assert 'title="1,234"' in page
    assert unescape(page).count("whole") == 1
