"""torchsummary: the outputs of modules, twice.

Source: torchsummary 1.5.1, `torchsummary.py`: summary. A module that holds others is counted again, unless it is the
model itself, an nn.Sequential or an nn.ModuleList; what blocks an implementation has is in `containers`.
"""

from __future__ import annotations

from archcalc.conventions import Bug, Convention, Term

SHAPES = Bug(
    "a module that gives several tensors is counted with the product of all their sizes",
    "1.5.1",
    "summary: np.prod(output_shape), where the output is a tuple or a list",
)
LISTS = Bug(
    "a module that takes a list stops it with an error, as a DenseNet of torchvision does",
    "1.5.1",
    "summary: input[0].size() in the hook",
)

MODULES = (
    "conv",
    "conv_transpose",
    "linear",
    "batch_norm",
    "layer_norm",
    "relu",
    "silu",
    "gelu",
    "sigmoid",
    "softmax",
    "dropout",
    "max_pool",
    "avg_pool",
    "global_avg_pool",
    "adaptive_avg_pool",
)
"""Operations that are modules in most implementations; sums, products and changes of layout are functions."""

CONVENTIONS = (
    Convention(
        "torchsummary_forward_backward",
        "the outputs of layers, activations, norms and pools, twice: once more for gradients",
        "torchsummary/torchsummary.py: summary",
        "bytes (float32)",
        dict.fromkeys(MODULES, (Term(8, "elements"),)),
        "torchsummary",
        "1.5.1",
        "memory",
        notes=(
            "Its Forward/backward pass size (MB), of 1,048,576 bytes, for a batch of one.",
            "A block that is a module is counted besides what it holds: see the implementations of a network.",
            "It depends neither on gradients being computed nor on what backward needs.",
        ),
        other_bugs=(SHAPES, LISTS),
    ),
)
