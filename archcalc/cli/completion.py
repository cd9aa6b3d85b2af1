"""Completion of the values of options, by the shell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from archcalc.base.errors import ArchcalcError

if TYPE_CHECKING:
    import click


def _begun(words: Iterable[str], incomplete: str) -> list[str]:
    """The words that begin with what is typed, in any case; after a comma, with the last word of the list."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{word}" for word in words if word.lower().startswith(last.lower())]


def _network(context: click.Context) -> str:
    """The network that is named before, or the first of several."""
    names = context.params.get("names") or [context.params.get("name"), *context.args]
    return next((name for name in names if name), "")


def complete_dtype(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a type."""
    from archcalc.request import DTYPE_NAMES

    return _begun(DTYPE_NAMES, incomplete)


def complete_setting(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a hyperparameter of the network, with an equals sign."""
    from archcalc import zoo

    try:
        network = zoo.find(_network(context))
    except ArchcalcError:
        network = None
    return [] if network is None else _begun([f"{key}=" for key in network.hyperparameters], incomplete)


def complete_verdict(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a verdict."""
    from archcalc.evidence.audit import SHORT

    return _begun(SHORT, incomplete)


def complete_document(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a document."""
    from archcalc.catalogue.descriptions import DOCUMENTS

    return _begun(DOCUMENTS, incomplete)


def complete_printed(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a quantity that `explain` reads."""
    from archcalc.evidence.figures import QUANTITIES

    return _begun(QUANTITIES, incomplete)


def complete_counted(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a quantity that has a closed form."""
    from archcalc.analysis.quantities import FORMS

    return _begun(FORMS, incomplete)


def complete_symbols(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of the symbols of a closed form of the network, after a comma of the next."""
    from archcalc.forms.closed import formula_symbols

    try:
        return _begun([*formula_symbols(_network(context)), "all"], incomplete)
    except ArchcalcError:
        return []


def complete_checks(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of the checks of `validate`, after a comma of the next."""
    from archcalc.validation.runner import CHECKS

    return _begun(CHECKS, incomplete)
