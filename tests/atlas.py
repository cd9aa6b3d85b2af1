"""Check an atlas: it lists every network of the catalogue with its input and its parameters.

Run: python tests/atlas.py FILE.pdf. Building one takes minutes, so `.ci/run` and a release do it, not the tests.
"""

import sys

import pypdfium2 as pdfium

from archcalc import analyze, zoo
from archcalc.present.tables import human
from archcalc.present.words import by
from archcalc.reports.blocks import plain
from archcalc.reports.words import cell, sized


def missing(file):
    """The networks that have no line, with their input and their parameters, on the pages of an atlas."""
    pages = pdfium.PdfDocument(file)
    letters = "".join(["".join(page.get_textpage().get_text_range().split()) for page in pages])
    lines = {name: f"{name}{shown(analyze(name))}" for name in zoo.names()}
    return [name for name, line in lines.items() if line not in letters]


def shown(analysis):
    """What stands after a network's name in the table of all networks, without spaces."""
    cells = [sized(by(analysis.input)), plain(cell("", human(analysis.totals.params)))]
    return "".join("".join(cells).split())


if __name__ == "__main__":
    left_out = missing(sys.argv[1])
    sys.exit(f"{sys.argv[1]} has not: {', '.join(left_out)}" if left_out else 0)
