"""Formulas of strangers: whatever they write is refused in a sentence, or compared rightly and in bounded work."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import Any

import expressions
import pytest

from archcalc.algebra.expressions import parse
from archcalc.algebra.expressions.sizes import MOST_WORK, polynomial_size
from archcalc.algebra.polynomial import Polynomial
from archcalc.base.errors import ArchcalcError
from archcalc.forms.formulas import compared


@pytest.mark.parametrize("seed", [7])
def test_random_formulas_are_refused_or_compared_rightly(seed: int) -> None:
    """`python tests/attacks/expressions.py` tries a million, and how long each takes."""
    found = expressions.fuzz(seed, 6_000, timed=False)
    assert found.findings == []
    assert min(found.counts[each] for each in ("not read", "refused", "different", "equal")) > 300


def test_the_oracle_tells_right_verdicts_from_wrong_ones() -> None:
    asked = expressions.target(0)
    for text, equal in ((asked.text, True), (f"{asked.text} + 1", False), ("2 - -3h//2^2", False)):
        assert expressions.right(text, asked, equal)
        assert not expressions.right(text, asked, not equal)
    for text in ("1/(h-h)", "h^(1/2)", "2^h^9", "q", "sum(h_l over l)"):
        assert not expressions.right(text, asked, equal=False)


@pytest.mark.parametrize("text", expressions.SAME)
def test_a_formula_in_other_words_is_equal_for_real_letters_too(text: str) -> None:
    """Unless it is rounded: then it may be refused, as the oracle's points alone prove nothing."""
    for place in range(len(expressions.FORMS)):
        asked = expressions.target(place)
        written = text.format(asked.text, asked.form.space.names[0])
        try:
            found = compared(asked.form, asked.key, written)
        except ArchcalcError:
            assert any(asked.form.space.real)
            assert "//" in written or "floor" in written or "ceil" in written
            continue
        assert found.equal


def test_the_work_of_a_formula_is_what_was_foretold_or_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted as products of coefficients, over formulas that are about as large as is allowed."""
    done = [0]
    plain = Polynomial.__mul__

    def counted(self: Polynomial, other: Any) -> Any:
        done[0] += len(self.terms) * (len(other.terms) if isinstance(other, Polynomial) else 1)
        return plain(self, other)

    monkeypatch.setattr(Polynomial, "__mul__", counted)
    monkeypatch.setattr(Polynomial, "__rmul__", counted)
    random = Random(1)  # noqa: S311
    asked = expressions.target(0)
    most = 0
    for _ in range(500):
        text = expressions.large(random, ("h", "w"))
        done[0] = 0
        try:
            foretold = polynomial_size(parse(text)).work
        except ArchcalcError:
            foretold = 0
        with suppress(ArchcalcError):
            compared(asked.form, asked.key, text)
        assert done[0] <= 2 * foretold + 200
        most = max(most, done[0])
    assert 500 < most <= 2 * MOST_WORK
