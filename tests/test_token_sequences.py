"""Models on sequences of tokens, whose channels stand last or are missing, have closed forms in the length."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from archcalc import Network, analyze, closed_form, exact_form, scaling, solve
from archcalc.cli import cli
from archcalc.forms.closed import formula_symbols
from archcalc.forms.formulas import evaluate

FILE = """
from torch import nn


class Tokens(nn.Module):
    def __init__(self, width: int = 16, depth: int = 1):
        super().__init__()
        self.embed = nn.Embedding(50, width)
        layer = nn.TransformerEncoderLayer(width, 2, 2 * width, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.head = nn.Linear(width, 50)

    def forward(self, x):
        return self.head(self.encoder(self.embed(x)))
"""


def encoder(width: int = 16) -> nn.Module:
    layer = nn.TransformerEncoderLayer(width, 2, 2 * width, batch_first=True)
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).eval()


def multiplied(model: nn.Module, x: torch.Tensor) -> int:
    """Half of what PyTorch counts, with layers that run their parts: it counts nothing of its fused encoder."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        return _counted(model, x)
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def _counted(model: nn.Module, x: torch.Tensor) -> int:
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        model.eval()(x)
    return counter.get_total_flops() // 2


@pytest.fixture(scope="module")
def features() -> tuple[nn.Module, Network]:
    model = encoder()
    return model, Network.from_torch(model, (12, 16), name="encoder")


def test_the_closed_form_is_what_pytorch_counts_at_other_lengths(features: tuple[nn.Module, Network]) -> None:
    model, network = features
    assert network.places == (0,)
    form, exact = closed_form(network), exact_form(network)
    assert [symbol.name for symbol in form.symbols] == ["L"]
    assert exact.channels == 16
    for length in (1, 7, 12, 33):
        counted = multiplied(model, torch.zeros(1, length, 16))
        assert form(L=length)["mult_adds"] == counted
        assert exact.evaluate("mult_adds", length) == counted
        assert evaluate(network, {"L": length}).counts["mult_adds"] == counted
        totals = analyze(network, input=(length, 16)).totals
        assert form(L=length)["training_saved_bytes"] == totals.training_saved_bytes
    assert form(L=5)["params"] == sum([each.numel() for each in model.parameters()])
    assert set(formula_symbols(network)) == {"L", "N"}


def test_the_length_can_be_searched_for_and_has_laws(features: tuple[nn.Module, Network]) -> None:
    model, network = features
    solution = solve(network, {"mult_adds": "1M"}, "size")
    assert solution.within is not None
    assert solution.reaches is not None
    assert solution.reaches.value == solution.within.value + 1
    assert solution.within.input == (solution.within.value, 16)
    below, above = (multiplied(model, torch.zeros(1, each.value, 16)) for each in (solution.within, solution.reaches))
    assert below <= 1_000_000 <= above
    laws = {law.quantity: law.exponent for law in scaling(network).variables[0].laws}
    assert laws == {"params": 0, "mult_adds": 2, "activation_sum": 1, "peak_inference_bytes": 1} | {
        "training_saved_bytes": 1
    }


def test_an_image_with_its_channels_last_has_its_sizes_first() -> None:
    class Last(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mix = nn.Linear(3, 8)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.mix(x)

    network = Network.from_torch(Last(), (10, 14, 3))
    assert network.places == (0, 1)
    assert closed_form(network).quantities["mult_adds"].text == "24*H*W"
    assert closed_form(network)(H=5, W=4)["mult_adds"] == multiplied(Last(), torch.zeros(1, 5, 4, 3))


def test_images_and_sequences_with_channels_first_keep_their_symbols() -> None:
    image = Network.from_torch(nn.Conv2d(3, 4, 3), (3, 9, 9))
    assert (image.places, closed_form(image).quantities["params"].text) == ((1, 2), "112")
    sound = Network.from_torch(nn.Conv1d(3, 4, 3), (3, 20))
    assert (sound.places, [symbol.name for symbol in closed_form(sound).symbols]) == ((1,), ["L"])


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def test_numbers_of_words_are_an_input_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHCALC_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    Path("model.py").write_text(FILE)
    name = "model.py:Tokens"
    formula = run("formula", name, "--input", "12", "--quantity", "mult_adds")
    # A layer: 3 w^2 + w^2 of attention, 2 * 2 w^2 of the rest, each for L positions; L^2 w twice; the head w * 50.
    assert f"{2 * 16}*L^2 + {8 * 16 * 16 + 16 * 50}*L" in formula.stdout, formula.exception
    assert "L: input length; L >= 1" in formula.stdout
    solved = run("solve", name, "--input", "12", "--target", "mult_adds=100K", "--for", "size")
    assert "mult_adds = 32*L^2 + 2848*L, L >= 1" in solved.stdout, solved.exception
    drawn = run("plot", "sizes", name, "--input", "12", "--format", "csv")
    assert f",12,{32 * 144 + 2848 * 12}," in drawn.stdout, drawn.exception
    assert run("validate", name, "--input", "12", "--checks", "references,shapes,flops").exit_code == 0
    refused = str(run("table", name, "--size", "12").exception)
    assert refused.endswith("--size stands for 3x12x12 here, --input for any shape")
    assert run("formula", name, "--input", "12").exit_code == 0  # its field has no window at all
