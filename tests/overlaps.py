"""Text that lies on other text in a PDF.

Two letters lie on each other if their advances share much of a width, and their outlines some of a height. Kerned
letters share little of their advances, and lines that are close to each other no height of their outlines.

Run: python tests/overlaps.py FILE.pdf ... prints every page with such text, and what lies on what.
"""

import sys
from ctypes import c_double

import numpy as np
import pypdfium2 as pdfium
from pypdfium2 import raw

WIDTH, HEIGHT = 0.35, 0.15
"""The parts of the wider letter's advance, and of the lower letter's outline, that letters may share."""


def letters(text):
    """The visible letters of a page: number and letter; boxes in points: left, right (of advances), bottom, top."""
    said, boxes = [], []
    left, right, bottom, top = [c_double() for _ in range(4)]
    loose = raw.FS_RECTF()
    for number in range(text.count_chars()):
        letter = chr(raw.FPDFText_GetUnicode(text, number))
        if not letter.strip() or raw.FPDFText_IsGenerated(text, number) == 1:
            continue
        outlined = raw.FPDFText_GetCharBox(text, number, left, right, bottom, top) and top.value > bottom.value
        if outlined and raw.FPDFText_GetLooseCharBox(text, number, loose):
            said.append((number, letter))
            boxes.append((loose.left, loose.right, bottom.value, top.value))
    return said, np.array(boxes).reshape(-1, 4)


def overlapping(page):
    """The words that lie on each other on a page: [(one, other), ...], each pair once."""
    text = page.get_textpage()
    said, boxes = letters(text)
    left, right, bottom, top = boxes.T
    width, height = right - left, top - bottom
    order = np.argsort(left, kind="stable")
    starts = left[order]
    found = {}
    for place, one in enumerate(order):
        others = order[place + 1 : int(np.searchsorted(starts, right[one]))]
        across = (np.minimum(right[others], right[one]) - left[others]) / np.maximum(width[others], width[one])
        up = np.minimum(top[others], top[one]) - np.maximum(bottom[others], bottom[one])
        up = up / np.minimum(height[others], height[one])
        for other in others[(across > WIDTH) & (up > HEIGHT)]:
            if not np.array_equal(boxes[one], boxes[other]):  # the letters of a ligature have one box
                first, second = sorted((said[one][0], said[other][0]))
                found.setdefault((_word(text, first), _word(text, second)), None)
    return list(found)


def _word(text, number):
    """The word that a letter is in."""
    begin = max(number - 12, 0)
    near = text.get_text_range(begin, 25).replace("\r", " ").replace("\n", " ")
    return near[near.rfind(" ", 0, number - begin) + 1 :].split(" ", maxsplit=1)[0]


def pages(file):
    """The pages of a PDF with text on text: {number from 1: pairs of words}."""
    found = {number: overlapping(page) for number, page in enumerate(pdfium.PdfDocument(file), 1)}
    return {number: pairs for number, pairs in found.items() if pairs}


def said(on):
    """The pages as lines of text."""
    return [f"page {number}: {'; '.join(f'{a} on {b}' for a, b in pairs[:4])}" for number, pairs in on.items()]


if __name__ == "__main__":
    lines = [f"{file}, {line}" for file in sys.argv[1:] for line in said(pages(file))]
    print("\n".join(lines))
    sys.exit(bool(lines))
