import ctypes
import html.parser
import os
import re
import subprocess
import sys

import pypdfium2 as pdfium
import pytest
from pypdfium2 import raw

from archcalc import zoo
from archcalc.analysis.structure import structure
from archcalc.analysis.table import analyze
from archcalc.base.errors import MissingTool
from archcalc.base.files import destination
from archcalc.cli import main
from archcalc.evidence import validation as validation_records
from archcalc.evidence.claims import claims
from archcalc.evidence.records import folder_of
from archcalc.evidence.validation import CHECKS, records
from archcalc.forms.sheets import FormulaTerm, Letter, Written
from archcalc.pictures import graphviz
from archcalc.pictures.tree import tree
from archcalc.present.tables import digits
from archcalc.reports import atlas, documents, figures, folding, formats, front, network, pictures, typesetting
from archcalc.reports.blocks import (
    Definitions,
    Document,
    Figure,
    FormulaLine,
    Formulas,
    Grid,
    GridColumn,
    Heading,
    Paragraph,
    Sides,
    TextSpan,
)
from archcalc.reports.families import papers
from archcalc.reports.markdown import markdown
from archcalc.reports.web import web_page
from archcalc.validation import runner

POINTS = 72 / 25.4
NAMES = ("vgg16", "resnet50")

HOSTILE = (
    '#panic("no")', "$x^2$", "*bold* _it_ `raw`", "@label <label>", "\\ \\u{41}", '"]}', "// comment", "/* open",
    "= heading", "#let x = 1; #x", "<script>alert(1)</script>", "a | b & c ~ d", "![x](y) [z](javascript:alert)",
    "{{template}}", "\u202eright to left", "%s {0} {name}", "&amp; &lt;",
)  # fmt: skip
"""Texts that some language would read as code or markup."""


@pytest.fixture(scope="module")
def document():
    return documents.of_networks(NAMES)


@pytest.fixture(scope="module")
def pdf(document):
    return typesetting.pdf(document)


@pytest.fixture(scope="module")
def opened(pdf):
    return pdfium.PdfDocument(pdf)


def texts(pdf):
    """The text of every page, its spaces of all kinds as plain ones."""
    pages = pdfium.PdfDocument(pdf) if isinstance(pdf, bytes) else pdf
    return [" ".join(page.get_textpage().get_text_range().split()) for page in pages]


def one(blocks):
    """A document of some blocks."""
    return Document("Title", "Subtitle", "Imprint", "archcalc", "2026-01-02", ("word",), blocks)


# What a report says


@pytest.mark.parametrize("name", NAMES)
def test_the_pdf_says_the_totals_the_layers_and_the_claims_of_each_network(name, opened):
    said = " ".join(texts(opened))
    analysis = analyze(name)
    for number in (analysis.totals.params, analysis.totals.mult_adds, analysis.totals.activation_sum):
        assert digits(number) in said
    for layer in analysis.layers:
        assert layer.name in said
    for each in claims():
        if each.architecture == name:
            assert each.id in said


def test_every_format_says_the_same_numbers(document, opened):
    said = {" ".join(texts(opened)), " ".join(web_page(document).split()), " ".join(markdown(document).split())}
    for number in ("138,357,544", "25,557,032", "4,089,184,256", "102.2\u202fMB", records()[0].date):
        assert all(number.replace("\u202f", " ") in text.replace("\u202f", " ") for text in said), number


def test_every_check_of_a_network_is_in_the_pdf_and_what_is_not_measured_is_said(opened):
    said = " ".join(texts(opened))
    for record in records():
        for name in NAMES:
            for each in record.networks[name]:
                assert f"{each.check} {each.compared or ''}".strip() in said
    assert ("CUDA is not yet measured" in said) == (not any(record.cuda for record in records()))


def test_closed_forms_are_set_as_mathematics_and_described_in_words(opened):
    said = " ".join(texts(opened))
    assert re.search(r"83,410,944 ?. ?.? ?\+ ?2,048,000", said)
    assert "83410944*h*w + 2048000" in alternatives(opened)


def alternatives(opened):
    """The descriptions of figures and formulas, for readers who see none."""
    found = []

    def walk(element):
        size = raw.FPDF_StructElement_GetAltText(element, None, 0)
        if size > 2:
            buffer = ctypes.create_string_buffer(size)
            raw.FPDF_StructElement_GetAltText(element, buffer, size)
            found.append(buffer.raw.decode("utf-16-le").rstrip("\0"))
        for i in range(max(raw.FPDF_StructElement_CountChildren(element), 0)):
            child = raw.FPDF_StructElement_GetChildAtIndex(element, i)
            if child:
                walk(child)

    for page in opened:
        tree_of_page = raw.FPDF_StructTree_GetForPage(page)
        for i in range(raw.FPDF_StructTree_CountChildren(tree_of_page)):
            walk(raw.FPDF_StructTree_GetChildAtIndex(tree_of_page, i))
        raw.FPDF_StructTree_Close(tree_of_page)
    return found


