"""`archcalc accuracy`: accuracies that others measured, with their sources and archcalc's counts."""

from __future__ import annotations

import click

from archcalc.base.errors import ArchcalcError
from archcalc.cli.options import complete_name, output_options, show


def complete_dataset(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a data set."""
    from archcalc.evidence.accuracy import CLASSES

    return [name for name in CLASSES if name.startswith(incomplete)]


def complete_recipe(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a recipe."""
    from archcalc.evidence.accuracy import recipes

    return [name for name in recipes() if name.startswith(incomplete)]


@click.command("accuracy")
@click.argument("names", nargs=-1, shell_complete=complete_name)
@click.option("--dataset", metavar="NAME", shell_complete=complete_dataset, help="imagenet, cifar10, cifar100 ...")
@click.option(
    "--recipe", "recipe", multiple=True, metavar="NAME", shell_complete=complete_recipe, help="Training recipe."
)
@click.option("--recipes", "list_recipes", is_flag=True, help="List the training recipes instead.")
@click.option("--check", "compare", is_flag=True, help="Compare costs that the sources print with archcalc's counts.")
@output_options
def accuracy_command(
    names: tuple[str, ...],
    dataset: str | None,
    recipe: tuple[str, ...],
    list_recipes: bool,
    compare: bool,
    form: str,
    exact: bool,
) -> None:
    """Accuracies of NAMES (by default all) that others measured, each with its source and archcalc's counts.

    --check compares the parameters and mult-adds that the sources print with archcalc's, and explains differences if it
    can: by a convention, a resolution, auxiliary heads.

    \b
    Examples:
      archcalc accuracy resnet50 vgg16 --dataset imagenet
      archcalc accuracy --recipe pycls
      archcalc accuracy --check --format csv
    """
    from archcalc.evidence import accuracy
    from archcalc.present import accuracy as views

    if list_recipes:
        if names or dataset or recipe or compare:
            raise ArchcalcError("--recipes lists all recipes; leave names and other options out")
        records = views.recipe_records()
        show(views.recipes_table(), records, records, form, exact)
        return
    if compare:
        from archcalc.evidence.accuracy_check import check_published_costs
        from archcalc.evidence.accuracy_check import records as compared

        check = check_published_costs(names, dataset, recipe)
        chosen = accuracy.points(names, dataset, recipe)
        absent = {each.architecture: 0 for each in chosen if accuracy.in_catalogue(each.architecture) is None}
        data = {"agreeing": check.agreeing, "absent": list(absent), "disagreements": compared(check)}
        show(views.check_table(check, absent), compared(check), data, form, exact)
        return
    located = accuracy.published_accuracies(names, dataset, recipe)
    records = accuracy.records(located)
    show(views.accuracy_table(located), records, records, form, exact)
