"""`archcalc space`: a design space, and the options that make one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.base.spelling import shown, unknown
from archcalc.cli.options import complete_name, output_options, show
from archcalc.cli.own import is_own, load

if TYPE_CHECKING:
    from archcalc.graph import Network
    from archcalc.spaces.space import DesignSpace

Command = TypeVar("Command", bound=Callable[..., Any])


def complete_space(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[Any]:
    """Completions of the name of a design space, of a network, or of the path of a file."""
    from archcalc.spaces.named import GROUPS

    if "/" in incomplete or "." in incomplete:
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]
    names = [name for name in GROUPS if name.startswith(incomplete.lower())]
    return [*names, *complete_name(context, parameter, incomplete)]


def space_options(constraint: str) -> Callable[[Command], Command]:
    """The options that make a space of a network or change one; `constraint` is the option for constraints."""

    def add(command: Command) -> Command:
        for option in (
            click.option(
                "--set",
                "settings",
                multiple=True,
                metavar="KEY=VALUE",
                help="A hyperparameter, the same at all points.",
            ),
            click.option("--input", "shape", metavar="CxHxW", help="The shape of the input, the same at all points."),
            click.option(
                constraint, "constraints", multiple=True, metavar="CONSTRAINT", help="Only points with w1 <= w2 ..."
            ),
            click.option(
                "--over", multiple=True, metavar="AXIS=VALUES", help="An axis: width=16..512:16, 16..1024 log 2, 1,2,4."
            ),
        ):
            command = option(command)
        return command

    return add


def space_of(
    name: str,
    over: Sequence[str] = (),
    constraints: Sequence[str] = (),
    settings: Sequence[str] = (),
    shape: str | None = None,
    **network: Any,
) -> DesignSpace:
    """The design space of a name, of a TOML file, or of a network with axes.

    `over` are axes as `width=16..512:16`: other values of axes of a named space or of a file, or the axes of a
    network's space. A name of both, such as mobilenet_v1, is the space, or with axes of the network the network.
    `settings` are `KEY=VALUE`, `shape` is `3x224x224`; `network` are other options of the network, `sizes`, `classes`
    and `aux`. Raises ArchcalcError.
    """
    from archcalc.cli.requests import request_of
    from archcalc.spaces.named import space_meant
    from archcalc.spaces.space import DesignSpace

    axes = _axes(over)
    found = _of_file(name) if _is_space_file(name) else None if is_own(name) else space_meant(name, axes)
    if found is not None:
        if settings or shape or any(network.values()):
            said = "--set, --size, --input, --classes and --aux are for networks" if network else SETTINGS
            both = "" if not _is_network(name) else ", unless --over has axes of the network"
            raise ArchcalcError(f"{said}, and {shown(name)} is a design space{both}")
        return found.narrowed(axes, constraints)
    shapes: dict[str, Any] = {} if shape is None else {"shapes": (shape,)}
    given = {"sizes": (), "classes": (), "aux": False, **network, **shapes}
    request = request_of(name, settings=tuple(settings), **given)
    try:
        resolved = request.resolved.name
    except UnknownName as error:
        raise _no_space(name, error.nearest) from None
    if not axes:
        raise ArchcalcError(f"{resolved} is a network: --over makes a space of it, such as --over size=128..224:32")
    return DesignSpace.of(replace(request, batch=1), over=axes, where=constraints)


def _no_space(name: str, networks: Sequence[str]) -> UnknownName:
    """The error for a name of neither a space nor a network; `networks` are the names of those that are close."""
    from archcalc.spaces.named import GROUPS

    said = f"no design space and no architecture is called {shown(name)}"
    every = "`archcalc spaces` and `archcalc list` show all names"
    return unknown("design space", name, [*GROUPS, *networks], every, said=said)


SETTINGS = "--set and --input are for networks"


def _is_network(name: str) -> bool:
    from archcalc import zoo

    try:
        return zoo.find(name) is not None
    except ArchcalcError:
        return False


def _axes(given: Sequence[str]) -> dict[str, str]:
    """The values of the axes by name. Raises ArchcalcError for what is no axis with values, and for one given twice."""
    axes: dict[str, str] = {}
    for each in given:
        name, sign, values = each.partition("=")
        if not sign or not name.strip() or not values.strip():
            raise ArchcalcError(f"--over takes AXIS=VALUES such as width=16..512:16, not {shown(each)}")
        if name.strip() in axes:
            raise ArchcalcError(f"--over {name.strip()} is given twice")
        axes[name.strip()] = values
    return axes


def _is_space_file(name: str) -> bool:
    """Return True if a name is that of a TOML file which is no layer list."""
    if not name.lower().endswith(".toml"):
        return False
    from archcalc.base.text_files import parsed_toml, read_file
    from archcalc.spaces.files import LARGEST_TEXT, LONGEST_LINE

    keys = parsed_toml(read_file(name, LARGEST_TEXT), name, LONGEST_LINE)
    return "axes" in keys or "layers" not in keys


def _of_file(name: str) -> DesignSpace:
    from archcalc.spaces.files import read_space

    return read_space(name, _load)


def _load(name: str, shape: tuple[int, ...] | None, settings: dict[str, Any]) -> Network:
    return load(name, shape, None, settings)


def _limit(given: Sequence[str]) -> tuple[str, int] | None:
    """The quantity and the number of --under. Raises ArchcalcError."""
    if not given:
        return None
    if len(given) > 1:
        raise ArchcalcError("--under is given twice: points are counted by one total")
    from archcalc.analysis.quantities import QUANTITIES, predicted, read_quantity
    from archcalc.search.targets import amount

    word, equals, number = [part.strip() for part in given[0].partition("=")]
    if not (word and equals and number):
        raise ArchcalcError(f"--under takes QUANTITY=AMOUNT such as mult_adds=400M, not {shown(given[0])}")
    quantity = read_quantity(word, tuple(QUANTITIES), "quantity", about="under")
    if predicted([quantity]):
        raise ArchcalcError(f"{quantity} is a prediction, which is no sum: points are not counted by it", "under")
    return quantity, int(amount(number, quantity))


@click.command("space")
@click.argument("name", metavar="NAME|FILE.toml", shell_complete=complete_space)
@space_options("--where")
@click.option(
    "--under",
    multiple=True,
    metavar="QUANTITY=AMOUNT",
    help="Count the networks with at most so much, such as mult_adds=400M: two bounds, exact where they are equal.",
)
@click.option("--bins", type=int, metavar="N", help="Bins for --under: with more the bounds are closer.")
@output_options
def space_command(name: str, under: tuple[str, ...], bins: int | None, form: str, exact: bool, **given: Any) -> None:
    """State a design space: its axes, its constraints, what is built, and the exact number of its points.

    NAME is a design space (`archcalc spaces` lists them), or a network of which --over makes a space of
    hyperparameters and of sizes of its input (size, or height and width). FILE.toml is a space of your own. --over
    gives axes of a space other values. A few names are those of both: `mobilenet_v1` is the space, and with --over a
    space of the network.

    \b
    Examples:
      archcalc space anynet_d
      archcalc space anynet_d --where "w4 <= 2*w1"
      archcalc space anynet_a --under mult_adds=400M
      archcalc space regnetx --over depth=10..30 --over bottleneck_ratio=1
      archcalc space mobilenet_v1
      archcalc space mobilenet_v1 --over width=0.25..1:0.25 --over size=128..224:32
      archcalc space resnet18 --over size=96..224:16 --where "size % 32 == 0" --format json
    """
    from archcalc.present import spaces as views
    from archcalc.spaces.statement import space_statement

    if bins is not None and not under:
        raise ArchcalcError("--bins is for --under")
    statement = space_statement(space_of(name, **given), _limit(under), bins)
    data = views.space_data(statement)
    show(views.space_tables(statement), views.space_records(statement), data, form, exact, at_most=100)
