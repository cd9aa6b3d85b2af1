"""A zoo file with one place broken is caught by `archcalc validate`, and the benchmark's mutants are what they say."""

from __future__ import annotations

import ast
import warnings
from functools import partial

import pytest
from benchmarks.mutants import PAGE, REASONS, judge, place
from mutating import ZOO, Mutant, fingerprints, in_child, install, mutants

from archcalc import zoo
from archcalc.validation.runner import validate_one

DILATED = "padding=2, dilation=2"
BREAKS = [
    ("vgg11", "vgg", "11: ((64, 1)", "11: ((65, 1)"),
    ("vgg11", "vgg", "Conv(channels, 3, padding=1)", f"Conv(channels, 3, {DILATED})"),
    ("resnet18", "resnet", "MaxPool(3, 2, 1)", "MaxPool(3, 2)"),
    (
        "resnet18",
        "resnet",
        "padding=second, dilation=second",
        DILATED,
    ),
    ("mobilenet_v1_0.25_128", "mobilenet_v1", "x.channels, 3, stride, 1", "x.channels, 3, 1, 1"),
    ("mobilenet_v1_0.25_128", "mobilenet_v1", "stride, 1, groups", "stride, 2, 2, groups"),
    ("xception", "xception", 'row("pool", y, MaxPool(3, 2, 1))', 'row("pool", y, MaxPool(3, 2, ceil=True))'),
    ("googlenet_torchvision", "googlenet", "MaxPool(3, 1, 1, ceil=torchvision)", "MaxPool(5, 1, 2, ceil=torchvision)"),
    ("googlenet_torchvision", "googlenet", "MaxPool(2, 2, ceil=True) if", "MaxPool(3, 2, ceil=True) if"),
    ("densenet121", "densenet", "AvgPool(2, 2)", "MaxPool(2, 2)"),
    (
        "densenet121",
        "densenet",
        "growth, 3, padding=1",
        f"growth, 3, {DILATED}",
    ),
    ("caffenet", "alexnet", "Conv(256, 5, padding=2, groups=groups)", "Conv(256, 5, padding=1, groups=groups)"),
    ("googlenet", "googlenet", "(192, 96, 208, 16, 48, 64)", "(192, 96, 208, 16, 48, 65)"),
    ("highway_mnist", "highway", "Conv(x.channels, 3, padding=1), Sigmoid()", "Conv(x.channels, 1), Sigmoid()"),
    ("all_cnn_c", "all_cnn", "x = conv(x, 192, 3, padding=0)", "x = conv(x, 192, 3)"),
    ("all_cnn_a_base", "all_cnn", "MaxPool(3, 2, ceil=True)", "MaxPool(2, 2, ceil=True)"),
    ("enas_micro_with_aux", "enas", "AvgPool(5, 3)", "AvgPool(6, 3)"),
    ("lenet5_dense", "lenet", "Conv(120, 5)", "Conv(120, 3)"),
    ("spatial_transformer", "spatial_transformer", "Conv(width, 5), ReLU()", "Conv(width, 3), ReLU()"),
    ("regnetx_block_s2", "_anynetx", '"conv2", y, inner, 3, stride', '"conv2", y, inner, 3, 1'),
    ("swin_block_example", "swin", "Linear(4 * channels), GELU()", "Linear(4 * channels)"),
    ("polynet_poly2_module", "polynet", 'first if kind == "poly" else', 'first if kind == "mpoly" else'),
    ("unet", "unet", "Crop(tall // 2, tall - tall // 2, wide", "Crop(tall - tall // 2, tall // 2, wide"),
    ("unet_same", "unet", "ConvTranspose(channels, 2, 2)", "ConvTranspose(channels, 4, 2, 1)"),
    ("lenet5", "lenet", "(0, 2, 3, 5)]", "(0, 1, 3, 5)]"),
    ("lenet5", "lenet", 'Subsampling(2), Tanh())\n    x = row("C3', 'AvgPool(2, 2), Tanh())\n    x = row("C3'),
    ("lenet5_dense", "lenet", "Linear(84), Tanh()", "Linear(84)"),
    ("spatial_transformer", "spatial_transformer", "MaxPool(2, 2), ReLU()", "MaxPool(2, 2)"),
    ("inception_naive_example", "inception", "MaxPool(3, 1, 1)", "MaxPool(5, 1, 2)"),
    ("inception_bottleneck_example", "inception", "(128, 64, 192, 64, 96, 64)", "(128, 64, 192, 64, 96, 32)"),
    ("depthwise_separable_example", "depthwise_separable_example", "BatchNorm(), ReLU())", "BatchNorm())"),
    ("nin_imagenet", "nin", "Conv(384, 3, padding=1)", f"Conv(384, 3, {DILATED})"),
    ("nin_cifar", "nin", "Conv(192, 3, padding=1), 192, classes", "Conv(192, 5, padding=2), 192, classes"),
]


def _verdict(name: str, mutant: Mutant) -> str:
    warnings.simplefilter("ignore")
    install(mutant)
    return validate_one(name, "cpu", ("references",)).outcomes[0].status


@pytest.mark.parametrize(("name", "file", "old", "new"), BREAKS)
def test_a_broken_zoo_file_is_caught(name, file, old, new):
    source = (ZOO / f"{file}.py").read_text(encoding="utf-8")
    assert source.count(old) == 1, (file, old)
    assert in_child(partial(_verdict, name, Mutant(file, "", 0, "", source.replace(old, new)))) in ("differs", "failed")


def test_a_file_that_is_not_broken_agrees():
    source = (ZOO / "squeezenet.py").read_text(encoding="utf-8")
    assert in_child(partial(_verdict, "squeezenet1_1", Mutant("squeezenet", "", 0, "", source))) == "agrees"


@pytest.mark.parametrize("file", sorted(zoo.files())[::3])
def test_a_sample_of_broken_zoo_files_is_caught(file):
    """One literal of a file; the benchmark has all of every file, and the reasons of those that are not noticed."""
    mutant = next(mutants(file, every=7))
    (result,) = judge([mutant])
    assert result.outcome != "survived" or (file, place(mutant), mutant.change) in REASONS, result.by


def test_every_survivor_of_the_benchmark_has_a_reason():
    assert "Not explained" not in PAGE.read_text(encoding="utf-8")


def test_every_zoo_file_has_mutants_of_one_place_each():
    for file in ("squeezenet", "vgg", "_blocks"):
        whole = ast.unparse(ast.parse((ZOO / f"{file}.py").read_text(encoding="utf-8")))
        found = list(mutants(file))
        assert {each.kind for each in found} >= {"number", "keyword"}
        assert all(each.source != whole for each in found)
        assert len({each.source for each in found}) == len(found)


def test_a_mutant_changes_the_graphs_that_use_its_file_and_no_other():
    before = fingerprints("squeezenet")
    first = next(each for each in mutants("squeezenet") if each.kind == "number")

    def changed() -> str:
        install(first)
        after = fingerprints("squeezenet")
        return " ".join([name for name in before if after[name] != before[name]])

    assert set(in_child(changed).split()) <= set(zoo.names_in("squeezenet"))
    assert fingerprints("squeezenet") == before
