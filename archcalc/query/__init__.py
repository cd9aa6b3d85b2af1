"""The one door: a question in, a frozen result out, for the command line, the service and a notebook alike.

One module for each kind of question. What every command needs is here; the rest is imported where it is asked.
"""

from archcalc.query.costs import analyze, comparison
from archcalc.query.networks import build_graph, default_input, names

__all__ = ["analyze", "build_graph", "comparison", "default_input", "names"]
