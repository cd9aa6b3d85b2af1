"""Implementations of networks that tools count otherwise: because of a function in place of a module, ...

A convention counts a network as it is usually implemented: modules for layers, operators for sums and products. Tools
that watch modules or replace functions count an implementation with other code otherwise. Each difference is an
additional term (of negative weight if the tool counts less) for some ops of some rows, with the reason. The differences
are known for the networks of `REFERENCES`: the tools were run on their implementations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from archcalc.conventions import Convention, Term, Terms
from archcalc.conventions.containers import ARCHCALCS, BESIDES

ARCHCALC = "archcalc"
REFERENCE = "reference"
REFERENCES = frozenset(
    {
        "alexnet_owt",
        "convnext_tiny",
        "densenet121",
        "efficientnet_b0",
        "googlenet_torchvision",
        "inception_v3",
        "inception_v3_with_aux",
        "mobilenet_v1_1.0_224",
        "regnetx_400mf",
        "resnet50",
        "resnet50_v1",
        "seresnet50",
        "shufflenet_v1_g3_1.0x",
        "squeezenet1_0",
        "squeezenet1_1",
        "swin_t",
        "vgg16_torchvision",
    }
)
"""The networks on whose reference implementation the tools were run."""


class Difference(NamedTuple):
    """A difference: the ops that some conventions count otherwise in one implementation of some networks."""

    conventions: tuple[str, ...]
    implementation: str
    """`archcalc`: the model that archcalc executes; `reference`: the one that the catalogue compares with."""
    architectures: tuple[str, ...]
    """Names of networks; empty: all."""
    terms: Terms | tuple[str, ...]
    """Terms counted in addition, by kind of op; or the kinds of ops that are not counted."""
    reason: str
    rows: tuple[str, ...] = ("*",)
    """Patterns of rows of the cost table."""

    def terms_of(self, convention: Convention) -> Terms:
        """Terms counted in addition, by kind of op."""
        if not isinstance(self.terms, tuple):
            return self.terms
        counted = {kind: convention.of(kind) for kind in self.terms}
        return {kind: tuple([term._replace(weight=-term.weight) for term in counted[kind]]) for kind in self.terms}

    def holds_for(self, row: str) -> bool:
        """Return True if it holds for the ops of a row."""
        return any(fnmatchcase(row, pattern) for pattern in self.rows)


REPLACING = ("ptflops", "calflops_flops", "deepspeed_flops")
"""Tools that replace torch.add, torch.mul and functions of torch.nn.functional, and do not see `+` and `*`."""
MODULES = ("thop", "ultralytics_thop", "torchscan", "torchscan_flops")
"""Tools that see modules only."""
EXACT = ("ptflops", "thop", "torchinfo", "torchscan", "torchscan_flops")
"""Tools that do not count a class of the implementation's own that contains modules, nor what it computes itself."""
PYTORCHCV = ("resnet50_v1", "mobilenet_v1_1.0_224", "shufflenet_v1_g3_1.0x")
INCEPTIONS = ("inception_v3", "inception_v3_with_aux")
MEAN = ("fvcore", *REPLACING, *MODULES)
"""Tools that count an adaptive pool, and do not see a mean over two axes."""

_POOL_ONCE = (Term(-1, "pool_input"),)
_READ_ONCE = (Term(-1, "input_elements"),)
_ONCE = (Term(-1, "elements"),)


