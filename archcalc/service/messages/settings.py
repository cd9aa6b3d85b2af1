"""Hyperparameters that a graph or a file was made with, for titles: a few short ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.service.bounds import limits
from archcalc.service.messages.fields import VALUE

LONGEST_NAME = int(limits("Graph", "name")[1])
"""Characters of a name, and of a hyperparameter with its value."""


def are_plain(settings: Mapping[str, Any]) -> bool:
    """Return True if every value is a number, true or false, or a text."""
    return all([isinstance(value, (bool, int, float, str)) for value in settings.values()])


def read_settings(name: str, held: Any, what: str) -> dict[str, Any]:
    """The hyperparameters in a map of a message. Raises ArchcalcError with its field, in the message `what`."""
    settings = {key: VALUE.read(value) for key, value in held.items()}
    long = any([len(f"{each}") > LONGEST_NAME for each in settings.items()])
    if not are_plain(settings) or long:
        said = f"{name}: settings of a {what} have up to {LONGEST_NAME} characters with their values"
        raise ArchcalcError(f"{said}, each a number, true or false, or a text", about=f"{what}.settings")
    return settings
