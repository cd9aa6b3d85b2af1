"""What a network or a design space is: `archcalc show` and `archcalc spaces`."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archcalc import UnknownName, analyze, zoo
from archcalc.base.errors import ArchcalcError
from archcalc.catalogue.descriptions import DOCUMENTS, Citation, cite
from archcalc.cli import cli
from archcalc.present.catalogue import bibtex, description_tables
from archcalc.present.layout import as_text
from archcalc.present.tables import FORMATS, Table, left
from archcalc.request import names
from archcalc.spaces.documented import describe, points
from archcalc.spaces.named import GROUPS, named_space
from archcalc.zoo._design_spaces import DESIGN_SPACES

with (Path(__file__).parent.parent / "archcalc" / "data" / "claims.csv").open(encoding="utf-8") as lines:
    CLAIMS = [row for row in csv.DictReader(lines) if row["architecture"] in DESIGN_SPACES]

REQUIRED = {
    "article": {"author", "title", "journal", "year"},
    "inproceedings": {"author", "title", "booktitle", "year"},
    "misc": {"author", "title", "year", "eprint", "archivePrefix"},
}
"""The fields that BibTeX's styles need of each kind of entry; of `misc` those that arXiv gives."""


def out(*args: str) -> str:
    return CliRunner().invoke(cli, args, standalone_mode=False, catch_exceptions=False).stdout


def parsed(text: str) -> tuple[str, str, dict[str, str]]:
    """Kind, key and fields of one BibTeX entry. Raises unless every brace closes and every field is `name = {...},`."""
    head = re.match(r"@(\w+)\{([a-z]+\d{4}[a-z0-9]+),\n", text)
    assert head, text
    fields: dict[str, str] = {}
    at = head.end()
    while text[at] != "}":
        opened = re.compile(r"  (\w+) = \{").match(text, at)
        assert opened, text[at:]
        assert opened[1] not in fields, text
        at, depth, start = opened.end(), 1, opened.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(text[at], 0) if text[at - 1] != "\\" else 0
            at += 1
        fields[opened[1]] = text[start : at - 1]
        assert text[at : at + 2] == ",\n"
        at += 2
    assert text[at:] == "}"
    return head[1], head[2], fields


CITATIONS: dict[str, Citation] = {each.name: describe(each.name).citation for each in zoo.networks()}
CITATIONS |= {name: describe(name).citation for name in DESIGN_SPACES}


def test_every_citation_is_a_well_formed_entry() -> None:
    """It parses, has what its kind needs, escapes what LaTeX would read, and keeps the capitals of its title."""
    for text in {bibtex(citation) for citation in CITATIONS.values()}:
        kind, _, fields = parsed(text)
        assert REQUIRED[kind] <= fields.keys()
        assert all(fields.values())
        assert fields["title"].startswith("{")
        assert fields["title"].endswith("}")
        assert re.fullmatch(r"\d{4}", fields["year"])
        assert not re.search(r"(?<!\\)[&%$#_~^<>]", "".join(value for key, value in fields.items() if key != "url"))
        assert all(re.fullmatch(r"[^,&.]+", name) for name in fields["author"].split(" and ")), fields["author"]


def test_a_key_stands_for_one_paper() -> None:
    """Networks of one paper have one entry, and networks of different papers different keys."""
    entries = {citation.key: bibtex(citation) for citation in CITATIONS.values()}
    assert all(entries[citation.key] == bibtex(citation) for citation in CITATIONS.values())
    titles = {citation.fields["title"] for citation in CITATIONS.values()}
    assert len(titles) == len(entries) > 35


def test_bibtex_of_a_journal_a_conference_and_a_preprint() -> None:
    assert parsed(out("show", "vgg16", "--bibtex").rstrip("\n")) == (
        "misc",
        "simonyan2014very",
        {
            "author": "Simonyan and Zisserman",
            "title": "{Very Deep Convolutional Networks for Large-Scale Image Recognition}",
            "year": "2014",
            "eprint": "1409.1556",
            "archivePrefix": "arXiv",
            "url": "https://arxiv.org/abs/1409.1556",
        },
    )
    kind, key, fields = parsed(out("show", "lenet5", "--bibtex").rstrip("\n"))
    assert (kind, key, fields["author"]) == (
        "article",
        "lecun1998gradientbased",
        "LeCun and Bottou and Bengio and Haffner",
    )
    assert (fields["journal"], fields["volume"], fields["number"]) == ("Proceedings of the IEEE", "86", "11")
    kind, key, fields = parsed(out("show", "alexnet", "--bibtex").rstrip("\n"))
    assert (kind, key, fields["booktitle"]) == ("inproceedings", "krizhevsky2012imagenet", "NIPS 2012")
    assert cite("Howard et al.", "A & B: 50% _x_", 2017, "arXiv:1").fields["author"] == "Howard and others"
    assert r"A \& B: 50\% \_x\_" in bibtex(cite("Howard et al.", "A & B: 50% _x_", 2017, "arXiv:1"))


