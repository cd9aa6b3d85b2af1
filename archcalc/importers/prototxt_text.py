"""The text format of protocol buffers: messages of fields, as Caffe's prototxt files are written.

A message is a dictionary from the name of a field to the list of its values: texts, words as texts, numbers, true and
false, messages. Source: https://protobuf.dev/reference/protobuf/textformat-spec/.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, TypeAlias

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.importers.described import check_text

Message: TypeAlias = dict[str, list[Any]]
MOST_DEEP = 50
"""The most messages within one another."""
_TOKEN = re.compile(
    r"""(?P<space>[\s,;]+|\#[^\n]*)
      | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<number>[-+]?(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)[fF]?(?![\w.]))
      | (?P<name>-?[A-Za-z_][\w./-]*)
      | (?P<sign>[{}<>\[\]:])""",
    re.VERBOSE | re.ASCII,
)
_CLOSING = {"{": "}", "<": ">"}


class _TextToken(NamedTuple):
    kind: str
    text: str
    line: int


def parse_text(text: str, name: str) -> Message:
    """The message of a text. Raises ArchcalcError with the line where it is none."""
    check_text(name, text)
    return _TextParser(text, name).message()


class _TextParser:
    """Reads tokens one after another; messages that are open are on a stack."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        self._at = 0
        self._line = 1

    def message(self) -> Message:
        top: Message = {}
        stack: list[tuple[Message, str]] = [(top, "")]
        while (token := self._next()) is not None:
            message, closing = stack[-1]
            if token.text == closing:
                stack.pop()
                continue
            if token.kind != "name":
                raise self._wrong(token, f"a field has a name, and {shown(token.text)} is none")
            inner = self._field(message, token)
            if inner is not None:
                stack.append(inner)
            if len(stack) > MOST_DEEP:
                raise self._wrong(token, f"more than {MOST_DEEP} messages are within one another")
        if len(stack) > 1:
            raise ArchcalcError(f"{self._name}, line {self._line}: the text ends before {stack[-1][1]}")
        return top

    def _field(self, message: Message, name: _TextToken) -> tuple[Message, str] | None:
        """Read the value of a field; a message that it opens, with the sign that closes it."""
        values = message.setdefault(name.text, [])
        token = self._needed(name)
        colon = token.text == ":" and token.kind == "sign"
        if colon:
            token = self._needed(name)
        if token.kind == "sign" and token.text in _CLOSING:
            inner: Message = {}
            values.append(inner)
            return inner, _CLOSING[token.text]
        if not colon:
            raise self._wrong(name, f"after the field {shown(name.text)} stands : or {{")
        if token.kind == "sign" and token.text == "[":
            self._list(values, name)
        else:
            values.append(self._value(token, name))
        return None

    def _list(self, values: list[Any], name: _TextToken) -> None:
        while (token := self._needed(name)).text != "]" or token.kind != "sign":
            values.append(self._value(token, name))

    def _value(self, token: _TextToken, name: _TextToken) -> Any:
        if token.kind == "text":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1])
        if token.kind == "number":
            return self._number(token)
        if token.kind == "name":
            return {"true": True, "false": False, "True": True, "False": False}.get(token.text, token.text)
        raise self._wrong(token, f"{shown(token.text)} is no value of the field {shown(name.text)}")

    def _number(self, token: _TextToken) -> int | float:
        text = token.text
        if len(text) > 30:
            raise self._wrong(token, f"the number {shown(text)} is too long")
        if "x" in text or "X" in text:
            return int(text, 16)
        return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text.rstrip("fF"))

    def _needed(self, name: _TextToken) -> _TextToken:
        token = self._next()
        if token is None:
            raise self._wrong(name, f"the text ends at the field {shown(name.text)}")
        return token

    def _next(self) -> _TextToken | None:
        while self._at < len(self._text):
            found = _TOKEN.match(self._text, self._at)
            if found is None:
                said = f"{shown(self._text[self._at : self._at + 20])} is not read"
                raise ArchcalcError(f"{self._name}, line {self._line}: {said}")
            token = _TextToken(str(found.lastgroup), found[0], self._line)
            self._line += found[0].count("\n")
            self._at = found.end()
            if token.kind != "space":
                return token
        return None

    def _wrong(self, token: _TextToken, said: str) -> ArchcalcError:
        return ArchcalcError(f"{self._name}, line {token.line}: {said}")
