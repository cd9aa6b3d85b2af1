"""The record of what PyTorch keeps alive in steps of public models, against the predictions."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import step_record
from step_record import CLOSE, Compared


@cache
def found() -> list[Compared]:
    return step_record.every()


def test_the_record_has_many_networks_of_many_families() -> None:
    assert len({each.network for each in found() if each.what == "training step"}) >= 50


def test_every_figure_is_within_two_per_cent_or_has_a_reason() -> None:
    far = [each for each in found() if abs(each.error) > CLOSE and not each.reason]
    assert far == []


def test_a_reason_stands_where_there_is_a_difference() -> None:
    """A reason whose figures are all close explains nothing."""
    reasons = {each.reason for each in found() if each.reason}
    assert all([any([abs(each.error) > 0.001 for each in found() if each.reason == reason]) for reason in reasons])


def test_most_figures_are_exact() -> None:
    steps = [each for each in found() if each.what == "training step" and not each.reason]
    assert sum([abs(each.error) <= 0.001 for each in steps]) >= 0.8 * len(steps)


def test_flops_of_a_step_are_those_of_the_counter() -> None:
    flops = [each for each in found() if each.what.endswith("FLOPs") and not each.reason]
    assert len(flops) >= 80
    assert [each for each in flops if each.error] == []


def test_the_page_has_the_figures_of_the_record(tmp_path: Path) -> None:
    step_record.write_page(tmp_path)
    kept = Path(__file__).parent.parent / "reports" / "memory"
    for name in ("README.md", "steps.csv"):
        assert (tmp_path / name).read_text() == (kept / name).read_text(), "python tests/step_record.py --page"
