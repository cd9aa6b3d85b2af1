"""The atlas as a book: names, formulas in prose, tables over several pages, contents, accuracies, no text on text."""

import re
import tomllib
from pathlib import Path

import overlaps
import pypdfium2 as pdfium
import pytest

from archcalc import zoo
from archcalc.catalogue.descriptions import Description
from archcalc.evidence.accuracy import points
from archcalc.evidence.audit import audit
from archcalc.pictures import block_view
from archcalc.present.names import pretty
from archcalc.reports import accuracies, colophon, documents, figures, network, pictures, typesetting
from archcalc.reports.blocks import (
    Document,
    Figure,
    Grid,
    GridColumn,
    Heading,
    Paragraph,
    Sides,
    TextSpan,
    plain,
)
from archcalc.reports.families import CHAPTERS, papers
from archcalc.reports.markdown import markdown
from archcalc.reports.notation import formulas
from archcalc.reports.web import web_page
from archcalc.spaces.documented import describe

ROOT = Path(__file__).parent.parent
NOTE = "A note on the table."


def opened(*blocks, book=False):
    made = Document("Title", "Subtitle", "Imprint", "archcalc", "2026-01-02", ("word",), blocks, book=book)
    return pdfium.PdfDocument(typesetting.pdf(made))


def texts(pdf):
    return [" ".join(page.get_textpage().get_text_range().split()) for page in pdf]


def grid(lines, note=NOTE, **more):
    columns = [GridColumn("one", right=False), GridColumn("two")]
    return Grid("Caption", columns, [[f"line{n}.", str(n)] for n in range(lines)], remarks=[note], **more)


def picture(width, height, inside=""):
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt">{inside}</svg>'
    return Figure(svg.encode(), "Picture", "A picture", width * 25.4 / 72)


# Names


def test_every_chapter_has_a_plain_name_of_its_own():
    names = [paper.name for paper in papers()]
    assert len(set(names)) == len(names)
    assert all(paper.name != paper.title and len(paper.name) < 45 for paper in papers())
    assert sorted(names) == sorted(CHAPTERS.values())


def test_no_heading_of_the_atlas_is_an_identifier_and_no_two_in_a_chapter_are_alike():
    for paper in papers():
        headings = [network.heading(2, name) for name in paper.representatives]
        assert all(each.text != each.name == name for each, name in zip(headings, paper.representatives, strict=True))
        assert all("_" not in each.text for each in headings)
        assert len({each.full for each in headings}) == len(headings)


def test_a_bare_name_stands_for_its_family():
    shown = [name for paper in papers() for name in paper.representatives]
    assert {"alexnet", "googlenet", "unet", "xception"} <= set(shown)


def test_a_table_of_claims_names_networks_as_the_catalogue_does():
    table = network.claims_grid(audit().audited)
    (column,) = [i for i, each in enumerate(table.columns) if each.heading == "architecture"]
    named = {plain(row[column]) for row in table.rows}
    known = {name: zoo.find(name) for name in named if re.match(r"[a-z]", name)}
    assert {"alexnet", "resnet50"} <= set(known)
    assert [name for name, each in known.items() if each is not None and each.name != name] == []


# Formulas in prose


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("the nearest w_0 * w_m^s, s whole", "the nearest <w>_0 \u00b7 <w>_m^s, s whole"),
        ("sees k0 + (l - 1)k channels", "sees <k>_0 + (<l> \u2212 1)<k> channels"),
        ("5 * 2^(C-1) layers", "5 \u00b7 2^C\u22121 layers"),
        ("y = H(x) T(x) + x (1 - T(x)), equation 3", "<y> = <H>(<x>) <T>(<x>) + <x> (1 \u2212 <T>(<x>)), equation 3"),
        ("a 3x3 convolution - a kernel (see 3.1) and 1/2", "a 3x3 convolution - a kernel (see 3.1) and 1/2"),
        ("A block has 3,4,6,3 rows, I think", "A block has 3,4,6,3 rows, I think"),
    ],
)
def test_a_formula_is_found_by_its_form_and_words_are_left(text, marked):
    marks = {"variable": "<{}>", "index": "_{}", "power": "^{}"}
    found = [each if isinstance(each, str) else marks[each.style].format(each.text) for each in formulas(text)]
    assert "".join(found) == marked


