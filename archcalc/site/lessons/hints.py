"""Hints to the mistakes that are made in many lessons."""

from __future__ import annotations

from typing import Any

from archcalc.site.lessons.sheet import Mistake

EDGE = "A window that would hang over the edge is left out."
WITHOUT_BIAS = "That is without the biases: each filter has one."
WITH_BIAS = "That counts biases, which this question leaves out."
NO_CHANNELS = "You left out the channels of the input: each filter reaches through all of them."
ONE_FILTER = "That is one filter alone: there are as many as output channels."
TWICE = "That counts each multiply-add as two operations; here a multiplication with its addition is one."
WEIGHTS_ONLY = "Those are the parameters: each weight is used again at every position of the output."


def of_weights(of: Any, layer: str, shape: tuple[int, ...], bias: bool = True) -> tuple[Mistake, ...]:
    """The mistakes with the parameters of a convolution."""
    other = WITHOUT_BIAS if bias else WITH_BIAS
    return (
        (other, lambda: of(layer, "params", bias=not bias).value),
        (NO_CHANNELS, lambda: of(layer, "params", x=(1, *shape[1:])).value),
        (ONE_FILTER, lambda: of(layer, "params", out=1).value),
        ("Those are the weights of one filter alone.", lambda: of(layer, "params", out=1, bias=False).value),
        ("Those are the mult-adds: the same weights are used at every position.", lambda: of(layer, "mult_adds").value),
        ("Those are the values of the output.", lambda: of(layer, "activations").value),
    )


def of_work(of: Any, layer: str, shape: tuple[int, ...]) -> tuple[Mistake, ...]:
    """The mistakes with the mult-adds of a convolution."""
    return (
        (WEIGHTS_ONLY, lambda: of(layer, "params").value),
        (WEIGHTS_ONLY, lambda: of(layer, "params", bias=False).value),
        (TWICE, lambda: 2 * of(layer, "mult_adds").value),
        (NO_CHANNELS, lambda: of(layer, "mult_adds", x=(1, *shape[1:])).value),
        ("That is one filter alone.", lambda: of(layer, "mult_adds", out=1).value),
        ("You left out the stride: it leaves fewer positions.", lambda: of(layer, "mult_adds", stride=1).value),
        ("Those are the values of the output: each takes many mult-adds.", lambda: of(layer, "activations").value),
    )
