"""Where results go: standard output that is full, closed or of another encoding, files, pipes, a terminal, a pager."""

from __future__ import annotations

import csv
import json
import os
import pty
import re
import signal
import stat
import subprocess
import sys
import zipfile
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from patience import HANGS

import archcalc
from archcalc.base.errors import ArchcalcError
from archcalc.base.files import destination, format_of
from archcalc.cli import cli
from archcalc.cli.output import PIPED_WIDTH
from archcalc.present.markup import as_html, as_latex, as_markdown
from archcalc.present.tables import FORMATS, Table, left

ROOT = Path(archcalc.__file__).parents[1]
PRINTING = (
    ("list", "vgg"),
    ("table", "lenet5", "--format", "json"),
    ("why", "lenet5", "C1", "params"),
    ("formula", "lenet5", "--format", "typst"),
    ("graph", "lenet5"),
    ("--help",),
    ("--version",),
)


def environment(**more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "PAGER", "LESS", "NO_PAGER")}
    return kept | {"PYTHONPATH": str(ROOT)} | more


def shell(line: str, folder: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    """A line of bash, in which `archcalc` is the program."""
    start = f'archcalc() {{ "{sys.executable}" -m archcalc "$@"; }}; set -o pipefail; '
    return subprocess.run(
        ["/bin/bash", "-c", start + line],
        capture_output=True,
        text=True,
        check=False,
        encoding=more.get("PYTHONIOENCODING", "utf-8"),
        cwd=folder,
        timeout=HANGS,
        env=environment(**more),
    )


@pytest.mark.parametrize("args", PRINTING, ids=" ".join)
@pytest.mark.parametrize(("to", "why"), [("> /dev/full", "No space left"), (">&-", "Bad file descriptor")])
def test_output_that_takes_nothing_is_one_line_and_exit_code_2(args: tuple[str, ...], to: str, why: str) -> None:
    done = shell(f"archcalc {' '.join(args)} {to}")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(f"archcalc: standard output: {why}.*\n", done.stderr)


def test_with_all_streams_closed_only_the_exit_code_is_left() -> None:
    assert shell("archcalc table lenet5 >&- 2>&-").returncode == 2
    assert shell("archcalc nosuch 2>&-").returncode == 2
    assert shell("archcalc table lenet5 -o t.csv >&- 2>&- && rm t.csv", Path("/tmp")).returncode == 0  # noqa: S108


def test_a_reader_that_stops_reading_ends_the_command_in_silence() -> None:
    done = shell("archcalc audit --format csv | head -1")
    assert done.stderr == ""
    assert done.stdout.startswith("id,")


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_what_an_encoding_lacks_is_escaped_and_said_and_json_stays_the_same(encoding: str) -> None:
    whole = json.loads(shell("archcalc audit --format json").stdout)
    done = shell("archcalc audit --format json", PYTHONIOENCODING=encoding)
    assert json.loads(done.stdout) == whole
    assert re.fullmatch(r"archcalc: the encoding \S+ lacks characters.*PYTHONIOENCODING=utf-8.*\n", done.stderr)
    done = shell("archcalc audit --format csv", PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)


# ---- files


def test_a_file_keeps_its_mode_and_its_links_and_is_replaced_whole(tmp_path: Path) -> None:
    file, link, symbolic = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    file.write_text("before\n" * 1000)
    file.chmod(0o600)
    link.hardlink_to(file)
    symbolic.symlink_to(file)
    for name in ("a.csv", "c.csv"):
        assert shell(f"archcalc table lenet5 -o {name}", tmp_path).returncode == 0
        assert file.read_text().startswith("name,row,op")
        assert file.samefile(link)
        assert symbolic.is_symlink()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "before" not in file.read_text()
    link.unlink()
    assert shell("archcalc table alexnet -o a.csv", tmp_path).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "c.csv"]


def test_an_empty_name_is_no_file() -> None:
    with pytest.raises(ArchcalcError, match="the name of the file to write is empty"), destination(""):
        pass