@pytest.mark.parametrize("name", ["vgg16", "mobilenet_v1_0.33", "anynet_d"])
@pytest.mark.parametrize("form", FORMATS)
def test_show_answers_in_every_format(name: str, form: str) -> None:
    said = out("show", name, "--format", form)
    assert len(said.splitlines()) >= 2
    title = describe(name).title
    assert form in ("csv", "tsv") or title in " ".join(said.split())


def test_every_network_is_shown_on_80_columns() -> None:
    """No line is longer, and every name, range, meaning, paragraph and word of the confirmation is there."""
    for name in names():
        description = describe(name)
        text = "\n\n".join(as_text(table, width=80) for table in description_tables(description))
        assert max(map(len, text.splitlines())) <= 80, name
        words = set(text.split())
        wanted = [description.title, description.authors, description.source, *description.notes]
        wanted += [part for each in description.hyperparameters for part in (each.name, each.range, each.meaning)]
        missing = {word for part in wanted for word in part.split()} - words
        assert not missing, (name, missing)
        assert all(each.name in text for each in (*description.variants, *description.patterns)), name
        assert not text.startswith("\n")
        assert "\n\n\n" not in text


def test_show_is_at_most_80_columns_wide_where_no_terminal_says_how_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert max(map(len, out("show", "resnet20").splitlines())) <= 80
    monkeypatch.setenv("COLUMNS", "150")
    assert max(map(len, out("show", "resnet20").splitlines())) > 100


def test_json_holds_everything_as_data() -> None:
    data = json.loads(out("show", "nin_cifar", "--format", "json"))
    assert data["citation"]["fields"]["eprint"] == "1312.4400"
    assert data["confirmation"] == {
        "by": "model",
        "library": "pytorchcv",
        "model": "nin_cifar10",
        "options": {},
        "settings": {},
        "inputs": [[3, 32, 32], [3, 36, 44]],
        "differs": "not compared: max_pool, avg_pool "
        "(pytorchcv pads where Caffe rounds up: the same at multiples of 4)",
        "text": "",
    }
    assert len(data["notes"]) == 2
    data = json.loads(out("show", "resnet20", "--format", "json"))
    assert data["aliases"] == ["resnet20"]
    assert {"name": "resnet1202_cifar", "summary": "CIFAR, n = 200, option A"} in data["variants"]
    options = {option["name"]: option for option in data["hyperparameters"]}
    assert (options["blocks"]["low"], options["blocks"]["high"], options["blocks"]["value"]) == (1, 1000, 3)
    assert options["shortcut"]["choices"] == ["padding", "projection", "none"]
    assert options["bottlenecks"]["value"] is False


def test_json_of_every_network_can_be_read_and_its_values_build_it_again() -> None:
    """What `show` says of a network's hyperparameters is the network."""
    for name in ("lenet5_dense", "mobilenet_v1_0.5_160", "resnet1202_cifar_projection", "wrn_16_8", "efficientnet_b3"):
        data = json.loads(out("show", name, "--format", "json"))
        own = {option["name"]: option["value"] for option in data["hyperparameters"]}
        base = data["variants"][0]["name"]
        assert analyze(base, input=tuple(data["input"]), **own).totals == analyze(name).totals, name


def test_every_network_says_how_it_was_confirmed() -> None:
    """By a model that others built, or in words; and every document that it names is known."""
    for name in names():
        description = describe(name)
        how = description.confirmation
        assert how.by in ("model", "text"), name
        assert (how.library and how.model) if how.by == "model" else how.text, name
        assert how.by == "model" or not how.text.endswith("."), name
        assert set(description.documents) <= DOCUMENTS.keys(), name
        assert set(description.citation.fields["year"]) <= set("0123456789")


def test_a_name_made_by_a_rule_claims_no_comparison_of_its_own() -> None:
    assert describe("mobilenet_v1_0.33").confirmation.by == "family"
    assert "not compared itself" in " ".join(out("show", "mobilenet_v1_0.33").split())


# ---- design spaces


def claimed(name: str, quantity: str, column: str) -> str:
    (value,) = [row[column] for row in CLAIMS if (row["architecture"], row["quantity"]) == (name, quantity)]
    return value


def test_spaces_are_those_of_document_003() -> None:
    """Restriction, dimensions, formula and printed size are the slide's; the exact size rounds to the printed one.

    Behind them are the spaces by name that are not in its table, with their exact sizes.
    """
    every = list(csv.DictReader(io.StringIO(out("spaces", "--format", "csv"))))
    records, others = every[: len(DESIGN_SPACES)], every[len(DESIGN_SPACES) :]
    assert [row["name"] for row in others] == [name for name in GROUPS if name not in DESIGN_SPACES]
    assert [int(row["points"]) for row in others] == [named_space(row["name"]).size() for row in others]
    assert (
        [row["name"] for row in records]
        == list(DESIGN_SPACES)
        == list(dict.fromkeys(c["architecture"] for c in CLAIMS))
    )
    for row in records:
        name = row["name"]
        assert row["dimensions"] == claimed(name, "dimensions", "claimed_number")
        rule = claimed(name, "dimensions", "comment").removeprefix("restriction: ").removeprefix("+ ")
        assert row["restriction"] == re.sub(r"\{(.*?)\}", r"(\1)", rule).replace("\u2265", ">=")
        formula = claimed(name, "formula_design_space_size", "claimed_value")
        assert row["formula"].replace(" ", "") == formula.replace("\u00b7", "*").lstrip("\u223c")
        size = claimed(name, "design_space_size", "claimed_value")
        assert row["printed"] == size.replace("\u00b7", "*").replace("\u223c", "~")
        assert float(f"{int(row['size']):.1e}") == float(claimed(name, "design_space_size", "claimed_number"))


