"""Plots as files: the same to the byte, whole or not at all, and errors before any work."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from matplotlib.backends.backend_agg import FigureCanvasAgg

from archcalc import ArchcalcError
from archcalc import figures as plots
from archcalc.cli import cli
from archcalc.figures import KINDS, regenerate, save

ROOT = Path(__file__).parent.parent

DRAW = """
import hashlib
from archcalc.figures import KINDS, Plot, gather, module_of, save
for request in (Plot("accuracy"), Plot("mobilenet"), Plot("types", ("vgg16",)), Plot("ilsvrc")):
    data = gather(request)
    for form in ("svg", "pdf", "png"):
        figure = save.drawn(module_of(KINDS[request.kind]), data, 88.0)
        print(request.kind, form, hashlib.sha256(save.render(figure, form)).hexdigest())
"""


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["plot", *args], standalone_mode=False)


def said(*args: str) -> str:
    error = run(*args).exception
    assert isinstance(error, ArchcalcError), error
    return str(error)


def test_processes_draw_the_same_bytes_whatever_their_hashes_and_settings(tmp_path: Path) -> None:
    """The second process has another hash seed, another time zone and a matplotlibrc that changes everything."""
    settings = tmp_path / "matplotlibrc"
    settings.write_text("font.size: 20\nfont.family: serif\nlines.linewidth: 5\nsvg.fonttype: none\nsavefig.dpi: 50\n")
    environments = [
        {**os.environ, "PYTHONHASHSEED": "1"},
        {
            **os.environ,
            "PYTHONHASHSEED": "2",
            "MATPLOTLIBRC": str(settings),
            "TZ": "Asia/Tokyo",
            "SOURCE_DATE_EPOCH": "9",
        },
    ]
    shown = [
        subprocess.run(
            [sys.executable, "-c", DRAW], env=each, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for each in environments
    ]
    assert shown[0] == shown[1]
    assert len(shown[0].splitlines()) == 12


@pytest.mark.parametrize(("suffix", "magic"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_a_file_has_the_format_of_its_suffix_and_no_date(suffix: str, magic: bytes, tmp_path: Path) -> None:
    file = tmp_path / f"plot.{suffix}"
    assert run("ilsvrc", "-o", str(file)).exception is None
    contents = file.read_bytes()
    assert contents.startswith(magic)
    assert b"CreationDate" not in contents
    assert b"<dc:date>" not in contents
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_an_svg_has_one_title_a_description_and_no_rdf() -> None:
    """RDF makes an HTML page that holds the SVG invalid."""
    figure = save.drawn(plots.module_of(KINDS["ilsvrc"]), plots.gather(plots.Plot("ilsvrc")), 88.0)
    text = save.render(figure, "svg").decode()
    assert text.count("<title>") == text.count("<desc>") == 1
    assert "rdf" not in text
    assert "metadata" not in text


def test_a_plot_does_not_depend_on_the_fonts_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import font_manager

    def drawn() -> bytes:
        figure = save.drawn(plots.module_of(KINDS["mobilenet"]), data, 88.0)
        return save.render(figure, "svg")

    data = plots.gather(plots.Plot("mobilenet"))
    with_fonts = drawn()
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    monkeypatch.setattr(font_manager.fontManager, "afmlist", [])
    font_manager.fontManager._findfont_cached.cache_clear() if hasattr(
        font_manager.fontManager, "_findfont_cached"
    ) else None
    assert drawn() == with_fonts


def test_data_go_to_stdout_or_to_a_file_as_csv(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    assert run("field", "vgg16", "-o", str(file)).exception is None
    assert run("field", "vgg16", "--format", "csv").stdout.strip() == file.read_text().strip()
    lines = list(csv.DictReader(io.StringIO(file.read_text())))
    assert (lines[-1]["row"], lines[-1]["receptive_field"]) == ("pool5", "212")


def test_csv_needs_no_matplotlib() -> None:
    code = "import sys; from archcalc.cli import main; main(['plot', 'accuracy', '--format', 'csv'])"
    watched = (
        f"import atexit, sys; atexit.register(lambda: print('matplotlib' in sys.modules, file=sys.stderr)); {code}"
    )
    done = subprocess.run([sys.executable, "-c", watched], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "False"


def test_a_plot_loads_neither_pyplot_nor_pandas_nor_torch(tmp_path: Path) -> None:
    file = tmp_path / "plot.svg"
    code = f"from archcalc.cli import main; main(['plot', 'accuracy', '-o', {str(file)!r}])"
    heavy = "{'matplotlib.pyplot', 'pandas', 'torch', 'sympy', 'scipy'}"
    watched = f"import atexit, sys; atexit.register(lambda: print(sorted({heavy} & set(sys.modules)))); {code}"
    done = subprocess.run([sys.executable, "-c", watched], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("suffix", ["svg", "csv"])
def test_a_failure_leaves_the_old_file_as_it_was(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / f"plot.{suffix}"
    file.write_text("old")

    def fail(*_args: object) -> bytes:
        raise ArchcalcError("stop")

    monkeypatch.setattr(save, "render", fail)
    monkeypatch.setattr("archcalc.present.markup.as_csv", fail)
    assert said("ilsvrc", "-o", str(file)) == "stop"
    assert file.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


ERRORS = [
    (("acuracy",), "nearest: accuracy"),
    (("boxplot",), "there are accuracy"),
    (("profile",), "name one network"),
    (("profile", "vgg16", "vgg19"), "of one network, not of 2"),
    (("profile", "vgg61"), "nearest: vgg"),
    (("field",), "name one or more network"),
    (("field", *["vgg16"] * 9), "at most 8"),
    (("sizes", *["vgg16"] * 9), "at most 8"),
    (("sizes", "resnet50", "--quantity", "params"), "params of resnet50 is the same at every size"),
    (("sizes", "resnet50", "--quantity", "latency"), "no quantity is called 'latency'"),
    (("sizes", "resnet50", "--quantity", "activations_sum"), "nearest: activation_sum"),
    (("sizes", "resnet50", "--quantity", "activation_sum", "--convention", "thop"), "not both"),
    (("types", "resnet50", "--quantity", "activation_sum"), "takes no --quantity"),
    (("ilsvrc", "vgg16"), "takes no networks"),
    (("accuracy", "lenet5_dense"), "no accuracy data of lenet5_dense"),
    (("accuracy", "regnety_800mf", "--recipe", "pycls"), "not in the catalogue"),
    (("accuracy", "vgg16", "--recipe", "pycls"), "no accuracy of vgg16 on imagenet by pycls"),
    (("accuracy", "--recipe", "torchvision"), "nearest: torchvision_v"),
    (("accuracy", "--dataset", "imagenet21k"), "there are imagenet"),
    (("accuracy", "--convention", "canzian"), "nearest: canziani_2017"),
    (("accuracy", "--convention", "params"), "counts operations; the convention params counts parameters"),
    (("density", "--convention", "fvcore"), "counts parameters; the convention fvcore counts operations"),
    (
        ("accuracy", "swin_t", "--recipe", "swin_authors", "--convention", "bianco_2018"),
        "does not count window attention",
    ),
    (("types", "swin_t", "--convention", "bianco_2018"), "does not count window attention"),
    (("ilsvrc", "--convention", "fvcore"), "takes no --convention"),
    (("field", "vgg16", "--recipe", "pycls"), "takes no --recipe"),
    (("density", "--batch", "1"), "takes no --batch"),
    (("sizes", "vgg16", "--device", "cpu"), "takes no --batch, --precision and --device"),
    (("sizes", "vgg16", "--optimizer", "adam"), "trains nothing, so it takes no options of training"),
    (("time", "--optimizer", "adam"), "trains nothing, so it takes no options of training"),
    (("time", "--device", "cpu", "--device", "h100"), "takes one --device at most, not 2"),
    (("memory",), "name one network"),
    (("memory", "vgg16", "vgg19"), "of one network, not of 2"),
    (("memory", "vgg16", "--device", "t4"), "takes no --device"),
    (("memory", "vgg16", "--precision", "tf32"), "no precision is called 'tf32'"),
    (("memory", "vgg16", "--optimizer", "adm"), "nearest: adam"),
    (("memory", "vgg16", "--train-from", "fc9"), "has no layer or block 'fc9'"),
    (("memory", "vgg16", "--convention", "fvcore"), "takes no --convention"),
    (("memory-batch", *["vgg16"] * 9), "at most 8"),
    (("memory-batch", "--batch", "1"), "from 1 to at least 2"),
    (("memory-batch", "--device", "a100"), "is one of several devices"),
    (("memory", "vgg16", "--step"), "takes no --step, --compiled and --channels-last"),
    (("types", "vgg16", "--dtype", "float16"), "takes no --dtype"),
    (("roofline",), "name one network"),
    (("roofline", "vgg16"), "shows one device, not 0"),
    (("roofline", "vgg16", "--device", "t4", "--device", "l4"), "shows one device, not 2"),
    (("roofline", "vgg16", "--device", "nosuch"), "no device is called 'nosuch'"),
    (("roofline", "vgg16", "--device", "t4", "--dtype", "float33"), "float33"),
    (("roofline", "vgg16", "--device", "t4", "--dtype", "int8"), "no precision is called 'int8'"),
    (("roofline", "vgg16", "--device", "i7-12700h", "--step"), "no measured table of training"),
    (("roofline", "vgg16", "--device", "t4", "--convention", "fvcore"), "takes no --convention"),
    (("edf",), "name a design space or the file of a table for this plot"),
    (("edf", "none.csv"), "there is no such file"),
    (("edf", "vgg16"), "vgg16 is a network: --over makes a space of it"),
    (("edf", "vgg16.txt"), "a table of a sweep is a .parquet, .arrow or .csv file"),
    (("edf", "a.csv", "--x", "params"), "the plot edf takes no --x"),
    (("front", "a.csv", "--best", "error"), "the plot front takes no --best"),
    (("front", "none.csv"), "takes one --y"),
    (("space", "a.csv", "--batch", "4"), "takes no --batch"),
    (("space", "a.csv", "--convention", "thop"), "takes no --convention"),
    (("profile", "vgg16", "--column", "params"), "shows no table of a sweep, so it takes no --column"),
    (("time", "--precision", "float33"), "nearest: float32"),
    (("power", "--recipe", "pycls"), "takes no --recipe"),
    (("time", "--convention", "params"), "counts operations"),
    (("cifar", "--dataset", "imagenet"), "of cifar10 and cifar100"),
    (("accuracy", "--width", "20"), "from 70 to 400"),
    (("accuracy", "--width", "1e2"), "from 70 to 400"),
    (("accuracy", "-o", "plot.gif"), ".svg, .pdf, .png or .csv"),
    (("accuracy", "-o", "/nowhere/plot.svg"), "cannot be written"),
    (("accuracy", "--show", "--format", "csv"), "opens a window"),
]


@pytest.mark.parametrize(("args", "words"), ERRORS, ids=[" ".join(args[:4]) for args, _ in ERRORS])
def test_bad_input_is_named_before_anything_is_drawn(
    args: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn(*_args: object) -> Any:
        raise AssertionError("drawn")

    monkeypatch.setattr(save, "drawn", drawn)
    monkeypatch.chdir(tmp_path)
    output = () if {"-o", "--show"} & set(args) else ("-o", "plot.svg")
    message = said(*args, *output)
    assert words in message
    assert "\n" not in message
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_output_is_said_before_the_data_are_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    def gathered(*_args: object) -> Any:
        raise AssertionError("gathered")

    monkeypatch.setattr(plots, "gather", gathered)
    assert "cannot be written" in said("accuracy", "-o", "/nowhere/plot.svg")


def test_without_a_kind_the_kinds_are_listed() -> None:
    shown = run().stdout
    for name in KINDS:
        assert f"\n{name} " in shown


def test_a_window_is_not_opened_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import pyplot

    monkeypatch.setattr(pyplot, "get_backend", lambda: "agg")
    assert "no window" in said("ilsvrc", "--show")


def test_a_window_shows_the_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import pyplot

    shown: list[Any] = []
    monkeypatch.setattr(save, "backend", lambda: "agg")

    def show(**_: object) -> None:
        figure = pyplot.gcf()
        shown.append((figure.get_label(), type(figure.canvas)))

    monkeypatch.setattr(pyplot, "show", show)
    assert run("ilsvrc", "--show").exception is None
    ((title, canvas),) = shown
    assert title.startswith("Entries of the ImageNet challenge")
    assert canvas is FigureCanvasAgg
    assert pyplot.get_fignums() == []


def test_figures_are_regenerated_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regenerate, "FIGURES", [each for each in regenerate.FIGURES if each.name == "ilsvrc"])
    monkeypatch.setattr(regenerate, "MEASURED", ())
    assert list(regenerate.regenerate(str(tmp_path / "new"))) == ["ilsvrc.svg", "ilsvrc.csv", "README.md"]
    with pytest.raises(ArchcalcError, match="cannot be written"):
        list(regenerate.regenerate("/proc/nowhere"))


@pytest.mark.parametrize("kept", [*regenerate.FIGURES, *regenerate.MEASURED], ids=lambda kept: kept.name)
def test_the_command_under_a_kept_figure_is_one(kept: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks for the request that was drawn."""
    asked: list[Any] = []

    def gather(request: Any) -> Any:
        asked.append(request)
        raise ArchcalcError("enough")

    monkeypatch.setattr(plots, "gather", gather)
    monkeypatch.chdir(tmp_path)
    assert said(*regenerate.command(kept).split()[2:]) == "enough"
    wanted = kept.request.sweep
    if wanted.tables:  # made before they are drawn
        drawn = [
            (each.details["space"], each.details["sample"], each.details["seed"]) for each in asked[0].sweep.tables
        ]
        assert drawn == [(name, wanted.sample.sample, wanted.sample.seed) for name in wanted.tables]
        asked = [asked[0]._replace(sweep=asked[0].sweep._replace(tables=wanted.tables, sample=wanted.sample))]
    assert asked == [kept.request]
