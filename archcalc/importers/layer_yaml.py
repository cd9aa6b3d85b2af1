"""Layer lists in YAML: the keys and values of a file, and the lines on which its texts begin.

PyYAML reads the structure of the file; what its values mean is decided here, so that a list means in YAML what it means
in TOML. A value without quotes is true, false, or a number in the decimal notation of TOML, and else a text: `yes`,
`on`, `0x10`, `010`, `12:30` and dates, of which versions of YAML make other values, are texts. A key is a text
and stands once. Anchors, aliases and tags are refused: a few lines of aliases can stand for millions of values, and
tags for objects of Python.

Source: YAML 1.2.2, section 10.3 (core schema), https://yaml.org/spec/1.2.2.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.base.spelling import cut, shown

MOST = 200_000
"""The most characters of a YAML file; PyYAML needs seconds for more."""
_PLAIN = "tag:yaml.org,2002:"


class ReadYaml(NamedTuple):
    """The keys of a file with their values, and for texts in the block style (`|`) the number of their first line."""

    values: dict[str, Any]
    lines: dict[str, int]


def parsed_yaml(text: str, name: str) -> ReadYaml:
    """The keys of a YAML file. Raises ArchcalcError with the line where it is not one; MissingTool without PyYAML."""
    yaml = need("yaml", f"{name}: a layer list in YAML")
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)  # which gives no value a meaning
    except yaml.YAMLError as error:
        raise _not_yaml(error, name) from None
    except RecursionError:
        raise ArchcalcError(f"{name}: its lists and tables are too deep within one another") from None
    reader = _NodeReader(name)
    values = None if root is None else reader.value(root)
    if not isinstance(values, dict):
        raise ArchcalcError(f'{name}: a layer list in YAML is keys and values, such as input: "3x32x32"')
    return ReadYaml(values, reader.lines)  # pyright: ignore[reportUnknownArgumentType]


def _not_yaml(error: Any, name: str) -> ArchcalcError:
    """The error for text that is not YAML, with its line if PyYAML says it."""
    mark: Any = getattr(error, "problem_mark", None)
    place = name if mark is None else f"{name}, line {mark.line + 1}"
    said = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return ArchcalcError(f"{place}: it is not YAML: {cut(' '.join(str(said).split()))}")


class _NodeReader:
    """Reads the nodes of a file, each once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._met: set[int] = set()
        self.lines: dict[str, int] = {}

    def value(self, node: Any) -> Any:
        """The value of a node: a dictionary, a list, a text, a number, true, false or None."""
        if id(node) in self._met:
            raise self._wrong(node, "anchors and aliases, &NAME and *NAME, are not read: write the value again")
        self._met.add(id(node))
        if node.tag not in {f"{_PLAIN}{kind}" for kind in ("str", "seq", "map")}:
            raise self._wrong(node, f"tags such as {shown(node.tag.replace(_PLAIN, '!!'))} are not read")
        if node.id == "mapping":
            return self._table(node)
        if node.id == "sequence":
            return [self.value(each) for each in node.value]
        if node.style == "|":
            self.lines.setdefault(node.value, node.start_mark.line + 2)
        return node.value if node.style else _plain(node.value)

    def _table(self, node: Any) -> dict[str, Any]:
        table: dict[str, Any] = {}
        for key, value in node.value:
            if key.id != "scalar" or id(key) in self._met:
                raise self._wrong(key, "a key is a word")
            self._met.add(id(key))
            if key.value in table:
                raise self._wrong(key, f"{shown(key.value)} is given twice")
            table[key.value] = self.value(value)
        return table

    def _wrong(self, node: Any, said: str) -> ArchcalcError:
        return ArchcalcError(f"{self._name}, line {node.start_mark.line + 1}: {said}")


def _plain(text: str) -> Any:
    """The value of a text without quotes."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text.lower() in ("true", "false") and text in (text.lower(), text.upper(), text.capitalize()):
        return text.lower() == "true"
    number = re.fullmatch(r"[+-]?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,3})?", text)
    if number:
        return int(text) if number[2] is number[3] is None else float(text)
    return text
