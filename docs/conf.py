"""The documentation: four parts, the reference generated from the package when the site is built."""

import os
import sys
from pathlib import Path

import archcalc

sys.path.insert(0, str(Path(__file__).parent))

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
