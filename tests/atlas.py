"""Check an atlas: it lists every network of the catalogue with its parameters and mult-adds, every chapter has its page
in the outline, and on no page text lies on text.

Run: python tests/atlas.py FILE.pdf. Building one takes minutes, so `.ci/run` and a release do it, not the tests.
"""

import sys

import overlaps
import pypdfium2 as pdfium

from archcalc import analyze, zoo
from archcalc.present.tables import human
from archcalc.reports.blocks import plain
from archcalc.reports.families import papers
from archcalc.reports.words import cell

BREAK = "\u200b"
"""Where a long name may be broken."""


def missing(file):
    """The networks that have no line, with their parameters and mult-adds, on the pages of an atlas."""
    pages = pdfium.PdfDocument(file)
    letters = "".join(["".join(page.get_textpage().get_text_range().split()) for page in pages]).replace(BREAK, "")
    lines = {name: f"{name}{shown(analyze(name))}" for name in zoo.names()}
    return [name for name, line in lines.items() if line not in letters]


def shown(analysis):
    """What stands after a network's name in the table of all networks, without spaces."""
    totals = analysis.totals
    cells = [plain(cell("", human(count))) for count in (totals.params, totals.mult_adds)]
    return "".join("".join(cells).split())


def without_a_chapter(file):
    """The papers that have no chapter in the outline of an atlas."""
    titles = {entry.get_title() for entry in pdfium.PdfDocument(file).get_toc()}
    return [paper.name for paper in papers() if not any(title.endswith(paper.name) for title in titles)]


def faults(file):
    """What is wrong with an atlas, as lines of text."""
    return [
        *[f"no line for {name}" for name in missing(file)],
        *[f"no chapter {name}" for name in without_a_chapter(file)],
        *[f"text on text on {line}" for line in overlaps.said(overlaps.pages(file))],
    ]


if __name__ == "__main__":
    wrong = faults(sys.argv[1])
    print("\n".join(wrong))
    sys.exit(bool(wrong))