def test_the_letters_of_figures_and_pictures_are_text(opened):
    """A plot's axis and a node of a picture can be searched for."""
    said = " ".join(texts(opened))
    assert "depth (weight layers)" in said
    assert "top-1 accuracy (%)" in said
    assert "max pool 2\u00d72/2" in said


def test_checks_have_the_names_that_validation_gives_them():
    assert tuple(CHECKS) == runner.CHECKS


# How a report looks


def test_nothing_stands_outside_the_margins(opened):
    """Every piece of text, those of figures too, is between the margins of its page."""
    for page in opened:
        width, height = page.get_size()
        text = page.get_textpage()
        boxes = [text.get_rect(i) for i in range(text.count_rects())]
        assert boxes
        for left, bottom, right, top in boxes:
            inside = left >= 19.5 * POINTS and right <= width - 19.5 * POINTS
            assert inside, text.get_text_bounded(left, bottom, right, top)
            assert bottom >= 8 * POINTS
            assert top <= height - 8 * POINTS


def test_no_page_is_blank_or_nearly(opened):
    """Every page has ink on at least a hundredth of it."""
    for page in opened:
        grey = page.render(scale=0.5, grayscale=True).to_numpy()
        assert (grey < 200).mean() > 0.01


def test_no_heading_stands_alone_at_the_foot_of_a_page(opened):
    """Below every heading there is room for what it is about."""
    for entry in opened.get_toc():
        kind, place = entry.get_dest().get_view()
        assert kind == raw.PDFDEST_VIEW_XYZ
        assert place[1] > (22 + 20) * POINTS, entry.get_title()


def test_long_tables_repeat_their_heads(opened):
    """The table of 193 printed numbers goes over several pages, each with its heads."""
    pages = [text for text in texts(opened) if len(re.findall(r"\bC\d{4}\b", text)) > 20]
    assert len(pages) > 2
    assert all("claim quantity printed computed verdict" in text for text in pages)


def test_the_pdf_is_tagged_and_has_a_title_an_author_an_outline_and_links(opened):
    known = opened.get_metadata_dict()
    assert known["Title"] == "VGG-16 and ResNet-50"
    assert known["Author"].startswith("archcalc ")
    assert known["CreationDate"] == f"D:{documents.date().replace('-', '')}000000Z"
    assert raw.FPDFCatalog_IsTagged(opened)
    titles = [entry.get_title() for entry in opened.get_toc()]
    assert any("VGG-16" in title for title in titles)
    annotations = [raw.FPDFPage_GetAnnotCount(page) for page in opened]
    assert annotations[0] >= len(titles)


def test_figures_lose_their_title_and_small_print_to_the_caption():
    found = figures.plot("profile", "vgg16")
    svg = found.svg.decode()
    assert "VGG-16, layer by layer" not in svg
    assert "conv1" in svg
    assert "VGG-16, layer by layer. " in [part.text for part in found.caption if isinstance(part, TextSpan)]
    assert "Drawn by" not in found.description
    _, _, width, height = map(float, re.search(r'viewBox="([^"]*)"', svg)[1].split())
    assert abs(width - found.width * POINTS) < 0.01
    assert 150 < height < 400


# The same everywhere


