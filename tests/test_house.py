"""One word, one thing: no two classes of the package share a name."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "archcalc"


def classes(body: list[ast.stmt]) -> Iterator[str]:
    """The names of the classes of a module, also of those in classes, not of those that a function makes."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield node.name
            yield from classes(node.body)


def test_no_two_classes_share_a_name() -> None:
    files = [file for file in PACKAGE.rglob("*.py") if "v1" not in file.relative_to(PACKAGE).parts]
    assert len(files) > 200
    names = Counter([name for file in files for name in classes(ast.parse(file.read_text(encoding="utf-8")).body)])
    assert not [name for name, number in names.items() if number > 1]
