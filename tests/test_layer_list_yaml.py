"""Layer lists in YAML are those in TOML, with faults at their lines; what is unsafe is refused."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_checks import answer, refusal, rows, totals

from archcalc import Network, analyze
from archcalc.base.errors import MissingTool
from archcalc.cli import cli
from archcalc.importers import layer_list
from archcalc.importers.layer_list import read_layers
from archcalc.importers.layer_yaml import parsed_yaml

SMALL = Path(__file__).parent.parent / "examples" / "small.toml"
BLOCK = """
# The network of examples/small.toml
name: small
input: 3x32x32
width: 16
classes: 10
layers: |
  stem:  conv width 3x3 p1 nobias, bn, relu
  pool1: maxpool 2x2
  a:     conv width 1x1 < pool1       # a branch
  b:     conv width 3x3 p1 < pool1
  cat:   concat < a, b
  fc:    gap, flatten, linear classes
"""
LIST = """
name: small
input: [3, 32, 32]
width: 16
classes: 10
layers:
  - stem: conv width 3x3 p1 nobias, bn, relu
  - 'pool1: maxpool 2x2'
  - a: conv width 1x1 < pool1       # a branch
  - b: conv width 3x3 p1 < pool1
  - cat: concat < a, b
  - fc: gap, flatten, linear classes