def test_a_report_is_the_same_to_the_byte_in_another_process(pdf, tmp_path, tmp_path_factory):
    """Not the seed of hashes, the zone, the terminal nor the fonts of a machine change it."""
    file = tmp_path / "two.pdf"
    fonts = tmp_path_factory.mktemp("fonts") / "fonts.conf"
    fonts.write_text('<?xml version="1.0"?>\n<fontconfig></fontconfig>\n')
    own = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "COLUMNS": "50", "FONTCONFIG_FILE": str(fonts)}
    environment = {**os.environ, **own}
    command = [sys.executable, "-m", "archcalc", "report", *NAMES, "-o", str(file)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert file.read_bytes() == pdf
    assert os.listdir(tmp_path) == ["two.pdf"]


# Texts are texts


def hostile_document():
    formula = Written("h*w", "", "", "unit", ((FormulaTerm("-3/2", {"h": 2, HOSTILE[0]: 1}), FormulaTerm("1", {})),))
    letter = Letter("H", HOSTILE[1][:1], HOSTILE[0], 3, 1, "1", HOSTILE[2])
    lines = [(TextSpan(each, "name"), each, TextSpan(each, "title", "https://example.org/" + each)) for each in HOSTILE]
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="10pt" height="10pt"><rect width="9" height="9"/></svg>'
    return one(
        [
            Heading(1, HOSTILE[0]),
            *[Heading(2, each, f"label-{number}") for number, each in enumerate(HOSTILE)],
            *[Paragraph(each) for each in HOSTILE],
            Definitions([(each, line) for each, line in zip(HOSTILE, lines, strict=True)]),
            Grid(HOSTILE[3], [GridColumn(each, share=1) for each in HOSTILE[:3]], [[each] * 3 for each in HOSTILE]),
            Formulas(HOSTILE[4], [FormulaLine(HOSTILE[5], formula, HOSTILE[6])], [letter]),
            Sides(
                [Figure(svg, HOSTILE[7], HOSTILE[8], 20)], [Paragraph([TextSpan("x", "", "javascript:alert(1)")])], 50
            ),
        ]
    )


def test_nothing_in_a_text_is_read_as_typst_markup_or_code():
    """Every hostile text is on the page as it was written."""
    said = "".join(texts(typesetting.pdf(hostile_document())))
    plain = re.sub(r"\s", "", said)
    for each in HOSTILE:
        letters = re.sub(r"[\s\u202e]", "", each)
        assert plain.count(letters) + plain.count(letters[::-1]) >= 3, each


def test_nothing_in_a_text_is_read_as_html():
    page = web_page(hostile_document())
    assert page.count("<script") == 1, "the page's own, which its policy allows by its hash"
    assert "&lt;script&gt;alert(1)" in page
    assert "alert(1)</script>" not in page
    assert 'href="javascript' not in page
    assert_well_formed(page)


def test_nothing_in_a_text_is_read_as_markdown():
    """Rows keep their number of cells; no tag, no link and no emphasis comes out of a text."""
    said = markdown(hostile_document())
    rows = [line for line in said.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} == {4}
    outside = re.sub(r"`[^`\n]*`", "", said)
    assert not re.search(r"(?<!\\)[<>]", outside)
    assert not re.search(r"(?<!\\)\]\((?!https://example)", outside)


def test_a_long_word_does_not_leave_its_column():
    word = "_".join(["unbreakable"] * 30)
    rows = [[word, "1", word], ["a", "2", "b"]]
    columns = [GridColumn("one", right=False, share=1), GridColumn("two"), GridColumn("three", right=False, share=1)]
    page = pdfium.PdfDocument(typesetting.pdf(one([Grid("Long words", columns, rows)])))[0]
    text = page.get_textpage()
    assert max(text.get_rect(i)[2] for i in range(text.count_rects())) <= page.get_size()[0] - 19 * POINTS


class Parser(html.parser.HTMLParser):
    VOID = ("meta", "br", "hr", "img", "link", "wbr")

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.targets = [], [], []

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        self.ids += [known["id"]] if "id" in known else []
        self.targets += [known["href"][1:]] if (known.get("href") or "").startswith("#") else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()


def assert_well_formed(page):
    parser = Parser()
    parser.feed(page)
    assert not parser.open
    assert len(parser.ids) == len(set(parser.ids))
    assert set(parser.targets) <= set(parser.ids)


def test_the_page_is_well_formed_with_ids_of_its_own_and_links_that_lead_somewhere(document):
    page = web_page(document)
    assert_well_formed(page)
    assert not re.search(r'(src|href)="(?!#|https://arxiv\.org/|data:)', page)


# What is missing is said


def test_a_report_is_made_without_graphviz_and_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(graphviz, "renderer", lambda *_: None)
    said = " ".join(texts(typesetting.pdf(one(pictures.pictures("resnet18")))))
    assert "No picture of a block of ResNet-18: Graphviz is not installed" in said
    assert "depth (weight layers)" in said


def test_a_report_is_made_without_records_and_says_so(monkeypatch):
    monkeypatch.setattr(network, "records", lambda: ())
    assert "No record of a validation" in markdown(one(network.validation("lenet5")))
    assert "There is no record of a validation" in markdown(one(front.validated([])))


def test_records_are_found_where_they_are_kept(tmp_path):
    assert folder_of("validation").is_dir()
    assert validation_records.records(tmp_path) == ()
    for record in records():
        assert all(record.agrees(name) for name in NAMES)
        assert not record.agrees("no_such_network")


def test_a_network_of_which_no_document_prints_a_number_says_so():
    assert "print no number of this network" in markdown(one(network.claims("lenet5_dense")))


def test_without_typst_a_pdf_is_refused_and_markdown_is_made(monkeypatch):
    typesetting.typst.cache_clear()
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingTool, match=r"pip install 'archcalc\[report\]'"):
        formats.check("pdf")
    formats.check("md")
    monkeypatch.undo()
    typesetting.typst.cache_clear()