def test_standard_output_has_names_and_pipes_and_devices_are_written(tmp_path: Path) -> None:
    plain = shell("archcalc table lenet5 --format csv").stdout
    for name in ("-", "/dev/stdout"):
        assert shell(f"archcalc table lenet5 --format csv -o {name}", tmp_path).stdout == plain
    assert shell("echo x > f; archcalc table lenet5 --format csv -o /dev/stdout >> f; cat f", tmp_path).stdout == (
        f"x\n{plain}"
    )
    (tmp_path / "f").unlink()
    assert shell("mkfifo p; cat p & archcalc table lenet5 --format csv -o p; wait; rm p", tmp_path).stdout == plain
    assert shell("archcalc table lenet5 -o /dev/null", tmp_path).returncode == 0
    full = shell("archcalc table lenet5 -o /dev/full", tmp_path)
    assert (full.returncode, full.stderr) == (
        2,
        "archcalc: /dev/full cannot be written: No space left on device\n",
    )
    assert "is not a file, but a folder" in shell("archcalc table lenet5 --format csv -o .", tmp_path).stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_process_that_is_ended_leaves_no_part_of_a_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("before")
    number = getattr(signal, name)
    handler = "signal.default_int_handler" if name == "SIGINT" else "signal.SIG_DFL"
    code = f"import signal, time; signal.signal({number}, {handler})\n"  # nohup has SIGHUP ignored
    code += "from archcalc.base.files import destination\n"
    code += f"with destination({str(file)!r}) as write: write(b'half'); print('x', flush=True); time.sleep({HANGS})"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"x\n"
        assert len(list(tmp_path.iterdir())) == 2
        process.send_signal(number)
        assert process.wait(HANGS) == -number
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert file.read_text() == "before"