@pytest.mark.parametrize("form", FORMATS)
def test_spaces_answers_in_every_format(form: str) -> None:
    said = out("spaces", "--format", form)
    assert all(name in said.replace("\\", "") for name in DESIGN_SPACES)
    assert json.loads(said)[0]["size"] == 1_846_757_322_198_614_016 if form == "json" else True


def test_spaces_fits_80_columns_and_has_all_digits_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for options in ((), ("--exact",)):
        assert max(map(len, out("spaces", *options).splitlines())) <= 80
    assert "1,846,757,322,198,614,016" in out("spaces", "--exact")
    assert "1.847e+18" in out("spaces")


def test_spaces_has_the_number_of_networks_beside_the_formula() -> None:
    """Without an order both agree; equal values make the number larger than the formula's. Real numbers have none."""
    records = {row["name"]: row for row in csv.DictReader(io.StringIO(out("spaces", "--format", "csv")))}
    assert all(records[f"anynet_{letter}"]["points"] == records[f"anynet_{letter}"]["size"] for letter in "abc")
    rising = sum(1 for _ in combinations_with_replacement(range(128), 4))
    assert records["anynet_d"]["points"] == str(16**4 * rising * 3 * 6)
    deeper = sum(1 for _ in combinations_with_replacement(range(16), 4))
    assert records["anynet_e"]["points"] == str(deeper * rising * 3 * 6)
    assert records["regnet"]["points"] == ""
    said = " ".join(out("show", "anynet_e").split())
    assert "the number of networks is 48.7% larger" in said
    assert f"counted {points('anynet_e'):,} networks, exactly" in said


def test_show_says_what_a_design_space_is() -> None:
    said = " ".join(out("show", "AnyNet-D").split())
    for part in ("13,194,139,533,312", "~1.3*10^13", "an approximation", "(16*128)^4 * 3*6 / (4!)", "dimensions 10"):
        assert part in said
    data = json.loads(out("show", "anynet_d", "--format", "json"))
    assert data["restrictions"] == ["b_(i+1) = b_i", "g_(i+1) = g_i", "w_(i+1) >= w_i"]
    assert json.loads(out("show", "anynet_a", "--format", "json"))["restrictions"] == []
    assert json.loads(out("show", "regnet", "--format", "json"))["restrictions"] == ["quantized linear"]
    assert out("show", "regnet", "--bibtex") == out("show", "regnetx_400mf", "--bibtex")


@pytest.mark.parametrize("command", [("table",), ("rf",), ("compare", "vgg16"), ("table", "--size", "64")])
def test_a_design_space_is_not_taken_for_a_network(command: tuple[str, ...]) -> None:
    for name in ("anynet_a", "AnyNet.E", "regnet"):
        canonical = zoo.design_space(name)
        said = rf"^{canonical} is a design space, .* not a network; see `archcalc show {canonical}`$"
        with pytest.raises(UnknownName, match=said):
            out(command[0], *command[1:], name)


def errors(*args: str) -> Any:
    return CliRunner().invoke(cli, args, standalone_mode=False).exception


def test_bad_questions_get_one_line() -> None:
    for args, said in (
        (("show", "anynet_f"), "no architecture is called 'anynet_f'"),
        (("show", "resnet5O"), "resnet50"),
        (("show", "vgg16", "--bibtex", "--format", "json"), "--bibtex is a format of its own"),
        (("list", "anynet"), "`archcalc spaces` the design spaces"),
    ):
        error = errors(*args)
        assert isinstance(error, ArchcalcError)
        assert said in str(error)
        assert "\n" not in str(error)


# ---- cells that are continued


def test_a_cell_that_may_be_continued_loses_no_word() -> None:
    """On any width down to two columns of twelve the words stay in their order and no line is too long."""
    text = "the quick brown fox jumps over the lazy dog " * 3
    table = Table(
        "", [left("a", "wrap"), left("b", "wrap"), left("c")], [(text.strip(), "x " * 20, "c1"), ("y", "", "c2")]
    )
    for width in (28, 40, 60, 80, 200):
        lines = as_text(table, width=width).splitlines()
        assert max(map(len, lines)) <= width
        first = re.split(r" {2,}", lines[2])
        assert first[2 if len(first) == 3 else -1] == "c1"
        assert sorted(" ".join(lines[2:]).split()) == sorted(f"{text} {'x ' * 20} c1 y c2".split())
