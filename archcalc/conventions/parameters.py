"""Ways of counting parameters."""

from __future__ import annotations

from archcalc.conventions import OTHERS, Bug, Convention, Term, Terms

OWNERS = [
    "conv",
    "conv_transpose",
    "table_conv",
    "linear",
    "radial_basis",
    "batch_norm",
    "layer_norm",
    "channel_scale",
    "subsampling",
    "window_attention",
    *("group_norm", "rms_norm", "prelu", "rnn", "gru", "lstm", "embedding", "weight"),
]
"""The kinds of ops that have parameters or buffers."""
BIASED = OWNERS[:4]


def _counting(name: str, summary: str, source: str, terms: Terms, notes: tuple[str, ...] = ()) -> Convention:
    return Convention(name, summary, source, "parameters", terms, quantity="parameters", notes=notes)


UNSEEN = Bug(
    "parameters of modules that it has no rule for are not counted: layer scales, subclasses of norms",
    "0.1.1",
    "profile.py adds up what the hooks of known types see",
)

DECONVOLUTION = Bug(
    "of a deconvolution biases are not counted, and weights without its groups",
    "to 2018-07-12",
    "src/analyzer.coffee, deconvolution: kernel_w*kernel_h*chIn*chOut",
)

CONVENTIONS = (
    _counting(
        "params",
        "learnable values: weights, biases, scale and shift of norms",
        "the papers' tables; torch: numel of parameters()",
        dict.fromkeys((*OWNERS, OTHERS), (Term(1, "learnable"),)),
    ),
    _counting(
        "params_with_statistics",
        "learnable values and the running statistics of norms",
        "Keras: Model.count_params, the total of summary()",
        dict.fromkeys((*OWNERS, OTHERS), (Term(1, "learnable"), Term(1, "running"))),
        ("Keras' own ResNets have biases in their convolutions besides: 26,560 in ResNet-50, 25,636,712 in all.",),
    ),
    _counting(
        "params_without_biases",
        "learnable values without the biases of convolutions and linear layers",
        "lecture slides, e.g. Stanford CS231n's table of VGG-16",
        dict.fromkeys((*OWNERS, OTHERS), (Term(1, "learnable"),)) | dict.fromkeys(BIASED, (Term(1, "weight"),)),
    ),
    _counting(
        "params_of_weights",
        "weights of convolutions and linear layers only: no biases, no norms",
        "lecture slides; Howard et al. 2017, arXiv:1704.04861, the filter shapes of Table 1",
        dict.fromkeys(BIASED, (Term(1, "weight"),)),
    ),
    Convention(
        "thop_params",
        "learnable values of the modules that thop knows",
        "thop/profile.py (Lyken17/pytorch-OpCounter)",
        "parameters",
        dict.fromkeys(OWNERS, (Term(1, "learnable"),))
        | {"layer_norm": (Term(1, "learnable"), Term(-1, "first_axis_learnable", UNSEEN))}
        | dict.fromkeys(
            ("channel_scale", "subsampling", "window_attention", "group_norm", "rms_norm", "weight", "embedding"),
            (Term(1, "learnable"), Term(-1, "learnable", UNSEEN)),
        ),
        "thop",
        "0.1.1",
        "parameters",
    ),
    Convention(
        "netscope_params",
        "the column param of netscope: weights, biases, two for each channel of a batch norm and for a response norm",
        "src/analyzer.coffee of dgschwend/netscope, commit 8ae36d8",
        "parameters",
        {
            "conv": (Term(1, "learnable"),),
            "linear": (Term(1, "learnable"),),
            "conv_transpose": (
                Term(1, "learnable"),
                Term(-1, "bias_values", DECONVOLUTION),
                Term(1, "weights_of_other_groups", DECONVOLUTION),
            ),
            "batch_norm": (Term(2, "channels"),),
            "local_response_norm": (Term(2, "nodes"),),
        },
        "netscope",
        "commit 8ae36d8 2018-07-12",
        "parameters",
    ),
)