def test_no_letter_and_no_number_of_a_note_is_lost():
    def letters(text):
        return re.sub(r"[\W_]", "", text.replace("theta", "\u03b8"))

    notes = {note for name in zoo.names() if isinstance(each := describe(name), Description) for note in each.notes}
    assert len(notes) > 100
    for note in notes:
        assert letters(plain(formulas(note))) == letters(note)
    assert sum(any(isinstance(part, TextSpan) for part in formulas(note)) for note in notes) > 15


def test_formulas_are_marked_in_every_format():
    made = Document("T", "S", "I", "a", "", (), [Paragraph(formulas("width w_0 + w_a * j"))])
    assert "<var>w</var><sub>0</sub> + <var>w</var><sub>a</sub> \u00b7 <var>j</var>" in web_page(made)
    assert "width *w*\\_0 + *w*\\_a \u00b7 *j*" in markdown(made)


# Tables


def test_a_long_table_repeats_its_head_says_that_it_continues_and_has_its_note_where_it_begins():
    pages = texts(opened(Heading(1, "Table"), grid(150)))
    rows = [page for page in pages if "line" in page]
    assert len(rows) > 2
    assert all("one two" in page for page in rows)
    assert ["Table 1, continued" in page for page in rows] == [False, *[True] * (len(rows) - 1)]
    assert [NOTE in page for page in rows] == [True, *[False] * (len(rows) - 1)]


@pytest.mark.parametrize("before", range(430, 610, 20))
def test_a_table_does_not_begin_with_a_line_or_two_and_keeps_its_note(before):
    """Wherever on a page a table begins: a short one is whole, a long one begins with some lines."""
    for lines in (12, 40):
        pages = texts(opened(picture(20, before), grid(lines)))
        first = next(page for page in pages if "Caption" in page)
        assert NOTE in first
        assert f"line{min(lines - 1, 2)}." in first
        assert lines > 12 or f"line{lines - 1}." in first


def test_no_figure_comes_between_the_lines_of_a_table():
    """What is beside each other is where it stands, not at the next head of a page."""
    beside = Sides([picture(100, 400)], [picture(100, 300)], 60)
    pages = texts(opened(Paragraph("begin. " * 500), beside, grid(120), Paragraph("end")))
    having = [number for number, page in enumerate(pages) if "line" in page]
    figure = next(number for number, page in enumerate(pages) if "Figure 1" in page)
    assert having == list(range(having[0], having[-1] + 1))
    assert figure <= having[0]
    assert pages[having[0]].index("Caption") > (pages[having[0]].find("Figure 2"))


def test_lines_can_be_set_in_two_columns_of_the_page():
    (page,) = list(opened(grid(60, abreast=2)))
    text = page.get_textpage()
    boxes = [text.get_rect(i) for i in range(text.count_rects())]
    starts = {round(box[0]) for box in boxes if "line" in text.get_text_bounded(*box)}
    assert max(starts) - min(starts) > 200


# The book


def test_a_chapter_and_its_sections_are_in_one_column_of_the_contents():
    blocks = []
    for chapter in range(40):
        blocks += [
            Heading(1, f"chapter{chapter}."),
            *[Heading(2, f"section{chapter}.{n}.") for n in range(chapter % 4)],
        ]
    pdf = opened(*blocks, book=True)
    places = {}
    text = pdf[1].get_textpage()
    for i in range(text.count_rects()):
        said = text.get_text_bounded(*text.get_rect(i))
        for found in re.finditer(r"(?:chapter|section)(\d+)\.(?:\d+\.)?", said):
            places.setdefault(int(found[1]), set()).add(text.get_rect(i)[0] > 280)
    assert len(places) == 40
    assert all(len(each) == 1 for each in places.values())
    assert {place for each in places.values() for place in each} == {False, True}


def test_a_page_of_a_book_says_its_chapter_and_its_section_and_the_title_has_a_page():
    blocks = [Heading(1, "Ants"), Heading(2, "Bees", name="bees_id"), Paragraph("word. " * 2500), Heading(1, "Cats")]
    pages = texts(opened(*blocks, Paragraph("word. " * 1200), book=True))
    assert pages[0] == "Title Subtitle Imprint"
    assert pages[1].startswith("Title Contents")
    assert pages[3].startswith("1 Ants 1.1 Bees word.")
    assert pages[-1].startswith("2 Cats Title")
    assert "Bees bees_id" in pages[2]