def test_handlers_of_signals_are_as_before_once_a_file_is_written(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with destination(str(tmp_path / "a")) as write:
        write(b"x")
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


SUFFIXES = {".csv": "csv", ".html": "html", ".htm": "html"}


@pytest.mark.parametrize(
    ("given", "file", "form"),
    [
        (None, None, "table"),
        (None, "-", "table"),
        (None, "/dev/stdout", "table"),
        (None, "/dev/null", "table"),
        (None, "a.CSV", "csv"),
        (None, "a.htm", "html"),
        ("html", "a.html", "html"),
        ("html", "a.data", "html"),
        ("csv", None, "csv"),
    ],
)
def test_a_format_is_given_or_that_of_the_suffix(given: str | None, file: str | None, form: str) -> None:
    assert format_of(given, file, SUFFIXES, "table", "a table") == form


def test_a_suffix_that_says_something_else_or_nothing_is_refused() -> None:
    with pytest.raises(ArchcalcError, match=r"a\.csv: the suffix is that of csv, --format says html"):
        format_of("html", "a.csv", SUFFIXES, "table", "a table")
    with pytest.raises(ArchcalcError, match=r"a\.doc: a table is a \.csv or \.html file, or has the format"):
        format_of(None, "a.doc", SUFFIXES, "table", "a table")


@pytest.mark.parametrize(
    "args",
    [
        ("plot", "sizes", "resnet50", "-o", "x.png", "--format", "pdf"),
        ("graph", "lenet5", "-o", "x.svg", "--format", "dot"),
        ("report", "lenet5", "-o", "x.html", "--format", "md"),
        ("table", "lenet5", "-o", "x.csv", "--format", "json"),
        ("why", "lenet5", "C1", "params", "-o", "x.tex", "--format", "typst"),
        ("scaling", "lenet5", "-o", "x.svg", "--format", "csv"),
    ],
    ids=" ".join,
)
def test_every_command_refuses_a_contradiction_between_suffix_and_format(args: tuple[str, ...], tmp_path: Path) -> None:
    done = shell(f"archcalc {' '.join(args)}", tmp_path)
    assert done.returncode == 2
    assert "the suffix is that of" in done.stderr
    assert list(tmp_path.iterdir()) == []


# ---- formats


TABLES = (
    ("list", "vgg"),
    ("show", "lenet5"),
    ("spaces",),
    ("table", "lenet5"),
    ("rf", "lenet5"),
    ("compare", "lenet5", "vgg16"),
    ("formula", "lenet5"),
    ("solve", "mobilenet_v1", "--target", "mult_adds=300M", "--for", "width"),
    ("scaling", "lenet5"),
    ("conventions",),
    ("reconcile", "lenet5"),
    ("audit", "--document", "004"),
    ("explain", "3.8G", "--architecture", "resnet50"),
    ("accuracy", "resnet50"),
)
"""Every command that prints tables."""
EXPECTED = {".txt": "table", ".csv": "csv", ".tsv": "tsv", ".json": "json", ".md": "markdown", ".tex": "latex"}
EXPECTED |= {".html": "html"}


@pytest.mark.parametrize("args", TABLES, ids=lambda args: args[0])
def test_a_file_has_what_is_printed_in_the_format_of_its_suffix(args: tuple[str, ...], tmp_path: Path) -> None:
    assert set(EXPECTED.values()) == set(FORMATS)
    line = " ".join(args)
    for suffix, form in EXPECTED.items():
        done = shell(f"archcalc {line} --format {form}; archcalc {line} -o t{suffix}", tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == (tmp_path / f"t{suffix}").read_text(encoding="utf-8")
    records = list(csv.reader((tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()))
    lines = [line.split("\t") for line in (tmp_path / "t.tsv").read_text(encoding="utf-8").splitlines()]
    assert lines == records
    assert len(records) > 1


class Page(HTMLParser):
    """The cells of the tables of a page, and what is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.captions: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not {"src", "href", "onload"} & {key for key, _ in attrs}
        if tag != "meta":
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "caption":
            self.captions.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data
        if self.open and self.open[-1] == "caption":
            self.captions[-1] += data


@pytest.mark.parametrize("args", TABLES, ids=lambda args: args[0])
def test_a_page_has_the_cells_of_the_markdown_table(args: tuple[str, ...]) -> None:
    page = Page()
    text = shell(f"archcalc {' '.join(args)} --format html").stdout
    page.feed(text)
    assert page.open == []
    assert "color-scheme: light dark" in text
    markdown = shell(f"archcalc {' '.join(args)} --format markdown").stdout
    cells = [
        [
            unescaped(cell.strip(" ").removeprefix("**").removesuffix("**"))
            for cell in re.split(r"(?<!\\)\|", line)[1:-1]
        ]
        for line in markdown.splitlines()
        if line.startswith("|") and not re.fullmatch(r"[|:\- ]+", line)
    ]
    assert [[cell.strip(" ") for cell in row] for row in page.rows if any(row)] == [row for row in cells if any(row)]
    assert page.captions == list(map(unescaped, re.findall(r"^\*\*(.*)\*\*$", markdown, re.MULTILINE)))


def unescaped(text: str) -> str:
    """Markdown without the backslashes before its marks."""
    return re.sub(r"\\([\\`*<|_])", r"\1", text)


def test_what_markdown_reads_as_marks_is_escaped() -> None:
    """A product is no emphasis: without its stars 2*h*w would be read as 2hw."""
    text = shell("archcalc formula resnet50 --format markdown").stdout
    assert r"| mult_adds | 83410944\*h\*w + 2048000 |" in text
    said = as_markdown(Table("a*b*c", [left("`x`")], [("<i> | _a_ conv1_1",)], remarks=["__init__ 2*h"]))
    assert said.splitlines() == [
        r"**a\*b\*c**", "", r"| \`x\` |", "| :--- |", r"| \<i> \| \_a\_ conv1_1 |", "", r"\_\_init\_\_ 2\*h"
    ]  # fmt: skip


def test_a_table_without_rows_is_its_title_and_remarks() -> None:
    empty = Table("none of 3", [left("name")], [], remarks=["One < two."])
    assert as_markdown(empty) == "**none of 3**\n\nOne \\< two."
    assert as_latex(empty) == "% none of 3\n% One < two."
    page = as_html([empty])
    assert "<table>" not in page
    assert "<b>none of 3</b>" in page


def test_a_page_escapes_what_html_reads() -> None:
    page = Page()
    page.feed(as_html([Table("a < b & c", [left("<i>")], [("<script>alert(1)</script>",)], remarks=["x > 'y'"])]))
    assert page.rows == [["<i>"], ["<script>alert(1)</script>"]]
    assert page.captions == ["a < b & c"]


# ---- terminals


def on_a_terminal(*args: str, lines: int = 24, columns: int = 80, **more: str) -> str:
    """What a command shows on a terminal of that size."""
    import fcntl
    import struct
    import termios

    main, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "archcalc", *args],
        stdin=child,
        stdout=child,
        stderr=child,
        env=environment(**{"TERM": "xterm", **more}),
    ) as process:
        os.close(child)
        shown = b""
        try:
            while part := os.read(main, 65536):
                shown += part
        except OSError:  # Linux: the other end is closed
            pass
        process.wait(HANGS)
    os.close(main)
    return shown.decode().replace("\r\n", "\n")


@pytest.fixture
def pager(tmp_path: Path) -> str:
    """A pager that says what it was given."""
    file = tmp_path / "pager"
    file.write_text('#!/bin/sh\necho "PAGED $* LESS=$LESS"; cat\n')
    file.chmod(0o755)
    return str(file)


def test_what_is_longer_than_the_screen_goes_through_the_pager(pager: str) -> None:
    shown = on_a_terminal("list", PAGER=f"{pager} -x 'a b'")
    assert shown.startswith("PAGED -x a b LESS=FRX\n")
    assert "\nzfnet" in shown
    assert "LESS=S" in on_a_terminal("list", PAGER=pager, LESS="S")
    for args, more in (
        (("table", "lenet5"), {}),
        (("list", "--no-pager"), {}),
        (("list",), {"NO_PAGER": "1"}),
        (("list",), {"TERM": "dumb"}),
    ):
        assert "PAGED" not in on_a_terminal(*args, PAGER=pager, **more)
    assert "PAGED" in on_a_terminal("table", "lenet5", lines=10, PAGER=pager)
    for none in ("", "no-such-program", "'unbalanced"):
        assert "\nzfnet" in on_a_terminal("list", PAGER=none)
    assert "PAGED" not in shell("archcalc list", PAGER=pager).stdout


def test_a_dumb_terminal_and_no_color_get_plain_text() -> None:
    assert "\x1b[1m" in on_a_terminal("table", "lenet5")
    assert "\x1b" not in on_a_terminal("table", "lenet5", TERM="dumb")
    assert "\x1b" not in on_a_terminal("table", "lenet5", NO_COLOR="1")


def test_text_is_as_wide_as_the_terminal_and_as_is_said_without_one() -> None:
    assert PIPED_WIDTH == 100
    widest = {columns: on_a_terminal("list", "--no-pager", columns=columns, NO_COLOR="1") for columns in (60, 80, 200)}
    assert all(max(map(len, shown.splitlines())) <= columns for columns, shown in widest.items())
    assert max(map(len, widest[200].splitlines())) >= 100
    for args in ("list", "table efficientnet_b0", "audit", "accuracy resnet50", "conventions"):
        assert max(map(len, shell(f"archcalc {args}").stdout.splitlines())) <= PIPED_WIDTH
    assert f"{PIPED_WIDTH} columns" in " ".join(shell("archcalc --help").stdout.split())
    for odd in ("0", "-5", "x", "\u00b2", "9" * 5000, ""):
        assert max(map(len, shell("archcalc list vgg", COLUMNS=odd).stdout.splitlines())) <= PIPED_WIDTH


# ---- starts and ends


@pytest.mark.parametrize("module", ["click", "archcalc.cli", "archcalc.present", "archcalc.zoo", "csv"])
def test_an_interrupt_while_modules_are_imported_shows_no_traceback(module: str) -> None:
    code = f"""
import os, signal, sys
def interrupt(event, args):
    if event == "import" and args[0] == {module!r}:
        os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(interrupt)
from archcalc.__main__ import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code, "list"], capture_output=True, check=False, env=environment(), timeout=HANGS
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode == 130


def test_the_program_is_the_module_that_imports_nothing_before_it_starts() -> None:
    import tomllib

    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"archcalc": "archcalc.__main__:main"}
    code = "import sys; import archcalc.__main__; print(sum(name.startswith('archcalc') for name in sys.modules))"
    assert subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment()
    ).stdout.split() == ["2"]


def test_archcalc_runs_from_a_zip_file(tmp_path: Path) -> None:
    whole = tmp_path / "archcalc.pyz"
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("__main__.py", "from archcalc.__main__ import main\nmain()\n")
        for package in (ROOT / "archcalc", Path(click.__file__).parent):
            for file in package.rglob("*"):
                if file.is_file() and "__pycache__" not in file.parts:
                    archive.write(file, file.relative_to(package.parent))
    for args in ("list vgg", "table vgg16", "reconcile lenet5", "accuracy resnet50", "audit C0725", "show lenet5"):
        done = subprocess.run(
            [sys.executable, "-S", str(whole), *args.split()],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"]},
            timeout=HANGS,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == shell(f"archcalc {args}").stdout


@pytest.mark.parametrize("form", ["table", "markdown", "latex", "html"])
def test_an_answer_without_rows_has_no_empty_table(form: str) -> None:
    text = unescape(CliRunner().invoke(cli, ["list", "--where", "params < 3", "--format", form]).stdout)
    text = text.replace("\\<", "<")
    assert "0 architectures with params < 3" in text
    assert not any(mark in text for mark in ("<table>", "tabular}", "| ---", "mult-adds"))
