"""The fast loop leaves out tests that are there, and keeps a sample of each law about every network."""

from pathlib import Path

import pytest
from conftest import LEFT_OUT, is_slow

from archcalc import zoo

TESTS = "".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.rglob("test_*.py"))


@pytest.mark.parametrize("kind", ["sampled", "slow"])
def test_every_test_that_is_left_out_is_there(kind):
    assert [name for name in LEFT_OUT[kind] if f"\ndef {name.partition('[')[0]}(" not in TESTS] == []


def test_the_sample_is_of_the_catalogue():
    assert set(LEFT_OUT["sample"]) <= set(zoo.names())


def test_of_a_law_about_every_network_the_sample_is_left():
    law = "test_closed_forms_are_the_exact_form_on_their_residue_class"
    assert not is_slow(f"{law}[swin_t]")
    assert is_slow(f"{law}[swin_b_384]")
    counts = "test_every_count_is_the_same_in_symbols_arrays_and_ints"
    assert is_slow(f"{counts}[unet]")
    assert not is_slow(f"{counts}[resnet50]")
