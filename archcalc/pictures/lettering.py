"""Widths of text in Source Sans, the typeface of pictures, so that boxes fit their text on every machine.

The table holds what the font's own file says (SourceSansPro 2.021, SIL Open Font License); a test compares them. So
measuring needs neither the font nor a package.
"""

from __future__ import annotations

LETTERS = "".join(map(chr, range(32, 127))) + "\u00d7·\u2013…→\u2212≤≥"
"""The letters whose widths are known: ASCII, and the signs of pictures."""

REGULAR = """\
    200 289 425 497 497 824 609 249 303 303 418 497 249 311 249 350 497 497 497 497 497 497 497 497 497 497 249 249
    497 497 497 425 847 544 588 571 615 527 494 617 652 263 480 579 486 727 647 664 566 664 569 534 536 645 515 786
    513 476 539 303 350 303 497 500 542 504 553 456 555 496 292 504 544 246 247 495 255 829 547 542 555 555 347 419
    338 544 467 718 446 467 425 303 241 303 497 497 249 480 948 619 497 497 497
"""
SEMIBOLD = """\
    200 315 482 513 513 841 639 275 324 324 438 513 275 322 275 344 513 513 513 513 513 513 513 513 513 513 275 275
    513 513 513 444 875 558 597 576 625 538 510 628 663 282 494 597 502 745 656 674 582 674 592 545 546 655 536 800
    541 501 540 324 344 324 513 500 549 516 563 462 564 507 317 520 558 262 263 522 271 843 560 549 564 564 373 431
    361 556 495 748 481 495 443 324 255 324 513 513 275 480 963 618 513 513 513
"""
UNKNOWN = 600
"""The width that is assumed for other letters; few of Source Sans are wider, and none of ASCII but @, W, M and %."""

WIDTHS = {
    bold: dict(zip(LETTERS, map(int, table.split()), strict=True))
    for bold, table in ((False, REGULAR), (True, SEMIBOLD))
}
"""The advance width of each letter in thousandths of the size of type, by weight."""


def width(text: str, size: float, bold: bool = False) -> float:
    """The width in points of a line of text at a size of type; kerning makes it a little less.

    >>> width("conv", 10), width("conv", 10, bold=True)
    (20.12, 20.66)
    """
    known = WIDTHS[bold]
    return sum([known.get(letter, UNKNOWN) for letter in text]) * size / 1000
