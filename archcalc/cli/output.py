"""Output of commands: its options, its destination, its width, and a pager for what is longer than the screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import click

from archcalc.base.files import STDOUT, destination, format_of
from archcalc.present.tables import FORMATS, Table

Command = TypeVar("Command", bound=Callable[..., Any])

PIPED_WIDTH = 100
"""The width of text, in columns, where the output is no terminal and $COLUMNS is not set."""
NARROWEST = 40
"""The least width of text, in columns."""
SUFFIXES: Mapping[str, str] = {
    ".txt": "table",
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".md": "markdown",
    ".markdown": "markdown",
    ".tex": "latex",
    ".html": "html",
    ".htm": "html",
    ".typ": "typst",
}
"""The formats of files by their suffix."""
FIGURES: Mapping[str, str] = {".svg": "svg", ".pdf": "pdf", ".png": "png"}
"""The formats of figures by their suffix."""

_FILE, _PAGER = f"{__name__}.file", f"{__name__}.pager"
"""Where the context of a command keeps the file of -o, and whether a pager may be used."""


def output_options(command: Command) -> Command:
    """The options for a result in tables: --format, -o, --no-pager, and --exact."""
    return format_options()(exact_option(command))


def exact_option(command: Command) -> Command:
    """The option --exact."""
    return click.option("--exact", is_flag=True, help="All digits in tables.")(command)


def format_options(
    *, formats: Sequence[str] = FORMATS, kind: str = "a table", figure: str = ""
) -> Callable[[Command], Command]:
    """The options --format, -o and --no-pager of a command whose result is text.

    `formats` are those that it can be printed in, the first by default; `figure` says what -o draws if FILE ends in
    .svg, .pdf or .png: the command then asks `figure_file`.
    """
    suffixes = {suffix: form for suffix, form in SUFFIXES.items() if form in formats}
    if formats[0] not in suffixes.values():
        suffixes = {".txt": formats[0], **suffixes}
    if figure:
        suffixes |= FIGURES

    def read(context: click.Context, _parameter: click.Parameter, given: str | None) -> str:
        return format_of(given, context.meta.get(_FILE), suffixes, formats[0], kind)

    choice = click.Choice(formats, case_sensitive=False)
    shown = f"by FILE's suffix, else {formats[0]}"
    helped = f"Write to this file{f'; {figure} if it ends in .svg, .pdf or .png' if figure else ''}; - is stdout."

    def add(command: Command) -> Command:
        for option in (
            click.option("--format", "form", type=choice, show_default=shown, callback=read),
            _kept("--no-pager", key=_PAGER, is_flag=True, help="Print long output at once on a terminal ($NO_PAGER)."),
            _kept("-o", "--output", key=_FILE, metavar="FILE", help=helped),
        ):
            command = option(command)
        return command

    return add


def _kept(*names: str, key: str, **given: Any) -> Callable[[Command], Command]:
    """An option that the output needs, not the command: its value is kept in the context, before others are read."""

    def keep(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        context.meta[key] = value

    return click.option(*names, expose_value=False, is_eager=True, callback=keep, **given)


def _meta() -> Mapping[str, Any]:
    context = click.get_current_context(silent=True)
    return {} if context is None else context.meta


def figure_file() -> str | None:
    """The file of -o if it is that of a figure, by its suffix; else None."""
    file = _meta().get(_FILE)
    return file if file is not None and os.path.splitext(file)[1].lower() in FIGURES else None  # noqa: PTH122


def show(
    result: Table | Sequence[Table],
    records: Sequence[dict[str, Any]],
    data: Any,
    form: str,
    exact: bool,
    at_most: int | None = None,
) -> None:
    """Print a result in the requested format; without a terminal, text is at most `at_most` wide."""
    from archcalc.present import layout, markup

    parts = [result] if isinstance(result, Table) else result
    if form == "json":
        emit(as_json(data))
    elif form in ("csv", "tsv"):
        emit((markup.as_csv if form == "csv" else markup.as_tsv)(records))
    elif form == "html":
        emit(markup.as_html(parts, exact))
    elif form in ("markdown", "latex"):
        write = markup.as_markdown if form == "markdown" else markup.as_latex
        emit("\n\n".join(write(table, exact) for table in parts))
    else:
        width = text_width(at_most)
        bold = _bold if _is_styled() else str
        emit("\n\n".join(layout.as_text(table, exact, width, bold) for table in parts))


def as_json(data: Any) -> str:
    """JSON with one line for every key of the result and for every item of its lists."""
    import json

    def compact(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def spread(value: Any, indent: str) -> str:
        if isinstance(value, list) and value and isinstance(value[0], dict):
            items: Any = value  # pyright: ignore[reportUnknownVariableType]
            return "[\n" + ",\n".join(f"{indent}  {compact(item)}" for item in items) + f"\n{indent}]"
        return compact(value)

    if isinstance(data, list):
        return spread(data, "")
    return "{\n" + ",\n".join(f"  {compact(key)}: {spread(value, '  ')}" for key, value in data.items()) + "\n}"


def emit(text: str) -> None:
    """Print a result, or write it to the file of -o as UTF-8. Text longer than a terminal's screen goes to a pager."""
    file = _meta().get(_FILE)
    if file is not None and file not in STDOUT:
        with destination(file) as write:
            write(f"{text}\n".encode())
    elif _needs_pager(text):
        _page(text)
    else:
        click.echo(_encodable(text))