# Bad input


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["vgg17", "-o", "x.pdf"], "nearest: vgg"),
        (["vgg16", "-o", "x.docx"], "x.docx: a report is a .pdf, .html or .md file"),
        (["vgg16", "-o", "x"], "a report is a .pdf, .html or .md file"),
        (["vgg16", "-o", "none/x.pdf"], "none/x.pdf cannot be written: No such file"),
        (["vgg16", "-o", "folder.pdf"], "folder.pdf is not a file"),
        (["vgg16", "--all"], "leave names"),
        (["--all", "--format", "md"], "leave names"),
        (["--all", "-o", "file"], "file cannot be written"),
        (["anynet_a", "-o", "x.pdf"], "design space"),
    ],
)
def test_bad_input_is_one_line_before_any_work(arguments, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.pdf").mkdir()
    (tmp_path / "file").write_text("kept")
    for module, work in ((documents, "of_networks"), (atlas, "document")):
        monkeypatch.setattr(module, work, lambda *_: pytest.fail("work was begun"))
    with pytest.raises(SystemExit) as stopped:
        main(["report", *arguments])
    printed = capsys.readouterr()
    assert stopped.value.code == 2
    assert printed.out == ""
    assert said in printed.err
    assert printed.err.count("\n") == 1
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.pdf"]


def test_a_report_that_fails_leaves_the_file_before_it_untouched(tmp_path, monkeypatch):
    file = tmp_path / "report.pdf"
    file.write_bytes(b"before")
    monkeypatch.setattr(typesetting, "pdf", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["report", "lenet5", "-o", str(file)])
    assert file.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["report.pdf"]


def test_a_report_goes_to_stdout_where_no_file_is_named(capsysbinary):
    with pytest.raises(SystemExit) as stopped:
        main(["report", "lenet5", "--format", "md"])
    assert stopped.value.code == 0
    assert capsysbinary.readouterr().out.startswith(b"# LeNet-5\n")


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    file = tmp_path / "x.pdf"
    with pytest.raises(ZeroDivisionError), destination(str(file)) as write:
        write(b"part" * (1 // 0))
    assert not os.listdir(tmp_path)


# The atlas


def test_every_network_is_in_one_chapter_and_every_family_has_one_representative():
    listed = [each.name for paper in papers() for each in paper.networks]
    assert sorted(listed) == sorted(zoo.names())
    families = {id(each.family) for paper in papers() for each in paper.networks}
    chosen = [name for paper in papers() for name in paper.representatives]
    assert len(chosen) == len(set(chosen)) == len(families)
    assert {id(zoo.network(name).family) for name in chosen} == families
    years = [paper.first.year for paper in papers()]
    assert years == sorted(years)


def test_the_networks_that_the_documents_talk_of_most_are_shown_in_full():
    chosen = [name for paper in papers() for name in paper.representatives]
    assert {"vgg16", "resnet50", "googlenet", "mobilenet_v1_1.0_224", "lenet5"} <= set(chosen)


@pytest.mark.parametrize("name", ["densenet121", "swin_t", "senet154", "inception_v3"])
def test_a_folded_cost_table_has_the_same_totals(name):
    """Blocks hold every row once; so their lines add up to the totals."""
    rows = structure(name).rows
    blocks = folding.folded(rows)
    assert [row.layer.name for block in blocks for row in block.rows] == [row.layer.name for row in rows]
    assert len(blocks) <= folding.MOST_LINES < len(rows)
    assert len(tree(rows).parts) <= len(blocks)
    grid = folding.layers(analyze(name))
    assert len(grid.rows) == len(blocks)
    assert all(len(row) == len(grid.columns) for row in [*grid.rows, *grid.totals])


def test_a_chapter_can_be_set_and_its_links_lead_somewhere():
    """One chapter with two families, as the atlas has it."""
    number, paper = next((i, each) for i, each in enumerate(papers()) if len(each.representatives) == 2)
    links = {each.name: f"#paper-{number}" for each in paper.networks}
    links |= {name: f"#{network.label(name)}" for name in paper.representatives}
    analyses = {each.name: analyze(each.name) for each in paper.networks}
    drawn = {name: atlas.drawing(name) for name in paper.representatives}
    blocks = atlas.chapter(number, paper, analyses, links, drawn, [])
    said = " ".join(texts(typesetting.pdf(one(blocks))))
    for each in paper.networks:
        assert each.name in said
    assert_well_formed(web_page(one(blocks)))


def test_an_atlas_tells_its_progress_as_often_as_it_says(monkeypatch):
    told = []
    monkeypatch.setattr(atlas, "drawing", lambda _: [])
    monkeypatch.setattr(atlas, "analyze", lambda name: told.append(name) or 1 / 0)
    steps = []
    with pytest.raises(ZeroDivisionError):
        atlas.document(steps.append)
    assert len(steps) == atlas.steps()