def test_the_colophon_says_what_the_repository_says():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == colophon.LICENCE
    assert f"Copyright (c) {colophon.YEAR} {colophon.AUTHORS}" in (ROOT / "LICENSE").read_text()
    assert project.get("urls", {}).get("Homepage", "") == colophon.ADDRESS


# What is said of a network


@pytest.mark.parametrize("name", ["resnet50", "lenet5", "wrn_28_10"])
def test_every_published_accuracy_is_in_a_network_s_part_with_its_recipe_and_source(name):
    (table,) = accuracies.published(name)
    kept = [column.heading for column in table.columns]
    rows = [dict(zip(kept, map(plain, row), strict=True)) for row in table.rows]
    assert [(each["top-1"], each["recipe"]) for each in rows] == [
        ("" if each.top1 is None else f"{each.top1:.2f}", each.recipe) for each in points([name])
    ]
    assert all(each["source"] for each in rows)


def test_a_report_has_the_accuracies_and_as_markdown_no_caption_without_a_figure():
    said = markdown(documents.of_networks(["lenet5"]))
    assert "Published accuracies" in said
    assert "`lenet_authors`" in said
    assert said.count("Figures are in the PDF and HTML of this report.") == 1
    assert "layer by layer. " not in said
    assert "Growth of the receptive field" not in said
    words = [*accuracies.published("plain18"), Paragraph("only words")]
    said = markdown(Document("T", "S", "I", "a", "", (), words))
    assert "have none of `plain18`" in said
    assert "Figures" not in said


def test_pictures_are_as_wide_as_the_text_at_most_and_a_network_without_blocks_has_none_of_a_block():
    for name, kinds in (("resnet18", [Figure, Figure, Sides]), ("lenet5", [Figure, Sides])):
        made = pictures.pictures(name)
        assert [type(each) for each in made] == kinds
        assert all(each.width <= figures.TEXT_WIDTH + 0.01 for each in made[:-1])
        assert pretty(name) in plain(made[0].caption)


@pytest.mark.parametrize(("side", "chosen"), [(600, "right"), (900, "down")])
def test_a_block_is_drawn_left_to_right_only_where_its_letters_are_legible(side, chosen, monkeypatch):
    def drawn(*_, direction, **__):
        wide, high = (side, 100) if direction == "right" else (200, 300)
        return f'<svg width="{wide}pt" height="{high}pt"><text font-size="8">{direction}</text></svg>'

    monkeypatch.setattr(block_view, "draw", drawn)
    assert f">{chosen}<" in pictures._block("resnet50")


# No text on text, and the same on every machine


def test_text_on_text_is_found():
    over = '<text x="5" y="20" font-size="10">mult-adds</text><text x="22" y="22" font-size="8">50 % in stage1</text>'
    beside = over.replace('x="22" y="22"', 'x="100" y="22"')
    assert overlaps.overlapping(opened(picture(200, 30, over))[0])
    assert not overlaps.overlapping(opened(picture(200, 30, beside))[0])


def test_no_text_lies_on_text_in_the_sample_of_the_atlas():
    assert overlaps.said(overlaps.pages(ROOT / "reports" / "sample.pdf")) == []


def test_no_text_lies_on_text_where_names_are_long():
    about = [each for each in audit().audited if each.claim.architecture.startswith("mobilenet")]
    pdf = opened(
        network.claims_grid(about), *pictures.pictures("densenet_bc_100_k12"), *accuracies.published("resnet50")
    )
    assert {n: pairs for n, page in enumerate(pdf) if (pairs := overlaps.overlapping(page))} == {}


def test_a_picture_does_not_depend_on_the_fonts_of_the_machine(monkeypatch, tmp_path):
    first = pictures.pictures("resnet18")[:2]
    (tmp_path / "fonts.conf").write_text('<?xml version="1.0"?>\n<fontconfig></fontconfig>\n')
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    assert pictures.pictures("resnet18")[:2] == first
