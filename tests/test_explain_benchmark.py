"""The figures of the benchmark of `explain`, and a sample of its answers."""

from __future__ import annotations

from collections import Counter

import pytest
from benchmarks.explain import NONE, PAGE, Row, answered, figures, lines

from archcalc import zoo
from archcalc.evidence.figures import read_figure

FIGURES = figures()
SAMPLE = FIGURES[::25]


def test_the_figures_are_enough_and_a_third_of_them_has_no_reading() -> None:
    for part in ("tuned", "held out"):
        some = [row for row in FIGURES if row.part == part]
        assert len(some) >= 100
        assert sum(row.reading == NONE for row in some) >= len(some) / 3
    assert max(Counter((row.printed, row.architecture) for row in FIGURES).values()) == 1


@pytest.mark.parametrize("row", FIGURES, ids=lambda row: f"{row.printed} {row.architecture}")
def test_a_figure_can_be_read_and_has_a_source(row: Row) -> None:
    assert zoo.network(row.architecture).name == row.architecture
    assert read_figure(row.printed, None).quantities
    assert row.source.startswith("https://") or row.source.startswith("lecture document")
    assert row.reading != NONE or row.note
    assert (row.reading == NONE) == (row.kind in ("unreadable", "swapped", "altered", "contradicted"))


def test_a_sample_is_answered_as_the_page_says() -> None:
    """At most one miss among 22, and nothing claimed that is not so: the page has 97 % and 1 %."""
    answers = [answered(row) for row in SAMPLE]
    assert len(answers) > 20
    assert sum(not each.right and each.row.reading != NONE for each in answers) <= 1
    assert not [each for each in answers if each.claimed and not each.right]


def test_the_page_has_the_shares_of_both_parts() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for title, part in (("Held out", "held out"), ("Tuned on", "tuned")):
        section = page.split(f"## {title}")[1].split("##")[0]
        heading, _, *_ = lines([])
        absent = sum(row.reading == NONE for row in FIGURES if row.part == part)
        assert heading in section
        assert f"| all of these | {absent} |" in section
