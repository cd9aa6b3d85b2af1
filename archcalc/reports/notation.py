"""Formulas in prose, such as w_0 + w_a * j, as letters, indices and exponents.

Notes of the catalogue are plain text, which the command line prints as it is. A report sets their formulas as
mathematics. A formula is found by its form: single letters, numbers, parentheses and operators, with at least one
letter and one operator. Words of two letters and more, and sizes such as 3x3, are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archcalc.reports.blocks import TextSpan

_INDEX = r"(?:_(?:\w))?"
_POWER = r"(?:\^(?:\([^()]+\)|\w+))?"
_LETTER = rf"(?<![A-Za-z_\d])\d*[A-Za-z]\d?{_INDEX}{_POWER}(?![A-Za-z_\d'\u2019])"
_NUMBER = r"(?<![\w.])\d+(?:[.,]\d+)*" + _POWER + r"(?![\w])"
_OPERATOR = r"[-+*/=]"
_OPEN, _CLOSE = r"\(", r"\)"
_TOKEN = re.compile(
    rf"(?P<letter>{_LETTER})|(?P<number>{_NUMBER})|(?P<operator>{_OPERATOR})|(?P<open>{_OPEN})|(?P<close>{_CLOSE})|"
    r"(?P<space> )"
)
SIGNS = {"-": "\u2212", "*": "\u00b7"}
FACTORS = set("BCDEFGHJKLMNOPQRSTUVWXYZ")
"""Letters that may be factors after a space; A and I may be words."""
GREEK = {"theta": "\u03b8"}


def formulas(text: str) -> list[str | TextSpan]:
    """Text, in which every formula is spans: letters, what is below them and above them.

    >>> [each if isinstance(each, str) else (each.text, each.style) for each in formulas("the width w_0 * j, rounded")]
    ['the width ', ('w', 'variable'), ('0', 'index'), ' \u00b7 ', ('j', 'variable'), ', rounded']
    """
    text = re.sub(rf"\b({'|'.join(GREEK)})\b", lambda word: GREEK[word[0]], text)
    parts: list[str | TextSpan] = []
    begin = at = 0
    while at < len(text):
        end = _formula(text, at)
        if end > at:
            parts += [text[begin:at]] * (at > begin)
            parts += _merged(_spans(text[at:end]))
            begin = at = end
        else:
            at = _next(text, at)
    return [*parts, *([text[begin:]] if begin < len(text) else [])]


def _next(text: str, at: int) -> int:
    """The next place where a formula may begin."""
    found = re.compile(r"(?<![\w.^])(?=[\w(])").search(text, at + 1)
    return found.start() if found else len(text)


def _formula(text: str, begin: int) -> int:
    """The end of the formula that begins here; `begin` if none does."""
    at, last, depth = begin, begin, 0
    kinds: list[str] = []
    best = begin
    while (token := _TOKEN.match(text, at)) is not None:
        kind = str(token.lastgroup)
        if not _follows(kinds, kind, token[0], text, at):
            break
        depth += (kind == "open") - (kind == "close")
        if depth < 0:
            break
        at = token.end()
        kinds.append(kind)
        last = at if kind in ("letter", "number", "close") else last
        if last == at and depth == 0 and _is_formula(text[begin:at], kinds):
            best = at
    return best


def _follows(kinds: list[str], kind: str, token: str, text: str, at: int) -> bool:
    """True if a token may stand after the others in a formula."""
    if not kinds:
        return kind in ("letter", "open") or (kind == "number" and re.match(r"\d+ ?[-+*/=]", text[at:]) is not None)
    if kinds[-1] == "space":
        before = kinds[-2]
        if before in ("letter", "number", "close"):
            called = text[at + len(token) : at + len(token) + 1] == "("
            product = kind == "open" or (kind == "letter" and (called or token in FACTORS))
            return kind == "operator" or (product and (len(kinds) > 2 or token in FACTORS))
        return kind in ("letter", "number", "open")
    return kind != "space" or kinds[-1] != "open"


def _is_formula(text: str, kinds: list[str]) -> bool:
    said = "letter" in kinds and ("operator" in kinds or re.search(r"[_^]", text) is not None)
    product = "number" in kinds and "*" in text
    return said or product


def _spans(formula: str) -> Iterator[str | TextSpan]:
    for part in re.finditer(r"(?:_|(?<=[A-Za-z]))([\da-zA-Z]\b|\d)|\^\(([^()]+)\)|\^(\w+)|([A-Za-z])|(.)", formula):
        index, inside, power, letter, other = part.groups()
        if index is not None:
            yield TextSpan(index, "index")
        elif inside is not None or power is not None:
            yield TextSpan(re.sub(r" ?- ?", "\u2212", inside or power), "power")
        elif letter is not None:
            yield TextSpan(letter, "variable")
        else:
            yield SIGNS.get(other, other)


def _merged(parts: Iterator[str | TextSpan]) -> list[str | TextSpan]:
    """Plain letters that follow each other as one text."""
    merged: list[str | TextSpan] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return merged
