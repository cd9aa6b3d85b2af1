"""The documentation: four parts, the reference generated from the package when the site is built."""

import os
import re
import sys
import tomllib
from pathlib import Path

import archcalc

HERE = Path(__file__).parent.resolve()
ROOT = HERE.parent
REPOSITORY = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
sys.path.insert(0, str(HERE))

project = "archcalc"
author = "The archcalc developers"
copyright = f"2026, {author}"  # noqa: A001  # Sphinx's name
version = release = archcalc.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "sphinx_click",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 4
nitpicky = True
smartquotes = False  # options begin with two hyphens
nitpick_ignore = [("py:class", "archcalc.graph.graph._R")]  # the result of a function that a decorator keeps
suppress_warnings = ["ref.python"]  # `bytes`, the type, is also the name of fields
autodoc_typehints = "description"
autodoc_member_order = "bysource"
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True
intersphinx_mapping = {
    "python": ("https://docs.python.org/3", None),
    "numpy": ("https://numpy.org/doc/stable", None),
    "sympy": ("https://docs.sympy.org/latest", None),
}
if os.environ.get("OFFLINE") == "yes":  # names of other projects stay words
    intersphinx_mapping = {}
    nitpick_ignore_regex = [("py:.*", r"(?!archcalc\b).*")]

html_theme = "furo"
html_title = f"archcalc {release}"
if os.environ.get("EXPLORER") == "yes":
    tags.add("explorer")  # noqa: F821  # Sphinx gives this file its tags


def link_to_repository(app, name, source) -> None:  # noqa: ANN001
    """Links to files outside the documentation, which work in a checkout, lead to the repository on the site."""
    page = Path(app.env.doc2path(name)).parent

    def linked(found: re.Match[str]) -> str:
        path = (page / found[1]).resolve()
        if path.is_relative_to(HERE) or not path.is_relative_to(ROOT):
            return found[0]
        return f"]({REPOSITORY}/blob/main/{path.relative_to(ROOT).as_posix()}{found[2] or ''})"

    source[0] = re.sub(r"\]\((\.\./[^)#\s]*)(#[^)\s]*)?\)", linked, source[0])


def write_reference(_) -> None:  # noqa: ANN001
    """Write the pages that are made from the package; those that have not changed keep their time."""
    import generated
    import proto_pages

    folder = HERE / "reference" / "made"
    pages = {folder / name: text for name, text in {**generated.pages(), **proto_pages.pages()}.items()}
    for stale in {each for each in folder.rglob("*.md") if each not in pages}:
        stale.unlink()
    for path, text in pages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def plain_text(_app, _what, _name, _object, _options, lines) -> None:  # noqa: ANN001
    """Docstrings are plain text, which is easier to read in code and in `help`; marks of reStructuredText are escaped.

    Code in backquotes and examples stay what they are; formulas that are indented stay on lines of their own.
    """
    blocks = "\n".join(lines).strip().split("\n\n")
    done = []
    for block in blocks:
        if block.lstrip().startswith((">>>", "...")):
            done.append(block)
            continue
        pieces = block.split("`")
        words = [
            f"``{each.strip()}``" if i % 2 else re.sub(r"([*\\|_])", r"\\\1", each) for i, each in enumerate(pieces)
        ]
        text = "".join(words)
        if text.startswith(" "):
            text = "\n".join("| " + line.strip() for line in text.splitlines())
        done.append(text)
    lines[:] = "\n\n".join(done).splitlines()


def setup(app) -> None:  # noqa: ANN001
    """Connect the hooks."""
    app.connect("builder-inited", write_reference)
    app.connect("autodoc-process-docstring", plain_text)
    app.connect("source-read", link_to_repository)
