"""The figures of the benchmark of `explain`, and a sample of its answers."""

from __future__ import annotations

import ast
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest
from benchmarks.explain import NONE, PAGE, TITLES, Row, answered, figures, lines

from archcalc import zoo
from archcalc.evidence.figures import read_figure

FIGURES = figures()
SAMPLE = FIGURES[::25]


def test_the_figures_are_enough_and_a_third_of_them_has_no_reading() -> None:
    for part in TITLES:
        some = [row for row in FIGURES if row.part == part]
        assert len(some) >= 100
        assert sum(row.reading == NONE for row in some) >= len(some) / 3
    assert max(Counter((row.printed, row.architecture) for row in FIGURES).values()) == 1


@pytest.mark.parametrize("row", FIGURES, ids=lambda row: f"{row.printed} {row.architecture}")
def test_a_figure_can_be_read_and_has_a_source(row: Row) -> None:
    assert zoo.network(row.architecture).name == row.architecture
    assert read_figure(row.printed, None).quantities
    assert row.source.startswith("https://") or row.source.startswith("lecture document")
    assert row.checked
    assert row.reading != NONE or row.note
    assert (row.reading == NONE) == (row.kind in ("unreadable", "swapped", "altered", "contradicted"))


TORCHVISION = "https://pytorch.org/vision/stable/models/generated/torchvision.models."


def test_the_metadata_of_torchvision_has_the_figures_of_its_pages() -> None:
    """Its pages print `num_params` as it is, `_ops` with two decimals and `_file_size` with one."""
    found = find_spec("torchvision")
    if found is None or found.origin is None:
        pytest.skip("torchvision is not installed")
    printed = weights(Path(found.origin).parent / "models")
    rows = [row for row in FIGURES if row.source.startswith(TORCHVISION)]
    assert len(rows) > 50
    for row in rows:
        figure = row.note.split(" with ")[0] if row.kind == "altered" else row.printed
        name = row.source.removeprefix(TORCHVISION).removesuffix(".html").replace("_", "")
        assert (name, figure) in printed


def weights(folder: Path) -> set[tuple[str, str]]:
    """The names of the networks in a folder's modules and what the documentation prints of their weights.

    Read from the source: importing torchvision takes seconds and needs its compiled part.
    """
    forms = {"num_params": "{:d}", "_ops": "{:.2f} GFLOPS", "_file_size": "{:.1f} MB"}
    out: set[tuple[str, str]] = set()
    for path in folder.glob("*.py"):
        for each in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(each, ast.ClassDef) and each.name.endswith("_Weights"):
                name = each.name.removesuffix("_Weights").replace("_", "").lower()
                for found in [found for found in ast.walk(each) if isinstance(found, ast.Dict)]:
                    for key, value in zip(found.keys, found.values, strict=True):
                        if isinstance(key, ast.Constant) and key.value in forms and isinstance(value, ast.Constant):
                            out.add((name, forms[str(key.value)].format(value.value)))
    return out


def test_a_sample_is_answered_as_the_page_says() -> None:
    """At most one miss among 28, and nothing claimed that is not so: the page has 93 % and 1 %."""
    answers = [answered(row) for row in SAMPLE]
    assert len(answers) > 20
    assert sum(not each.right and each.row.reading != NONE for each in answers) <= 1
    assert not [each for each in answers if each.claimed and not each.right]


def test_the_page_has_the_shares_of_all_parts() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for part, title in TITLES.items():
        section = page.split(f"## {title}")[1].split("##")[0]
        heading, _, *_ = lines([])
        absent = sum(row.reading == NONE for row in FIGURES if row.part == part)
        assert heading in section
        assert f"| all of these | {absent} |" in section
