"""`archcalc plot`: figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from archcalc.base.errors import ArchcalcError
from archcalc.cli.accuracy import complete_dataset, complete_recipe
from archcalc.cli.completion import complete_dtype
from archcalc.cli.devices import complete_device, own_device
from archcalc.cli.fronts import refuse_server, sweep_of, sweep_options, sweep_over, tables_of
from archcalc.cli.options import complete_name
from archcalc.cli.requests import networks_of, shape_options, training_of, training_options

if TYPE_CHECKING:
    from archcalc.figures import Kind, TablePlot
    from archcalc.request import NetworkLike


def complete_kind(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a kind of plot."""
    from archcalc.figures import KINDS

    return [name for name in KINDS if name.startswith(incomplete)]


def complete_quantity(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a quantity."""
    from archcalc.analysis.quantities import QUANTITIES

    return [name for name in QUANTITIES if name.startswith(incomplete)]


def complete_convention(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a convention."""
    from archcalc.conventions.counting import conventions

    return [each.name for each in conventions() if each.name.startswith(incomplete)]


@click.command("plot")
@click.argument("kind", required=False, shell_complete=complete_kind)
@click.argument("names", nargs=-1, metavar="[NAMES|SPACES|FILES]...", shell_complete=complete_name)
@click.option("-o", "--output", "file", metavar="FILE", help="Write to this file, in the format of its suffix.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("svg", "pdf", "png", "csv"), case_sensitive=False),
    help="By FILE's suffix, else svg.",
)
@click.option("--show", "window", is_flag=True, help="Open a window with the plot.")
@click.option("--width", default="88", show_default=True, metavar="MM", help="88: a column, 180: a page of a journal.")
@click.option("--convention", metavar="NAME", shell_complete=complete_convention, help="Convention of the axis.")
@click.option(
    "--quantity",
    metavar="NAME",
    shell_complete=complete_quantity,
    help="sizes: what is shown, such as activation_sum, instead of mult-adds.",
)
@click.option(
    "--recipe",
    "recipe",
    multiple=True,
    metavar="NAME",
    shell_complete=complete_recipe,
    help="Training recipe; may be repeated. By default the largest, beside well-known networks that it lacks.",
)
@click.option("--dataset", metavar="NAME", shell_complete=complete_dataset, help="imagenet, cifar10 ...")
@click.option(
    "--batch",
    type=click.IntRange(1, 65536),
    metavar="N",
    help="Images at once: of a measurement (16, else 1), of a training step (1); the largest of memory-batch (256).",
)
@click.option(
    "--device",
    "devices",
    multiple=True,
    metavar="NAME|FILE.toml",
    shell_complete=complete_device,
    help="Part of the name of the measured device: cpu, H100 ...; devices whose memory memory-batch draws; the "
    "device of roofline; or their files.",
)
@click.option(
    "--dtype", metavar="TYPE", shell_complete=complete_dtype, help="Type of a value, unless --precision says it."
)
@click.option("--step", is_flag=True, help="roofline: a training step instead of an inference.")
@click.option("--compiled/--eager", default=None, help="roofline: with torch.compile, or operator by operator.")
@click.option("--channels-last", is_flag=True, help="roofline: with the layout channels_last.")
@sweep_options
@training_options
@shape_options
@click.pass_context
def plot_command(
    context: click.Context,
    kind: str | None,
    names: tuple[str, ...],
    file: str | None,
    form: str | None,
    window: bool,
    width: str,
    shapes: tuple[str, ...],
    sizes: tuple[str, ...],
    classes: tuple[str, ...],
    settings: tuple[str, ...],
    aux: bool,
    devices: tuple[str, ...],
    dtype: str | None,
    step: bool,
    compiled: bool | None,
    channels_last: bool,
    quantity: str | None,
    **request: Any,
) -> None:
    """Draw a plot of KIND, of networks by NAMES, or of SPACES or of tables of sweeps in FILES; without KIND list kinds.

    Of a design space (a name that `archcalc spaces` lists, a TOML file, or a network with --over) the quantities that
    the plot needs are computed, for a --sample of its networks. FILE.parts is the table so far of a sweep that is
    unfinished.

    \b
    Examples:
      archcalc plot accuracy -o accuracy.svg
      archcalc plot accuracy --recipe pycls --convention canziani_2017 --width 180 -o pycls.pdf
      archcalc plot accuracy-training --batch 64 --precision amp_bf16 -o training.svg
      archcalc plot efficientnet --width 180 -o efficientnet.pdf
      archcalc plot throughput --device rtx-3090 -o throughput.svg
      archcalc plot profile vgg16 -o vgg16.png
      archcalc plot field resnet50 resnet50_v1 --show
      archcalc plot sizes resnet50 --format csv
      archcalc plot sizes resnet50 swin_t --quantity activation_sum -o sizes.svg
      archcalc plot accuracy --recipe torchvision_v1 --recipe torchvision_v2 -o recipes.svg
      archcalc plot profile model.py:Classifier --size 32 -o classifier.svg
      archcalc plot time --batch 1 --device cpu -o time.svg
      archcalc plot memory resnet50 --batch 32 --optimizer adam --precision amp_bf16 -o memory.svg
      archcalc plot memory-batch vgg16 resnet50 --device t4 --device a100-40gb -o batches.svg
      archcalc plot roofline resnet50 --device rtx-4090 --batch 256 --precision amp_fp16 -o roofline.svg
      archcalc plot edf regnetx anynet_a --sample 500 --seed 1 -o edf.svg
      archcalc plot space regnetx regnety --sample 500 --where "mult_adds < 800M" --width 180 -o space.svg
      archcalc plot edf regnetx.parquet regnety.parquet --column error --range mult_adds=360M..400M -o edf.svg
      archcalc plot front regnetx.parquet --x mult_adds --y accuracy --maximize accuracy -o front.svg
      archcalc plot space regnetx.parquet --best error --width 180 -o space.svg
    """
    from archcalc import figures as plots
    from archcalc.base.files import destination
    from archcalc.figures import save

    if kind is None:
        _list_kinds()
        return
    known = plots.kind_of(kind)
    _of_quantity(known, quantity, request)
    made = (sweep_over(known, request), settings, next(iter(shapes), None))
    request["sweep"] = sweep_of(known, names, request)
    of_tables = known.networks == "tables"
    if of_tables:
        names, settings, shapes = (), (), ()
    networks = networks_of(names, shapes=shapes, sizes=sizes, classes=classes, settings=settings, aux=aux)
    if dtype is not None:
        request["precision"] = request["precision"] or _dtype(known, dtype)
    networks = _timed(known, _trained(known, networks, request), step, compiled, channels_last)
    if len(devices) > 1 and not known.devices:
        raise ArchcalcError(f"the plot {known.name} takes one --device at most, not {len(devices)}")
    drawn = [own_device(each) for each in devices] if known.devices else list(devices)
    texts = [each for each in drawn if isinstance(each, str)]
    request["device"] = drawn if len(texts) < len(drawn) else ",".join(texts) or None
    plot_request = plots.Plot(kind, networks, **request)
    chosen = plots.check(plot_request)
    if of_tables:
        refuse_server(context, f"the plot {known.name}")
    wanted = save.read_format(form, file)
    millimetres = save.read_width(width)
    save.check_output(file, wanted, window)
    if of_tables:
        plot_request = plot_request._replace(sweep=_of_spaces(known, plot_request.sweep, wanted, *made))
    with destination(file) as write:
        if file is not None or not window:
            from archcalc.reports.rendering import drawn_plot, plot

            if of_tables:
                write(drawn_plot(plot_request, wanted, millimetres))
            else:
                del request["sweep"]
                write(plot(kind, networks, wanted, millimetres, **request))
    if window:
        save.show(save.drawn(plots.module_of(chosen), plots.gather(plot_request), millimetres))


def _of_quantity(kind: Kind, quantity: str | None, request: dict[str, Any]) -> None:
    """Make a quantity what the axis shows. Raises ArchcalcError for a plot without one, and for an unknown quantity."""
    if quantity is None:
        return
    from archcalc.analysis.quantities import QUANTITIES, read_quantity

    if kind.module != "sizes":
        raise ArchcalcError(f"the plot {kind.name} takes no --quantity")
    if request["convention"]:
        raise ArchcalcError("the plot sizes takes --quantity or --convention, not both")
    known = [key for key, each in QUANTITIES.items() if not each.is_predicted]
    request["convention"] = read_quantity(quantity, known, "quantity")


def _of_spaces(
    kind: Kind, sweep: TablePlot, form: str, over: tuple[str, ...], settings: tuple[str, ...], shape: str | None
) -> TablePlot:
    """The plot of tables with those of its design spaces made. Raises ArchcalcError."""
    from archcalc.figures.columns import columns_of
    from archcalc.figures.style import drawing_library
    from archcalc.spaces.sources import ALL

    if form != "csv":
        drawing_library()  # says what is missing before a sweep is made
    sources = tuple([str(each) for each in sweep.tables])
    tables = tables_of(sources, columns_of(kind.name, sweep), sweep.sample, over, settings, shape)
    return sweep._replace(tables=tuple(tables), sample=ALL)


def _dtype(kind: Kind, dtype: str) -> str:
    """The precision of a type of values. Raises ArchcalcError for an unknown type, and where none is taken."""
    from archcalc.request import read_dtype

    if not kind.trains:
        raise ArchcalcError(f"the plot {kind.name} takes no --dtype")
    return read_dtype(dtype)


def _trained(kind: Kind, networks: tuple[NetworkLike, ...], request: dict[str, Any]) -> tuple[NetworkLike, ...]:
    """The networks, each with the options of training where more than the precision is given.

    The options are taken out of those of the command, but for the precision, which measurements have too, and which a
    server is asked for by its name if it is not one of autocast. Raises ArchcalcError for options of training where
    nothing is trained.
    """
    from archcalc.figures import TYPICAL
    from archcalc.request import Request
    from archcalc.training import Training

    precision = request["precision"]
    request["precision"] = precision if kind.trains else ""
    training = training_of(request)
    request["precision"] = precision or None
    plain = training == Training(precision=training.precision)
    if plain and (kind.recipe or not training.precision.startswith("amp_")):
        return networks
    if kind.recipe and kind.trains:
        said = "no options of training but --batch and --precision"
        raise ArchcalcError(f"the plot {kind.name} takes {said}")
    if not kind.trains:
        raise ArchcalcError(f"the plot {kind.name} trains nothing, so it takes no options of training")
    request["precision"] = None
    names = networks or (TYPICAL if kind.networks == "typical" else ())
    return tuple([Request.of(each, training=training) for each in names])


def _timed(
    kind: Kind, networks: tuple[NetworkLike, ...], step: bool, compiled: bool | None, channels_last: bool
) -> tuple[NetworkLike, ...]:
    """The networks, each with the way in which it runs where that is given.

    Raises ArchcalcError for a way of running where no times are predicted.
    """
    if not step and compiled is None and not channels_last:
        return networks
    if not kind.times:
        said = f"the plot {kind.name} predicts no times, so it takes no --step, --compiled and --channels-last"
        raise ArchcalcError(said)
    from archcalc.figures.roofline import timed

    task, layout = "training" if step else "inference", "nhwc" if channels_last else "nchw"
    runtime = "" if compiled is None else "compiled" if compiled else "eager"
    return tuple([timed(each, task=task, runtime=runtime, layout=layout) for each in networks])


def _list_kinds() -> None:
    from archcalc.cli.options import show
    from archcalc.figures import KINDS, NETWORKS
    from archcalc.present.tables import Table, left

    rows = [(each.name, each.summary, NETWORKS[each.networks]) for each in KINDS.values()]
    table = Table("Kinds of plots", [left("kind"), left("shows", "wrap"), left("networks", "wrap")], rows)
    show(table, [], [], form="table", exact=False, at_most=80)
