"""Options that describe a network, and the requests that they stand for.

Each may be given several times: `--size 224 --size 320 --batch 1 --batch 8` are four requests. Commands that print a
row or a table for each ask for `requests_of`, the others for `request_of`, which refuses a second value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any, TypeVar

import click

from archcalc.base.errors import ArchcalcError
from archcalc.base.sides import sides, square
from archcalc.base.spelling import shown
from archcalc.cli.completion import complete_dtype, complete_setting
from archcalc.cli.own import is_own, network_of

if TYPE_CHECKING:
    from archcalc.evidence.selecting import Setting
    from archcalc.graph import Network
    from archcalc.request import Request
    from archcalc.training import Training

Command = TypeVar("Command", bound=Callable[..., Any])
Values = tuple[str, ...]

UNCHANGED: Mapping[str, Any] = {
    "sizes": (),
    "classes": (),
    "settings": (),
    "aux": False,
    "batches": ("1",),
    "dtypes": ("float32",),
}
"""The values of `setting_options` if none is given."""

MOST = 1000
"""The most requests that options of one command may stand for."""


def shape_options(command: Command) -> Command:
    """The options for a network's input and hyperparameters."""
    shape = click.option("--input", "shapes", multiple=True, metavar="CxHxW", help="Input channels, height and width.")
    return shape(_size_options(command))


def _size_options(command: Command) -> Command:
    for option in (
        click.option("--aux", is_flag=True, help="With auxiliary heads, in both parameters and mult-adds."),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="KEY=VALUE",
            shell_complete=complete_setting,
            help="A hyperparameter of the network.",
        ),
        click.option(
            "--classes", multiple=True, metavar="N", help="Outputs of the classifier; 0 for the pooled features."
        ),
        click.option("--size", "sizes", multiple=True, metavar="S|HxW", help="Input height and width."),
    ):
        command = option(command)
    return command


def byte_options(command: Command) -> Command:
    """The options that counts of bytes depend on."""
    for option in (
        click.option(
            "--dtype",
            "dtypes",
            multiple=True,
            default=("float32",),
            show_default=True,
            metavar="TYPE",
            shell_complete=complete_dtype,
            help="Type of a value, for bytes.",
        ),
        click.option(
            "--batch",
            "batches",
            multiple=True,
            default=("1",),
            show_default=True,
            metavar="N",
            help="Images at once, for bytes.",
        ),
    ):
        command = option(command)
    return command


def network_options(command: Command) -> Command:
    """The options of `shape_options`, and those for counts of bytes."""
    return byte_options(shape_options(command))


def setting_options(command: Command) -> Command:
    """The options for many networks, each of which has channels of its own: all but --input."""
    return byte_options(_size_options(command))


TRAINING = ("optimizer", "precision", "implementation", "weight_decay", "master_weights", "in_place", "train_from")
"""The options of `training_options` that are fields of `archcalc.training.Training`, and `checkpoint`."""


def training_options(command: Command) -> Command:
    """The options for the way of training, on which the memory of a training step depends."""
    for option in (
        click.option("--checkpoint", type=click.IntRange(min=0, max=9), default=0, metavar="DEPTH", help=CHECKPOINT),
        click.option(
            "--train-from", default="", metavar="LAYER", help="Only this layer or block and later ones learn."
        ),
        click.option("--in-place", default="written", metavar="WHICH", help="all, none, or as written."),
        click.option("--master-weights", is_flag=True, help="Float32 weights and state beside float16 or bfloat16."),
        click.option("--weight-decay", is_flag=True, help="The optimizer decays weights."),
        click.option(
            "--implementation", default="foreach", metavar="WHICH", help="The optimizer's: foreach, loop or fused."
        ),
        click.option("--precision", default="", metavar="NAME", help="float32, bfloat16, amp_bf16, amp_fp16 ..."),
        click.option(
            "--optimizer",
            default="sgd_momentum",
            show_default=True,
            metavar="NAME",
            help="sgd, sgd_momentum, adam, adamw or rmsprop.",
        ),
    ):
        command = option(command)
    return command


CHECKPOINT = "Save only the inputs of stages (1) or blocks (2), and run each forward again."


def training_of(options: dict[str, Any]) -> Training:
    """The way of training of the options of `training_options`, which are taken out of all options of a command."""
    from archcalc.training import Training

    return Training(checkpoint=options.pop("checkpoint"), **{name: options.pop(name) for name in TRAINING})


def request_of(name: str, **network: Any) -> Request:
    """The request from a network's name and the options of `network_options`. Raises ArchcalcError for several."""
    for option, values in _given(**network).items():
        if len(values) > 1:
            raise ArchcalcError(
                f"{option} has {len(values)} values, {shown(values[0])} and {shown(values[1])}: one is meant here "
                "(table, rf, compare, diff, formula and list take several)"
            )
    return next(_requests(name, **network))


def requests_of(names: Sequence[str], **network: Any) -> list[Request]:
    """The requests for every network with every combination of the values of its options, in the order given.

    Raises ArchcalcError for a value that cannot be read or is given twice, and for more than `MOST` requests.
    """
    _check_values(_given(**network), len(names))
    return [request for name in names for request in _requests(name, **network)]


