"""`archcalc list`, `show` and `spaces`: the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from archcalc.base.errors import ArchcalcError
from archcalc.cli.accuracy import complete_dataset, complete_recipe
from archcalc.cli.options import complete_description, complete_name, convention_option, emit, output_options, show
from archcalc.cli.own import is_own
from archcalc.cli.requests import (
    UNCHANGED,
    networks_of,
    setting_options,
    settings_of,
    shape_options,
    training_of,
    training_options,
)
from archcalc.training import DEFAULT_TRAINING


@click.command("list")
@click.argument("pattern", default="", shell_complete=complete_name)
@click.option("--where", multiple=True, metavar="CONDITION", help="Only those with mult_adds < 500M, top1 > 75 ...")
@click.option(
    "--sort", multiple=True, metavar="FIGURE", help="In the order of a figure; -FIGURE from the largest down."
)
@click.option("--dataset", metavar="NAME", shell_complete=complete_dataset, help="Of accuracies; imagenet.")
@click.option("--recipe", multiple=True, metavar="NAME", shell_complete=complete_recipe, help="Of accuracies; any.")
@setting_options
@training_options
@convention_option
@output_options
def list_command(
    pattern: str,
    where: tuple[str, ...],
    sort: tuple[str, ...],
    dataset: str | None,
    recipe: tuple[str, ...],
    convention: str | None,
    form: str,
    exact: bool,
    **network: Any,
) -> None:
    """List the architectures whose name or description contains PATTERN.

    Figures of --where and --sort are all quantities of the cost table (params, mult_adds, activations,
    peak_inference_bytes, training_step_bytes, receptive_field ...), latency@DEVICE, top1, top5, year and size.
    Conditions are joined by and, or, not and parentheses.

    \b
    Examples:
      archcalc list
      archcalc list 'resnet*_cifar'
      archcalc list --where "mult_adds < 500M and params < 5M" --sort -top1
      archcalc list --where "peak < 8MB" --size 192 --sort mult_adds
      archcalc list --where "latency@rtx-4090 < 10ms" --batch 64 --precision amp_fp16 --sort -top1
      archcalc list mobilenet --size 160 --size 224 --sort name
      archcalc list vgg --convention thop
    """
    training = training_of(network)
    if where or sort or dataset or recipe or network != UNCHANGED or training != DEFAULT_TRAINING:
        from archcalc.evidence.selecting import select
        from archcalc.present import selection as views

        if convention is not None:
            raise ArchcalcError("--convention goes with a PATTERN only; leave it or the other options out")
        settings = [each._replace(training=training) for each in settings_of(**network)]
        found = select(
            pattern,
            where,
            sort,
            settings,
            dataset or "imagenet",
            recipe,
        )
        table = views.selection_table(found, where, dataset or "imagenet")
        show(table, views.selection_records(found), views.selection_data(found), form, exact)
        return
    _plain_list(pattern, convention, form, exact)


def _plain_list(pattern: str, convention: str | None, form: str, exact: bool) -> None:
    from archcalc.catalogue.listing import catalogue
    from archcalc.present import catalogue as views
    from archcalc.present.words import by

    entries = catalogue(pattern, convention)
    data = [views.entry_data(entry) for entry in entries]
    records = [each | {"input": by(each["input"])} for each in data]
    if convention is None:
        show(views.catalogue_table(entries), records, data, form, exact)
        return
    from archcalc.conventions.counting import find_convention

    for record, entry in zip(records, entries, strict=True):
        record["left_out"] = " ".join([each.op for each in entry.left_out])
    show(views.catalogue_table(entries, find_convention(convention)), records, data, form, exact)


@click.command("show")
@click.argument("name", shell_complete=complete_description)
@click.option("--bibtex", is_flag=True, help="The citation only, for a BibTeX file.")
@shape_options
@output_options
def show_command(name: str, bibtex: bool, form: str, exact: bool, **network: Any) -> None:
    """Show the metadata of NAME: citation, confirmation, names, hyperparameters, and disagreements of sources.

    \b
    Examples:
      archcalc show mobilenet_v1
      archcalc show resnet50 --bibtex
      archcalc show anynet_d
      archcalc show mine.py:mine
      archcalc show model.py:Classifier --size 32
      archcalc show unet --format json
    """
    from archcalc.catalogue.descriptions import describe_own, plain
    from archcalc.present import catalogue as views
    from archcalc.spaces.documented import SpaceDescription, describe

    (own,) = networks_of([name], **network)
    if not isinstance(own, str) and not is_own(name):
        raise ArchcalcError(f"{name} is in the catalogue, and show has its metadata: its costs are those of `table`")
    description = describe(own) if isinstance(own, str) else describe_own(own)
    data = plain(description)
    if bibtex and not isinstance(own, str):
        raise ArchcalcError(f"{own.name} is a network of your own: there is no paper to cite")
    if bibtex:
        if form != "table":
            raise ArchcalcError("--bibtex is a format of its own; leave --format out")
        emit(views.bibtex(description.citation))
    elif isinstance(description, SpaceDescription):
        show(views.space_tables(description), space_records([data]), data, form, exact, at_most=80)
    else:
        options = [
            {key: each[key] for key in ("name", "value", "range", "meaning")} for each in data["hyperparameters"]
        ]
        show(views.description_tables(description), options, data, form, exact, at_most=80)


@click.command("spaces")
@output_options
def spaces_command(form: str, exact: bool) -> None:
    """List the design spaces with their exact sizes, and those whose sizes the documents print.

    The command space states the axes and constraints of one, sweep computes quantities of its networks.

    \b
    Examples:
      archcalc spaces --exact
      archcalc space regnetx
      archcalc show anynet_d
    """
    from archcalc.catalogue.descriptions import plain
    from archcalc.present import catalogue as views
    from archcalc.spaces.documented import named_spaces, spaces

    design_spaces, named = spaces(), named_spaces()
    printed = [each.name for each in design_spaces]
    data = [plain(each) for each in [*design_spaces, *[each for each in named if each.name not in printed]]]
    tables = [views.named_spaces_table(named), views.spaces_table(design_spaces)]
    show(tables, space_records(data), data, form, exact)


def space_records(data: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Design spaces as flat dictionaries."""
    keys = ("name", "restriction", "dimensions", "formula", "size", "points", "printed", "source")
    return [{key: each.get(key) for key in keys} for each in data]