def _reference(
    conventions: tuple[str, ...],
    architectures: tuple[str, ...],
    terms: Terms | tuple[str, ...],
    reason: str,
    rows: tuple[str, ...] = ("*",),
) -> Difference:
    return Difference(conventions, REFERENCE, architectures, terms, reason, rows)


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        REPLACING,
        ARCHCALC,
        (),
        {"add": (Term(1, "add"),)},
        "archcalc's model calls torch.add, which the tool replaces; the tool does not see `+`",
    ),
    _reference(
        ("ptflops",),
        ("inception_v3", "googlenet_torchvision"),
        {"relu": _ONCE},
        "it calls F.relu, no module: counted once, not twice",
    ),
    _reference(
        ("torchscan_flops",),
        ("inception_v3", "googlenet_torchvision"),
        ("relu",),
        "it calls F.relu, no module: not seen",
    ),
    _reference(
        ("ptflops",),
        INCEPTIONS,
        {"avg_pool": _POOL_ONCE, "max_pool": _POOL_ONCE},
        "it calls F.avg_pool2d and F.max_pool2d, no modules: counted once, not twice",
        ("Mixed_*", "AuxLogits.pool"),
    ),
    _reference(
        MODULES,
        INCEPTIONS,
        ("avg_pool", "max_pool"),
        "it calls F.avg_pool2d and F.max_pool2d, no modules: not seen",
        ("Mixed_*", "AuxLogits.pool"),
    ),
    _reference(
        ("ptflops",),
        ("inception_v3_with_aux",),
        {"global_avg_pool": _READ_ONCE},
        "it calls F.adaptive_avg_pool2d, no module: counted once, not twice",
        ("AuxLogits.avgpool",),
    ),
    _reference(
        MODULES,
        ("inception_v3_with_aux",),
        ("global_avg_pool",),
        "it calls F.adaptive_avg_pool2d, no module: not seen",
        ("AuxLogits.avgpool",),
    ),
    _reference(
        ("ptflops", "thop", "thop_params"),
        ("inception_v3_with_aux",),
        ("linear",),
        "its auxiliary classifier is a subclass of nn.Linear, whose type the tool does not know",
        ("AuxLogits.fc",),
    ),
    _reference(
        (*EXACT, "thop_params", "torchinfo_forward_backward"),
        ("inception_v3_with_aux", "regnetx_400mf"),
        ("batch_norm",),
        "its batch norms are a subclass of nn.BatchNorm2d that holds the activation and calls F.batch_norm: not seen",
    ),
    _reference(
        ("torchscan_flops",),
        ("inception_v3_with_aux",),
        ("dropout",),
        "its dropout has probability 0, for which nothing is counted",
    ),
    _reference(
        ("ptflops",),
        ("densenet121",),
        {"relu": _ONCE},
        "it ends with F.relu, no module: counted once, not twice",
        ("norm",),
    ),
    _reference(
        ("torchscan_flops",), ("densenet121",), ("relu",), "it ends with F.relu, no module: not seen", ("norm",)
    ),
    _reference(
        ("ptflops",),
        ("densenet121",),
        {"global_avg_pool": _READ_ONCE},
        "it calls F.adaptive_avg_pool2d, no module: counted once, not twice",
    ),
    _reference(MODULES, ("densenet121",), ("global_avg_pool",), "it calls F.adaptive_avg_pool2d, no module: not seen"),
    _reference(
        ("ptflops", "calflops_flops", "deepspeed_flops", "thop", "ultralytics_thop"),
        ("mobilenet_v1_1.0_224",),
        ("softmax",),
        "it ends before the softmax of the paper's Table 1",
    ),
    _reference(
        ("fvcore",), PYTORCHCV, ("global_avg_pool",), "its last pool is nn.AvgPool2d(7), which the tool does not count"
    ),
    _reference(
        ("thop",),
        PYTORCHCV,
        {"global_avg_pool": _READ_ONCE},
        "its last pool is nn.AvgPool2d(7), of which the outputs are counted and not what it reads",
    ),
    _reference(
        ("torchscan", "torchscan_flops"),
        PYTORCHCV,
        {"global_avg_pool": (Term(-1, "map_beyond_side"),)},
        "its last pool is nn.AvgPool2d(7), counted with 7 positions for its window, not 49",
    ),
    _reference(
        MEAN,
        ("seresnet50",),
        ("global_avg_pool",),
        "it squeezes with x.mean, no pool: not seen",
        ("*.se.squeeze",),
    ),
    _reference(
        ("torchscan_flops",),
        ("seresnet50",),
        ("sigmoid",),
        "its gate is a module of its own that calls x.sigmoid: not seen",
    ),
    _reference(
        ("torchscan_flops",),
        ("alexnet_owt",),
        {"flatten": (Term(1, "elements"),)},
        "it drops values before its first linear layer, not after it: the values that it reads",
    ),
    _reference(
        ("torchscan_flops",),
        ("alexnet_owt",),
        ("dropout",),
        "it drops values before its first two linear layers, not after them",
        ("fc7",),
    ),
    _reference(
        ("torchinfo",),
        ("convnext_tiny",),
        ("channel_scale",),
        "its scales are called layer_scale, neither weight nor bias: not seen",
    ),
    _reference(
        ("torchinfo_forward_backward",),
        ("convnext_tiny",),
        ("channel_scale",),
        "its scales belong to blocks, which hold other modules: not seen",
    ),
    _reference(
        ("torchinfo_forward_backward",),
        ("swin_t",),
        ("window_attention",),
        "its position biases belong to attentions, which hold other modules: not seen",
    ),
    _reference(
        MEAN,
        ("swin_t",),
        ("global_avg_pool",),
        "it ends with x.mean, no pool: not seen",
    ),
    _reference(
        REPLACING,
        ("swin_t",),
        {"window_attention": (Term(1, "multiply"),)},
        "its attention weights come from a module nn.Softmax, which calls F.softmax",
    ),
    _reference(
        ("thop", "ultralytics_thop"),
        ("swin_t",),
        {"window_attention": (Term(3, "multiply"), Term(-1, "attention_rows"))},
        "its attention weights come from a module nn.Softmax",
    ),
    _reference(
        ("torchinfo",),
        ("swin_t",),
        {"window_attention": (Term(1, "projections_of_windows"),)},
        "its projections get the windows as a batch, for each of which the parameters are counted",
    ),
    _reference(
        ("torchprofile",),
        ("swin_t",),
        {"window_attention": (Term(-1, "multiply"), Term(1, "elements"))},
        "it scales the queries, not the products of queries and keys",
    ),
    Difference(
        ("torchsummary_forward_backward",),
        ARCHCALC,
        (),
        ARCHCALCS,
        "archcalc's model has a module for every operation",
    ),
    _reference(
        ("torchsummary_forward_backward",),
        ("swin_t",),
        {"window_attention": (Term(48, "first_window"), Term(16, "first_window_weights"))},
        "its windows are a batch, of which one is counted: the projections and what follows them, and the weights",
    ),
    *[_reference(("torchsummary_forward_backward",), each[0], each.terms, each.reason, each.rows) for each in BESIDES],
)

STOPPED: Mapping[str, frozenset[str]] = {"torchsummary_forward_backward": frozenset({"densenet121"})}
"""Networks on whose reference implementation the tool of a convention stops with an error."""


def differences(convention: Convention, implementation: str, architecture: str) -> Iterator[Difference]:
    """The differences of a convention for an implementation of a network."""
    for each in DIFFERENCES:
        holds = each.implementation == implementation and convention.name in each.conventions
        if holds and (not each.architectures or architecture in each.architectures):
            yield each