def networks_of(names: Sequence[str], **network: Any) -> tuple[str | Network, ...]:
    """The networks of some names, for commands that take networks with an input and hyperparameters of their own.

    Options of `shape_options` change all of them: a network of the catalogue becomes one of your own, whose name says
    what was changed. Raises ArchcalcError for several values of an option, and for options without a name.
    """
    given = _given(**network)
    if not given and not network["aux"]:
        return tuple([network_of(name) for name in names])
    if not names:
        raise ArchcalcError(f"{next(iter(given), '--aux')} is for networks by name, and none is given")
    return tuple([_changed(name, request_of(name, **network)) for name in names])


def _changed(name: str, request: Request) -> Network:
    """The network of a request, with its input and its hyperparameters as its own."""
    from archcalc.analysis.results import settings_text

    network = request.resolved
    title = network.name
    if not is_own(name):
        sizes = [] if request.input is None else ["x".join(map(str, request.input))]
        title = " ".join([title, *settings_text(request.changed), *sizes])
    inputs = network.inputs if request.input is None else (request.input,)
    settings = request.hyperparameters
    changed = replace(network, name=title, inputs=inputs, settings=settings, family=None, file="")
    changed.graph()
    return changed


def _given(
    sizes: Values,
    classes: Values,
    settings: Values,
    aux: bool,
    shapes: Values = (),
    batches: Values = (),
    dtypes: Values = (),
) -> dict[str, Values]:
    """The values that were given for every option and hyperparameter, by the words on the command line."""
    if shapes and sizes:
        raise ArchcalcError("--input and --size both give the size; use one of them")
    given: dict[str, Values] = {f"--set {key}": values for key, values in _settings(settings).items()}
    for key, present in (("classes", bool(classes)), ("aux", aux)):
        if present and f"--set {key}" in given:
            raise ArchcalcError(f"{key} is given twice")
    options = {"--classes": classes, "--input": shapes, "--size": sizes, "--batch": batches, "--dtype": dtypes}
    return given | {option: values for option, values in options.items() if values}


def _check_values(given: Mapping[str, Values], networks: int) -> None:
    """Raise ArchcalcError for a value that is given twice, and for too many combinations of values."""
    many = networks
    for option, values in given.items():
        many *= len(values)
        for value in values:
            if values.count(value) > 1:
                raise ArchcalcError(f"{option} has the value {shown(value)} twice")
    if many > MOST:
        raise ArchcalcError(f"these options stand for {many:,} networks; at most {MOST:,} are computed at once")


def settings_of(**network: Any) -> list[Setting]:
    """Every combination of the values of the options, for networks with inputs of their own. Raises ArchcalcError."""
    from archcalc.evidence.selecting import Setting
    from archcalc.request import read_batch

    given = _given(**network)
    _check_values(given, 1)
    every = [dict(zip(given, values, strict=True)) for values in product(*given.values())]
    return [
        Setting(
            sides(chosen["--size"], "--size", "320 or 320x256") if "--size" in chosen else (),
            read_batch("list", chosen.get("--batch", "1")),
            chosen.get("--dtype", "float32"),
            _hyperparameters(chosen, network["aux"]),
        )
        for chosen in every
    ]


def _hyperparameters(chosen: Mapping[str, str], aux: bool) -> dict[str, Any]:
    own: dict[str, Any] = {key.removeprefix("--set "): value for key, value in chosen.items() if " " in key}
    if "--classes" in chosen:
        own["classes"] = chosen["--classes"]
    return own | ({"aux": True} if aux else {})


def _settings(settings: Values) -> dict[str, Values]:
    """The values of hyperparameters, from those of --set."""
    own: dict[str, Values] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise ArchcalcError(f"--set takes KEY=VALUE, not {setting!r}")
        own[key] = (*own.get(key, ()), value)
    return own


def _requests(name: str, aux: bool = False, **network: Any) -> Iterator[Request]:
    """The requests for one network with every combination of values."""
    given = _given(aux=aux, **network)
    for values in product(*given.values()):
        chosen = dict(zip(given, values, strict=True))
        yield _request(name, chosen, _hyperparameters(chosen, aux))


def _request(name: str, chosen: Mapping[str, str], own: dict[str, Any]) -> Request:
    """The request for one network with one value of each option."""
    from archcalc.request import Request, resolve

    shape, size = chosen.get("--input"), chosen.get("--size")
    given = None if shape is None else sides(shape, "--input", "3x320x320")
    network: Any = name
    if is_own(name):
        from archcalc.cli.own import load

        network = load(name, given, None if size is None else square(size, 2), own)
        own = {key: value for key, value in own.items() if network.settings.get(key) is None}
    request = Request.of(network, batch=chosen.get("--batch", "1"), dtype=chosen.get("--dtype", "float32"))
    request = replace(request, settings=own)
    if size is not None:
        resolved = request.resolved if is_own(name) else None
        shape = resolve(request).input
        if resolved is None:
            given = (shape[0], *square(size, len(shape) - 1))
        else:
            given = resolved.with_sizes(shape, square(size, len(resolved.places)))
    if given is None or (is_own(name) and network.inputs == (given,)):  # the input that a function is built on
        return request
    return replace(request, input=given)
