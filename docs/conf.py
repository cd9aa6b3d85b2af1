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
exclude_patterns = ["_build", "README.md"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 4
nitpicky = True
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
html_extra_path: list[str] = []


def link_to_repository(app, name, source) -> None:  # noqa: ANN001
    """Links to files outside the documentation, which work in a checkout, lead to the repository on the site."""
    page = Path(app.env.doc2path(name)).parent

    def linked(found: re.Match[str]) -> str:
        path = (page / found[1]).resolve()
        if path.is_relative_to(HERE) or not path.is_relative_to(ROOT):
            return found[0]
        return f"]({REPOSITORY}/blob/main/{path.relative_to(ROOT).as_posix()})"

    source[0] = re.sub(r"\]\((\.\./[^)#\s]*)\)", linked, source[0])


def setup(app) -> None:  # noqa: ANN001
    """Connect the hooks."""
    app.connect("source-read", link_to_repository)
