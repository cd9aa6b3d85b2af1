"""Names as people write them: matching, display, and the nearest known names for an unknown one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from archcalc.base.errors import UnknownName

Known: TypeAlias = Sequence[str] | Mapping[str, str]
"""Names; or spellings with the name that each of them means."""

_LONGEST = 60
_COMPARED = 100
"""The number of characters of a name that are compared with others: no name is longer."""


def matched(name: str) -> str:
    """A name in the form that is compared: lower case, without `-`, `_` and `.`."""
    return re.sub(r"[-_.\s]", "", name.lower())


def shown(text: object) -> str:
    """A given value in quotes, as messages show it: cut if it is long."""
    return repr(cut(str(text)))


def cut(text: str) -> str:
    """A text, cut where it is longer than a message shows."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def nearest(given: str, known: Known) -> tuple[str, ...]:
    """At most three known names that are close to a given one, best first."""
    from difflib import get_close_matches

    meant = known if isinstance(known, Mapping) else {name: name for name in known}
    by_form = {matched(spelling): name for spelling, name in meant.items()}
    wanted = matched(given)[:_COMPARED]
    begun = [form for form in by_form if min(len(form), len(wanted)) > 2 and _begins(form, wanted)]
    begun.sort(key=lambda form: abs(len(form) - len(wanted)))
    close = get_close_matches(wanted, by_form, n=3, cutoff=0.5)
    return tuple(dict.fromkeys(by_form[form] for form in [*begun, *close]))[:3]


def _begins(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def unknown(kind: str, given: str, known: Known, otherwise: str, *, said: str = "", about: str = "name") -> UnknownName:
    """The error for an unknown name of some kind: with the names that are close, or `otherwise`."""
    close = nearest(given, known)
    hint = f"nearest: {', '.join(close)}" if close else otherwise
    return UnknownName(f"{said or f'no {kind} is called {shown(given)}'}; {hint}", close, about, kind, given)
