"""Fuzz the formulas that strangers write: `python tests/attacks/expressions.py [COUNT [SEED [PROCESSES]]]`.

Random formulas by the grammar, formulas of a network in other words (right ones and wrong ones), and both with
characters changed are read and, where they are read, compared with a closed form. Nothing may be slower than 50 ms to
read or a second to compare, raise anything but ArchcalcError, or be called equal or different falsely: the oracle
is a reader of its own that evaluates the text with fractions at random points. Prints what was found; exit code 1 for
a finding. A million strings unless said otherwise.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from functools import cache
from math import ceil, factorial, floor
from random import Random
from typing import Any, NamedTuple

from archcalc.algebra.expressions import parse
from archcalc.base.errors import ArchcalcError
from archcalc.forms.closed import closed_form
from archcalc.forms.formulas import compared

PARSE_SECONDS, COMPARE_SECONDS = 0.05, 1.0
CHUNK = 5000
POINTS = 6
FORMS = (
    ("resnet50", (), "mult_adds"),
    ("vgg16", ("H", "W", "K"), "params"),
    ("mobilenet_v1", ("S", "width"), "mult_adds"),
    ("mobilenet_v1", ("width", "K"), "params"),
    ("lenet5", (), "mult_adds"),
    ("unet", ("S", "width"), "mult_adds"),
)
"""Closed forms that formulas are compared with: in two sizes, in a width that is a fraction, with offsets."""
SAME = (
    "{0}", "({0})", "{0} + 0", "1 * ({0})", "({0})^1", "({0}) * 3 / 3", "floor({0})", "ceil({0})", "({0}) // 1",
    "floor((2 * ({0}) + 1) / 2)", "ceil((2 * ({0}) - 1) / 2)", "max({0}, 0)", "max({0}, 0 - {1})", "-(-({0}))",
    "({0}) * {1}^0", "(({0}) * ({1} + 1)) // ({1} + 1)", "({0}) + {1}^3 - {1} * {1}**2", "max({0}, {0})",
    "-((-({0})) // 1)", "min({0}, {0} + 3)", "(({0})*({0})) // ({0})", "-((-6*({0}))//6)", "(6*({0}))//-6*(-1)",
)  # fmt: skip
"""The same formula in other words."""
OTHER = (
    "{0} + {2}", "({0}) * {2}", "({0}) / {2}", "({0}) // {2}", "({0}) + {1} // {2}", "{0} + ({1}/{2} - {1}//{2})",
    "({0}) * {1} / {1}", "({0}) + ({1}/{1} - 1)", "({0}) * {1}^-1", "({0}) + {1}^(1/2)", "({0})^{1}", "({0}) * 1^{1}",
    "max({0}, {1}^{2})", "min({0}, {1}^{2})", "({0}) + max({1} - {2}, 0)", "({0}) + 0^{1}",
    "({0}) + min({1}, {2}) - {2}", "({0}) + floor({1} / {2}) - floor(({1} + {2}) / {2}) + 1", "(({0}) * {1}) // {1}",
    "{0} + ({2}*{1}*{3})//{3} - {2}*{1}", "{0} + (({1} - {2}) * {3}) // ({1} - {2}) - {3}", "({0})(1)", "{0} + {2}!",
    "{0} + ceil({1}/{2}) - floor({1}/{2}) - 1", "{0} + floor({1} + 1/2) - {1}", "{0} + floor({1}) - {1}",
    "({0}) * ({1} - {1} + 2)^{2}", "{0} + 0.5 - 1/2 + 0 * {2}",
)  # fmt: skip
"""Formulas that may differ, be undefined, or be no polynomial."""
CHARACTERS = "0123456789.+-*/^!(),=<>;[]% hwsKMGT_abcover\t\n\u00d7\u2212\u00e9\0\U0001f600"
WORDS = ("floor(", "ceil(", "max(", "min(", "sum(", "prod(", " over l", " and ", "**", "//", "^-1", "9" * 61, "h", "w")


# --- The oracle: another reader of the language, which evaluates as it reads.

TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?|\.\d+)|([A-Za-z]\w*)|(\*\*|//|[-+*/^!(),]))", re.ASCII)
BINARY = {"+": (1, 2), "-": (1, 2), "*": (3, 4), "/": (3, 4), "//": (3, 4), "^": (8, 5), "**": (8, 5)}
"""How strongly an operator holds the operand on its left, and the one on its right."""


class Undefined(Exception):
    """A formula that has no value at a point, or none that the oracle knows."""


class Reader:
    """A formula, evaluated at a point by precedence climbing; the words of `archcalc.algebra.expressions.parser`."""

    def __init__(self, text: str, point: Mapping[str, Fraction]) -> None:
        self.point = point
        self.tokens: list[tuple[str, str]] = []
        at = 0
        for mark, plain in (("\u00d7", "*"), ("\u00b7", "*"), ("\u22c5", "*"), ("\u2212", "-")):
            text = text.replace(mark, plain)
        text = text.rstrip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if match is None:
                raise Undefined(text[at:])
            self.tokens.append(next((kind, word) for kind, word in zip("nwm", match.groups(), strict=True) if word))
            at = match.end()
        self.tokens.append(("end", ""))
        self.tokens.reverse()

    def take(self, *words: str) -> str:
        return self.tokens.pop()[1] if self.tokens[-1][1] in words and self.tokens[-1][0] != "end" else ""

    def whole(self) -> Fraction:
        value = self.read(0)
        if self.tokens[-1][0] != "end":
            raise Undefined(self.tokens[-1][1])
        return value

    def read(self, least: int) -> Fraction:
        """The value of operators that hold at least so strongly; 0 at the beginning of a sum."""
        value = self.first(least)
        while True:
            kind, word = self.tokens[-1]
            beside = kind == "w" or word == "("
            left, right = (3, 5) if beside else BINARY.get(word, (-1, -1))
            if left < max(least, 0):
                return value
            if not beside:
                self.tokens.pop()
            value = combined("*" if beside else word, value, self.read(right))

    def first(self, least: int) -> Fraction:
        kind, word = self.tokens.pop()
        if word in ("+", "-"):  # at the beginning of a sum it is the sign of a product, elsewhere of a power
            value = self.read(5 if least else 3)
            return -value if word == "-" else value
        if kind == "n":
            value = Fraction(word)
        elif word == "(":
            value = self.read(0)
            self.need(")")
        elif word in ("floor", "ceil", "max", "min"):
            value = self.called(word)
        elif kind == "w" and word in self.point:
            value = self.point[word]
        else:
            raise Undefined(word)
        if not self.take("!"):
            return value
        if value.denominator != 1 or not 0 <= value <= 20:
            raise Undefined("!")
        return Fraction(factorial(int(value)))

    def called(self, word: str) -> Fraction:
        self.need("(")
        values = [self.read(0)]
        while word in ("max", "min") and self.take(","):
            values.append(self.read(0))
        self.need(")")
        if word in ("floor", "ceil"):
            return Fraction(floor(values[0]) if word == "floor" else ceil(values[0]))
        return max(values) if word == "max" else min(values)

    def need(self, word: str) -> None:
        if not self.take(word):
            raise Undefined(word)


def combined(sign: str, one: Fraction, other: Fraction) -> Fraction:
    """The value of two operands at an operator. Raises Undefined."""
    if sign in ("^", "**"):
        if other.denominator != 1 or (one == 0 and other < 0) or (abs(one) not in (0, 1) and abs(other) > 5000):
            raise Undefined(sign)
        return one ** int(other)
    if sign in ("/", "//"):
        if not other:
            raise Undefined(sign)
        return one / other if sign == "/" else Fraction(floor(one / other))
    return one + other if sign == "+" else one - other if sign == "-" else one * other


# --- Closed forms, and points at which they hold.


class Target(NamedTuple):
    """A quantity of a closed form, and its values at some points at which the form holds."""

    form: Any
    key: str
    text: str
    points: tuple[tuple[Mapping[str, Fraction], Fraction], ...]


@cache
def target(place: int) -> Target:
    network, symbols, key = FORMS[place]
    form = closed_form(network, symbols)
    random = Random(place)  # noqa: S311
    found: list[tuple[Mapping[str, Fraction], Fraction]] = []
    while len(found) < POINTS:
        point = {
            name: Fraction(symbol.least) + (Fraction(random.randint(0, 200), 8) if real else random.randint(0, 60))
            for name, real, symbol in zip(form.space.names, form.space.real, form.symbols, strict=True)
        }
        if holds(form.space, point):
            found.append((point, Fraction(form.quantities[key].value.value(point))))
    return Target(form, key, form.quantities[key].text, tuple(found))


def holds(space: Any, point: Mapping[str, Fraction]) -> bool:
    """Return True if a form of a space holds at a point."""
    return (
        all([each.value(point) >= 0 for each in space.at_least])
        and all([Fraction(each.value(point)).denominator == 1 for each in space.whole])
        and all([each.value(point) != 0 for each in space.nonzero])
        and all([each.value(point) == 0 for each in space.zero])
    )


def right(text: str, asked: Target, equal: bool) -> bool:
    """Return True if a verdict is that of the oracle: equal at all points, or different at one, and defined at all."""
    try:
        found = [Reader(text, point).whole() == value for point, value in asked.points]
    except Undefined:
        return False
    return all(found) if equal else not all(found)


# --- Formulas.


def formula(random: Random, letters: tuple[str, ...], depth: int) -> str:
    """A random formula by the grammar."""
    kind = random.random()
    if depth <= 0 or kind < 0.25:
        if random.random() < 0.55:
            return random.choice(letters)
        return random.choice(("0", "1", "2", "3", "7", "0.5", "1.25", ".5", "83410944", str(random.randint(0, 10**6))))
    one, other = (formula(random, letters, depth - 1) for _ in range(2))
    if kind < 0.75:
        sign = random.choice((*"++--***//", "//", "^"))
        if sign == "^":
            other = random.choice(("0", "1", "2", "3", "5", "-1", "0.5", "(1/2)", "(3-1)", "64", "65", other))
            one = one if one.isalnum() else f"({one})"
        return f"{one}{random.choice(('', ' '))}{sign}{other}"
    if kind < 0.9:
        return f"({one})"
    if kind < 0.93:
        return f"{one}!" if random.random() < 0.5 else f"{random.choice(('-', '+'))}{one}"
    named = random.choice(("floor", "ceil", "max", "min"))
    return f"{named}({one})" if named in ("floor", "ceil") else f"{named}({one}, {other})"


def in_other_words(random: Random, asked: Target) -> str:
    """The formula of a quantity in other words, some of which mean something else."""
    text = asked.text
    letters = tuple(asked.form.space.names)
    for _ in range(random.choice((1, 1, 2, 3))):
        parts = (
            text,
            random.choice(letters),
            random.choice(("1", "2", "3", "5", "1/2", "0.25")),
            random.choice(letters),
        )
        text = random.choice(SAME if random.random() < 0.6 else OTHER).format(*parts)
    return text


def large(random: Random, letters: tuple[str, ...]) -> str:
    """A formula about as long, deep or costly as is allowed."""
    part = formula(random, letters, 2)
    kind = random.randrange(6)
    if kind == 0:
        return random.choice("+-*/").join([f"({part})"] * (2000 // (len(part) + 3)))[
            : random.choice((1990, 2000, 2001))
        ]
    if kind == 1:
        levels = random.randint(1, 60)
        return "(" * levels + part + ("//1" * random.randint(0, 3) + ")") * levels
    if kind == 2:
        return "+".join(
            [f"({'+'.join(letters)}+{random.random():.9f})^{random.randint(1, 64)}"] * random.randint(1, 60)
        )
    if kind == 3:
        return (
            random.choice(("-", "+", "2^", "(", "floor(", "h!", "h ", "1/", "max(h,")) * random.randint(1, 700) + part
        )
    if kind == 4:
        low = random.choice(letters)
        return (
            f"(({part})^{random.randint(1, 9)} * {low}^{random.randint(0, 60)}) // ({low} - {random.choice(letters)}^2)"
        )
    return "*".join([random.choice(("9" * random.randint(1, 60), *letters)) for _ in range(random.randint(1, 40))])


def spoilt(random: Random, text: str) -> str:
    """A text with some characters changed, left out, put in or repeated."""
    characters = list(text)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(characters) + 1)
        kind = random.random()
        if kind < 0.4:
            characters[at : at + 1] = [random.choice(CHARACTERS)]
        elif kind < 0.6:
            del characters[at : at + random.randint(1, 3)]
        elif kind < 0.8:
            characters[at:at] = list(random.choice((*WORDS, random.choice(CHARACTERS))))
        else:
            characters[at:at] = characters[at : at + random.randint(1, 8)]
    return "".join(characters)


def drawn(seed: int, count: int) -> Iterator[tuple[str, Target]]:
    """Formulas and the quantities that they are compared with."""
    random = Random(seed)  # noqa: S311
    for _ in range(count):
        asked = target(random.randrange(len(FORMS)))
        letters = tuple(asked.form.space.names)
        kind = random.random()
        if kind < 0.02:
            text = large(random, letters)
        else:
            text = formula(random, letters, random.randint(1, 5)) if kind < 0.5 else in_other_words(random, asked)
        yield (spoilt(random, text) if random.random() < 0.3 else text), asked


# --- One formula, many of them, and the figures.


class Figures(NamedTuple):
    """Figures of some formulas."""

    counts: Counter[str]
    slowest: tuple[float, str]
    """Seconds of a processor to read a formula, and the formula."""
    slowest_comparison: tuple[float, str]
    findings: list[str]


def judged(text: str, asked: Target) -> tuple[str, str, float, float]:
    """The outcome, the finding or an empty text, and the seconds of reading and of comparing."""
    began = time.process_time()
    try:
        parse(text)
    except ArchcalcError as error:
        spent = time.process_time() - began
        if not str(error) or "\n" in str(error):
            return "refused", f"no sentence: {error}", spent, 0.0
        return "not read", "", spent, 0.0
    except Exception as error:  # noqa: BLE001
        return "exception", f"{type(error).__name__} when read", time.process_time() - began, 0.0
    read = time.process_time() - began
    began = time.process_time()
    try:
        found = compared(asked.form, asked.key, text)
    except ArchcalcError:
        return "refused", "", read, time.process_time() - began
    except Exception as error:  # noqa: BLE001
        return "exception", f"{type(error).__name__} when compared", read, time.process_time() - began
    spent = time.process_time() - began
    outcome = "equal" if found.equal else "different"
    return outcome, "" if right(text, asked, found.equal) else f"falsely {outcome}", read, spent


def fuzz(seed: int, count: int, *, timed: bool = True) -> Figures:
    """The figures of `count` formulas of a seed; a limit of time is passed only if it is passed twice."""
    counts: Counter[str] = Counter()
    findings: list[str] = []
    slowest, comparison = (0.0, ""), (0.0, "")
    for text, asked in drawn(seed, count):
        outcome, finding, read, spent = judged(text, asked)
        if timed and (read > PARSE_SECONDS or spent > COMPARE_SECONDS):
            _, _, *again = judged(text, asked)
            read, spent = min(read, again[0]), min(spent, again[1])
        counts[outcome] += 1
        slowest, comparison = max(slowest, (read, text)), max(comparison, (spent, text))
        if timed and read > PARSE_SECONDS:
            finding += f" {read:.3f} s to read"
        if timed and spent > COMPARE_SECONDS:
            finding += f" {spent:.3f} s to compare"
        if finding:
            findings.append(f"{finding}: {asked.form.architecture} {asked.key} {text!r}")
    return Figures(counts, slowest, comparison, findings)


def _share(chunk: tuple[int, int]) -> Figures:
    return fuzz(*chunk)


def main() -> int:
    count, seed, processes = (int(given) for given in (*sys.argv[1:4], *("1000000", "1", "2")[len(sys.argv) - 1 :]))
    counts: Counter[str] = Counter()
    slowest, comparison, findings = (0.0, ""), (0.0, ""), list[str]()
    chunks = [(seed * 1_000_000 + start, min(CHUNK, count - start)) for start in range(0, count, CHUNK)]
    with ProcessPoolExecutor(processes) as pool:
        for figures in pool.map(_share, chunks):
            counts += figures.counts
            slowest = max(slowest, figures.slowest)
            comparison = max(comparison, figures.slowest_comparison)
            findings += figures.findings
    for outcome, number in counts.most_common():
        print(f"{number:9,} {outcome}")
    print(f"slowest to read: {slowest[0] * 1000:.1f} ms, {slowest[1][:100]!r} ({len(slowest[1])} characters)")
    print(
        f"slowest to compare: {comparison[0] * 1000:.1f} ms, {comparison[1][:100]!r} ({len(comparison[1])} characters)"
    )
    for finding in findings[:100]:
        print(f"FOUND {finding}")
    print(f"{sum(counts.values()):,} formulas, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
