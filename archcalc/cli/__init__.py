"""The command line: parse arguments, call the API, print results.

Data goes to stdout, messages to stderr; the exit code for invalid input is 2. Each command and its imports are loaded
when it is called.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from archcalc import __version__
from archcalc.base.errors import ArchcalcError

COMMANDS = {
    "list": "catalogue",
    "show": "catalogue",
    "spaces": "catalogue",
    "space": "spaces",
    "table": "costs",
    "rf": "costs",
    "compare": "costs",
    "diff": "costs",
    "formula": "formulas",
    "memory": "memory",
    "latency": "latency",
    "energy": "energy",
    "solve": "solving",
    "scaling": "scaling",
    "sweep": "sweeping",
    "why": "derivations",
    "conventions": "conventions",
    "reconcile": "conventions",
    "audit": "audit",
    "explain": "explain",
    "front": "fronts",
    "best": "fronts",
    "graph": "pictures",
    "export": "exports",
    "accuracy": "accuracy",
    "plot": "plots",
    "report": "report",
    "site": "site",
    "validate": "validation",
    "devices": "devices",
    "measure": "measurement",
    "serve": "serving",
}
"""The module of every command `NAME_command`, in the order of the help."""


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line; every error is one line on stderr and exit code 2."""
    _open_streams()
    code: Any = 2
    try:
        code = _run(args)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
    except click.ClickException as error:
        _say(error.format_message())
    except ArchcalcError as error:
        _say(str(error))
    except OSError as error:
        _say(f"{error.filename or 'standard output'}: {error.strerror or error}")
        _discard_output()
    except (click.Abort, KeyboardInterrupt):
        code = 130
    sys.exit(code)


def _run(args: Sequence[str] | None) -> Any:
    """The exit code of the command, whose output is written."""
    try:
        code: Any = cli.main(args, prog_name="archcalc", standalone_mode=False)
    except SystemExit as end:
        code = end.code
    sys.stdout.flush()
    return code if isinstance(code, int) else 0


def _unknown_command(word: str) -> ArchcalcError:
    """The error for a word that is no command: the nearest command, or the command for a network of that name."""
    from archcalc import zoo
    from archcalc.base.spelling import unknown
    from archcalc.cli.own import is_own

    try:
        network = is_own(word) or zoo.find(word) is not None
    except ArchcalcError:  # a name of a pattern, with a hyperparameter out of range
        network = True
    if network:
        return ArchcalcError(f"{word} is a network, not a command; `archcalc table {word}` prints its costs")
    return unknown("command", word, list(COMMANDS), "`archcalc --help` lists all", about="command")


def _say(message: str) -> None:
    click.echo(f"archcalc: {' '.join(message.split())}", err=True)


def _open_streams() -> None:
    """Make standard streams that were closed before the start fail like files, and write what an encoding lacks."""
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]
        unwritable = os.open(os.devnull, os.O_RDONLY)
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(unwritable, "w")), encoding="utf-8")
    elif getattr(sys.stdout, "errors", "") == "strict" and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    if sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison]
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def _discard_output() -> None:
    """Throw away what waits to be written to a standard output that takes nothing, so that Python does not try."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        sys.stdout.flush()


class Commands(click.Group):
    """The commands of `COMMANDS`, each imported when it is called; an unknown one is answered with what was meant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name)
        return None if module is None else getattr(import_module(f"{__name__}.{module}"), f"{cmd_name}_command")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _check_once(self, ctx, args)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS and not ctx.resilient_parsing:
            raise _unknown_command(args[0])
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            _check_once(command, click.Context(command, parent=ctx, info_name=name), rest)
        return name, command, rest


def _check_once(command: click.Command, ctx: click.Context, args: Sequence[str]) -> None:
    """Refuse an option that takes one value and is given several: click would take the last without a word."""
    try:
        _, _, order = command.make_parser(ctx).parse_args(list(args))
    except click.ClickException:  # the command says it itself
        return
    for parameter in dict.fromkeys(order):
        once = isinstance(parameter, click.Option) and not (parameter.multiple or parameter.count or parameter.is_flag)
        if once and order.count(parameter) > 1:
            raise click.UsageError(f"{parameter.opts[-1]} is given {order.count(parameter)} times", ctx)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Examples: archcalc table vgg16 · archcalc rf resnet18 resnet50 · archcalc compare alexnet vgg16",
)
@click.version_option(__version__, "--version", message="archcalc %(version)s")
@click.option(
    "--server", metavar="HOST:PORT", envvar="ARCHCALC_SERVER", help="Send requests to a server (archcalc serve)."
)
@click.option("--ca", metavar="FILE", help="With TLS: certificate of the server's authority.")
@click.option("--cert", metavar="FILE", help="With mutual TLS: the client's certificate.")
@click.option("--key", metavar="FILE", help="Its key.")
@click.option("--token-file", metavar="FILE", help="A bearer token for the server, in a file.")
@click.option("--insecure", is_flag=True, help="Send the token to another machine even without TLS.")
@click.pass_context
def cli(context: click.Context, server: str | None, insecure: bool, **secrets: str | None) -> None:
    """Exact sizes, parameters, mult-adds, memory and receptive fields of documented neural networks.

    Text is as wide as the terminal or $COLUMNS, and 100 columns where the output is no terminal. On a terminal, what is
    longer than the screen goes through $PAGER (--no-pager, NO_PAGER: not).

    Completion of commands and names: eval "$(_ARCHCALC_COMPLETE=bash_source archcalc)" in ~/.bashrc
    (zsh_source and fish_source likewise).
    """
    if server is not None:
        from archcalc.service.remote import connected

        context.with_resource(connected(server, **secrets, insecure=insecure))
    elif insecure or any(secrets.values()):
        raise ArchcalcError("--ca, --cert, --key, --token-file and --insecure are for --server")
