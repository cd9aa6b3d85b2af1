"""The library for the browser: Python's standard library, cut to what the engine can reach, and this package, in a zip.

Pyodide comes with the whole standard library as source, and compiles what it imports at every start: three quarters of
the time until its first answer. Here the modules that are imported for the usual questions are bytecode. Others that
they or this package could import stay as source, and what nothing could import is left out. The package itself stays as
it is, which its lists of families and its digest of what was counted need: its bytecode would add 0.9 MB to what is
loaded, and save half a second.

`library` runs in Pyodide when the site is built, as bytecode is for one version of Python.
"""

from __future__ import annotations

import marshal
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.util import MAGIC_NUMBER, source_hash
from json import dumps
from zipfile import ZIP_STORED, ZipFile

from archcalc.site.engine import answer
from archcalc.site.package import packed

NEVER = (
    "_pyrepl",
    "bdb",
    "cmd",
    "code",
    "doctest",
    "ensurepip",
    "idlelib",
    "multiprocessing",
    "pdb",
    "pydoc",
    "pydoc_data",
    "tarfile",
    "unittest",
    "xmlrpc",
)
"""Modules that others import for interactive use, for processes and for tests only."""
DOCUMENTED = ("_pyodide", "pyodide", "pyodide_js")
"""Packages that need their docstrings."""
_OWN = {"name": "own.toml", "text": 'input = "3x32x32"\nlayers = ["conv 16 3x3 p1, relu", "gap, flatten, linear 10"]'}
USUAL: Iterable[tuple[str, dict[str, object]]] = (
    ("network", {"name": "lenet5"}),
    ("table", {"name": "lenet5", "form": "csv"}),
    ("table", {"name": "lenet5", "form": "html"}),
    ("table", {"name": "resnet", "form": "latex"}),
    ("table", {"file": _OWN}),
    ("table", {"file": {"name": "own.onnx", "base64": "AAAA"}}),
    ("why", {"name": "lenet5", "layer": "C1", "quantity": "params"}),
    ("formulas", {"name": "lenet5"}),
    ("reconcile", {"name": "lenet5"}),
    ("memory", {"name": "lenet5"}),
    ("latency", {"name": "lenet5", "device": "t4"}),
    ("energy", {"name": "lenet5"}),
    ("graph", {"name": "lenet5"}),
    ("explain", {"number": "61.7K", "architecture": {"name": "lenet5"}}),
)
"""Questions that import what the usual ones need."""


def library(standard: str, package: str) -> bytes:
    """The files of the standard library and of the package, from their zip files, in one that is not compressed.

    It is compressed as a whole afterwards, which makes it a quarter smaller than file by file.
    """
    for question, given in USUAL:
        answer(dumps({"question": question, "given": given}))
    with ZipFile(standard) as one, ZipFile(package) as other:
        sources = {name: one.read(name) for name in one.namelist() if not name.endswith("/")}
        own = {name: other.read(name) for name in other.namelist()}
    modules = {module_of(name): name for name in sources if name.endswith(".py")}
    started = set(modules) & set(sys.modules)
    imported = [imports(data, name) for name, data in own.items() if name.endswith(".py")]
    reached = _reached(modules, sources, started.union(*imported))
    files = dict(own)
    for module in sorted(started | reached):
        name, data = modules[module], sources[modules[module]]
        files.update({f"{name}c": bytecode(data, name)} if module in started else {name: data})
    return packed(sorted(files.items()), ZIP_STORED)


def module_of(file: str) -> str:
    """The name of the module of a file.

    >>> module_of("json/__init__.py"), module_of("json/decoder.py")
    ('json', 'json.decoder')
    """
    return file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def bytecode(source: bytes, file: str) -> bytes:
    """The content of a `.pyc` file, which is not checked against its source."""
    kept = file.split("/", maxsplit=1)[0].removesuffix(".py") in DOCUMENTED
    code = compile(source, file, "exec", dont_inherit=True, optimize=0 if kept else 2)
    return MAGIC_NUMBER + (1).to_bytes(4, "little") + source_hash(source) + marshal.dumps(code)


def _reached(modules: dict[str, str], sources: dict[str, bytes], roots: Iterable[str]) -> set[str]:
    """The modules that some modules import at any time, directly or through others."""
    todo, reached = set(roots), set[str]()
    while todo:
        module = todo.pop()
        if module in reached or module not in modules or module.split(".")[0] in NEVER:
            continue
        reached.add(module)
        todo |= imports(sources[modules[module]], modules[module])
    return reached


_IMPORT = re.compile(
    r"(?:^|[;:])[ \t]*(?:from[ \t]+(?P<dots>\.*)(?P<base>[\w.]*)[ \t]+"
    r"import[ \t]*(?:\((?P<several>[^)]*)\)|(?P<names>[\w ,]+))"
    r"|import[ \t]+(?P<modules>[\w., \t]+))",
    re.MULTILINE,
)
"""An import. A tree of the source would say the same, but takes Pyodide seven seconds for all modules."""


def imports(source: bytes, file: str) -> set[str]:
    """The names of modules, and of what may be modules, that a file imports anywhere, with the packages they are in.

    >>> sorted(imports(b"import a.b\\nfrom .c import d", "p/q.py"))
    ['a', 'a.b', 'p', 'p.c', 'p.c.d']
    """
    found: set[str] = set()
    for each in _IMPORT.finditer(source.decode()):
        if each["modules"] is not None:
            found |= _first_words(each["modules"])
            continue
        folders = file.split("/")[: -len(each["dots"])] if each["dots"] else []
        base = ".".join([*folders, *([each["base"]] if each["base"] else [])])
        found |= {base, *[f"{base}.{name}" for name in _first_words(each["several"] or each["names"])]}
    return {package for name in found for package in _packages(name)}


def _first_words(listed: str) -> set[str]:
    """What stands between commas, without `as` and comments."""
    lines = re.sub(r"#.*", "", listed)
    return {words[0] for words in map(str.split, lines.split(",")) if words}


def _packages(name: str) -> Iterator[str]:
    """The packages that a module is in, and itself."""
    parts = name.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))