def text_width(at_most: int | None = None) -> int:
    """The width of text in columns: $COLUMNS, or the terminal's; else PIPED_WIDTH, or `at_most` if that is less."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and len(columns) < 7 and int(columns) > 0:
        return max(NARROWEST, int(columns))
    if _on_terminal():
        return max(NARROWEST, _screen().columns)
    return min(PIPED_WIDTH, at_most or PIPED_WIDTH)


def _on_terminal() -> bool:
    return _meta().get(_FILE) in (None, *STDOUT) and sys.stdout.isatty()


def _screen() -> os.terminal_size:
    """The size of the terminal; 80 columns and 24 lines if it does not tell."""
    with suppress(OSError, ValueError):
        size = os.get_terminal_size(sys.stdout.fileno())
        if size.columns and size.lines:
            return size
    return os.terminal_size((80, 24))


def _is_styled() -> bool:
    return _on_terminal() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _bold(text: str) -> str:
    return click.style(text, bold=True)


def _encodable(text: str) -> str:
    """The text with JSON's escapes for what the encoding of standard output lacks, and a note on stderr if so."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError as error:
        said = f"the encoding {encoding} lacks characters, which are written as escapes such as {_escape(error)[0]}"
        click.echo(f"archcalc: {said}; PYTHONIOENCODING=utf-8 or -o FILE keeps them", err=True)
        import codecs

        codecs.register_error(__name__, _escape)
        return text.encode(encoding, __name__).decode(encoding)
    return text


def _escape(error: UnicodeError) -> tuple[str, int]:
    """The escape of a character, and where the text goes on."""
    import json

    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start])[1:-1], error.start + 1


def _needs_pager(text: str) -> bool:
    if _meta().get(_PAGER, True) or os.environ.get("NO_PAGER") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdin is not None and sys.stdin.isatty() and _on_terminal() and text.count("\n") + 1 >= _screen().lines


def _page(text: str) -> None:
    """Show a text in $PAGER, by default less with -FRX; print it if there is no pager."""
    import shlex
    import shutil
    import subprocess

    with suppress(ValueError):
        command = shlex.split(os.environ["PAGER"]) if "PAGER" in os.environ else [shutil.which("less") or "more"]
        if command and shutil.which(command[0]):
            env = {"LESS": "FRX", **os.environ}
            process = subprocess.Popen(command, stdin=subprocess.PIPE, env=env)  # noqa: S603
            with suppress(KeyboardInterrupt, BrokenPipeError):
                process.communicate(f"{text}\n".encode(sys.stdout.encoding, "backslashreplace"))
            with suppress(KeyboardInterrupt):
                process.wait()
            return
    click.echo(_encodable(text))


@contextmanager
def progress_bar(steps: int) -> Generator[Callable[[str], None]]:
    """Show a progress bar if stderr is a terminal; yield the function to call before each step."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    bars: Any = click
    with bars.progressbar(length=steps, file=sys.stderr, item_show_func=_shown) as bar:
        yield lambda item: bar.update(1, item)


def _shown(item: Any) -> str:
    return item or ""