"""
LABELS = LIST.replace("  - 'pool1: maxpool 2x2'", "  - pool1: maxpool 2x2").replace("  - ", "  ")


def read(text: str) -> Network:
    return read_layers(text, name="mine", form="yaml")


@pytest.mark.parametrize("text", [BLOCK, LIST, LABELS], ids=["block", "list", "labels"])
def test_the_three_ways_to_write_lines_are_the_toml_list(text: str) -> None:
    ours, theirs = read(text), read_layers(SMALL.read_text(), name="mine", form="toml")
    assert (ours.name, ours.inputs, ours.defaults()) == (theirs.name, theirs.inputs, theirs.defaults())
    assert rows(ours) == rows(theirs)
    assert totals(ours, width=24, input=(3, 40, 48)) == totals(theirs, width=24, input=(3, 40, 48))


def test_the_example_of_the_language_is_read() -> None:
    text = re.search(r"```yaml\n(.*?)```", layer_list.__doc__ or "", re.DOTALL)
    assert text
    network = read(text[1])
    # stem 3*64*9 + 64 + 128, three blocks of 64*64*9 + 128, linear 64*10 + 10
    assert analyze(network).totals.params == 1728 + 64 + 128 + 3 * (36864 + 128) + 650


def test_files_and_commands_take_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(BLOCK)
    Path("net.yml").write_text(BLOCK)
    assert Network.load("net.yaml").input == (3, 32, 32)
    assert totals(Network.from_layers(BLOCK, form="yaml")) == totals(Network.load("net.yml"))
    printed = [
        CliRunner().invoke(cli, ["table", name, "--set", "width=8"]).stdout
        for name in ("net.yaml", "net.yml", str(SMALL))
    ]
    assert printed[0] == printed[1] == printed[2]
    assert "small, width=8, input 3x32x32" in printed[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("input: 3x8x8\nlayers: |\n  conv 8 3x3\n  cnov 8 3x3\n", "mine, line 4:"),
        ("input: 3x8x8\nblocks:\n  b:\n    layers: |\n      conv 8 3x3\n      nix 3\nlayers: b\n", "block b, line 6:"),
        ("input: 3x8x8\nlayers: conv 4 1x1\ninput: 3x9x9\n", "line 3: 'input' is given twice"),
        ("input: 3x8x8\nblocks: {b: {layers: relu}, b: {layers: relu}}\nlayers: b\n", "line 2: 'b' is given twice"),
        ("a: &a [1]\nb: *a\n", "mine, line 1: anchors and aliases"),
        ("a: &a {x: *a}\n", "anchors and aliases"),
        ("layers: !!python/object/apply:os.system [exit]\n", "line 1: tags such as '!!python/object/apply:os.system'"),
        ("input: !shape 3x8x8\n", "tags such as '!shape'"),
        ("input: 3x8x8\nlayers: [conv 3\n", "it is not YAML"),
        ("a: b\n---\nc: d\n", "it is not YAML: but found another document"),
        ("a: \x07\n", "it is not YAML: special characters are not allowed"),
        ("\ta: b\n", "line 1: it is not YAML"),
        ("", "is keys and values"),
        ("- conv 3 3x3\n", "is keys and values"),
        ("conv 3 3x3\n", "is keys and values"),
        ("[a, b]: c\n", "line 1: a key is a word"),
        ("input: 3x8x8\nwidth: 010x\nlayers: conv width 1x1\n", "width is a hyperparameter"),
        ("input: 3x8x8\nbias: yes\nlayers: conv 4 1x1\n", "bias is a hyperparameter: a number up to"),
        ("input: 3x8x8\nwidth: 0x10\nlayers: conv width 1x1\n", "width is a hyperparameter"),
        ("input: 3x8x8\nwidth: 010\nlayers: conv width 1x1\n", "width is a hyperparameter"),
        ("input: 3x8x8\nwhen: 2001-01-01\nlayers: conv 4 1x1\n", "when is a hyperparameter"),
        ("input: 3x8x8\nlayers:\n  - {a: {b: conv 4 1x1}}\n", "layers are a text"),
        ("input: 3x8x8\nlayers: [3]\n", "layers are a text"),
        ("layers: conv 4 1x1\n", "it needs the shape of its input"),
        ("<<: {a: 1}\ninput: 3x8x8\nlayers: conv 4 1x1\n", "a hyperparameter cannot be called '<<'"),
    ],
)  # fmt: skip
def test_faults_are_named_at_their_lines(text: str, said: str) -> None:
    assert said in refusal(text, "yaml")


def test_few_lines_that_stand_for_many_values_are_refused_at_once() -> None:
    lol = 'a0: &a0 ["lol"]\n' + "".join([f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)])
    began = time.process_time()
    assert "anchors and aliases" in refusal(f"input: 3x8x8\n{lol}layers: conv 4 1x1\n", "yaml")
    assert time.process_time() - began < 2


@pytest.mark.parametrize("deep", ["[" * 50_000, "{a: " * 50_000, "- " * 50_000, "? " * 20_000], ids=str.__len__)
def test_deep_lists_are_refused_in_time(deep: str) -> None:
    began = time.process_time()
    refusal(f"layers: {deep}", "yaml")
    refusal(deep, "yaml")
    assert time.process_time() - began < 20


def test_long_texts_are_refused() -> None:
    assert "at most 200,000 are read" in refusal("#" * 200_001, "yaml")
    assert "characters" in refusal(f"input: 3x8x8\nlayers: |\n  conv {'9' * 3000} 1x1\n", "yaml")


def test_without_pyyaml_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(
        MissingTool, match=re.escape("needs PyYAML, which is not installed: pip install 'archcalc[yaml]'")
    ):
        read(BLOCK)


VALUES = st.recursive(
    st.one_of(st.integers(-(10**9), 10**9), st.booleans(), st.none(), st.text("abc xyz019.-:#", max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text("abcdef", min_size=1), VALUES, min_size=1, max_size=4), st.booleans())
def test_what_pyyaml_writes_is_read_back(value: dict[str, Any], flow: bool) -> None:
    """Safe values, written by the library without aliases, are the same values here."""
    text = yaml.safe_dump(value, default_flow_style=flow, sort_keys=False)
    if re.search(r"[&*!]", text) is None:
        assert parsed_yaml(text, "mine").values == value


@settings(max_examples=150, deadline=None)
@given(st.text("ab:-?&*!|>'\"%@`{}[],# \n\t0123x", max_size=60))
def test_any_text_is_a_network_or_one_sentence(text: str) -> None:
    answer(text, "yaml")
    answer(f"input: 3x8x8\nlayers: {text}", "yaml")
