"""How tools count a model as its code is written: the modules, functions and operators by which it is called.

A convention counts a network as it is usually implemented. Of a model that was traced it is known by which function
each operation was called, and in which module; tools go by that: some by the exact class of a module, some by the class
that it is derived from, some by functions of PyTorch that they replace, some by the operators below. For each tool it
says here which terms an operation gets so. Sources: those of the tools' conventions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from archcalc.algebra.dims import is_int
from archcalc.conventions import Convention, Term
from archcalc.conventions.sites import Site
from archcalc.graph import Origin

Terms = tuple[Term, ...]


class Seen(NamedTuple):
    """What a tool counts for an operation, and why it differs from what it counts in the usual implementation."""

    terms: Terms
    reason: str = ""
    known: bool = True
    """False if the count is not known: a module has a rule of its own in the tool, which is not followed here."""


Rule = Callable[[Convention, str, Any], Seen]
"""Of a convention, the kind of an op, and its site, whose origin is known."""

UNKNOWN_RULE = "counted by a rule for the whole module, which is not followed here"


def _times(weight: int, *measures: str) -> Terms:
    return tuple([Term(weight, measure) for measure in measures])


_ELEMENTS = _times(1, "elements")
_READS = _times(1, "input_elements")
_MACS = _times(1, "multiply_accumulate")
_BIASED = _times(1, "multiply_accumulate", "bias")
_NORM = _times(1, "elements", "affine_elements")

LAYERS: Mapping[str, frozenset[str]] = {
    name: frozenset(kinds.split())
    for names, kinds in {
        "Conv1d Conv2d Conv3d": "conv given_conv",
        "ConvTranspose1d ConvTranspose2d ConvTranspose3d": "conv_transpose given_conv_transpose",
        "Linear NonDynamicallyQuantizableLinear": "linear given_linear",
        "BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm": "batch_norm group_norm",
        "InstanceNorm1d InstanceNorm2d InstanceNorm3d GroupNorm": "group_norm",
        "LayerNorm": "layer_norm",
        "RMSNorm": "rms_norm",
        "MaxPool1d MaxPool2d MaxPool3d": "max_pool",
        "AvgPool1d AvgPool2d AvgPool3d": "avg_pool",
        "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d": "global_avg_pool adaptive_avg_pool",
        "AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d": "adaptive_max_pool",
        "ReLU": "relu",
        "ReLU6": "relu6",
        "LeakyReLU": "leaky_relu",
        "ELU": "elu",
        "PReLU": "prelu",
        "GELU": "gelu",
        "Sigmoid": "sigmoid",
        "Tanh": "tanh",
        "Softmax": "softmax",
        "Dropout": "dropout",
        "Upsample UpsamplingNearest2d UpsamplingBilinear2d": "resize",
        "RNN": "rnn",
        "GRU": "gru",
        "LSTM": "lstm",
    }.items()
    for name in names.split()
}
"""The kinds of op that stand for the work of a layer of `torch.nn`, by its class."""

WHOLE = frozenset({"MultiheadAttention"})
"""Layers of `torch.nn` that several tools count by a rule for the whole, with what is in it."""
TIMM_ATTENTION = ("timm.layers.attention.Attention", "timm.models.vision_transformer.Attention")


def _usual(convention: Convention, kind: str) -> Terms:
    """The terms of a kind; those of a layer with weights of its own for one that is given its weights."""
    return convention.of(kind) or convention.of(kind.removeprefix("given_"))


def origin_of(site: Site) -> Origin:
    """The call that an op is from. Raises LookupError if that is not known."""
    if site.origin is None:
        raise LookupError("no call is known")
    return site.origin


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def layer_of(kind: str, origin: Origin, exact: bool) -> str:
    """The layer of `torch.nn` whose own work an op is: by the exact class of its module, or one it is derived from.

    Empty if the op is called by something else.
    """
    base = _short(origin.base or "")
    if exact and origin.classes[-1] != origin.base:
        return ""
    return base if kind in LAYERS.get(base, ()) and origin.operator not in NO_LAYER else ""


NO_LAYER = frozenset({"mean", "glu"})
"""Operators that no layer of `LAYERS` calls, though their ops are of a kind that layers have."""


def function_of(origin: Origin) -> str:
    """The function by which an op is called: `F.relu`, `torch.add`, `x.add` for a method or an operator."""
    where, _, name = origin.function.rpartition(".")
    if name == "multi_head_attention_forward":  # calls these in the same file
        return {"bmm": "torch.bmm", "baddbmm": "torch.baddbmm"}.get(origin.operator, f"F.{origin.operator}")
    if where == "operator" or (where == "method_descriptor" and name in SYMBOLS):
        return SYMBOLS[name]
    if where == "builtin_function_or_method":
        return f"F.{name}" if name in BUILT_IN else f"torch.{name}"
    return f"F.{name}" if where == "function" and name not in OF_TORCH else f"x.{name}" if where else ""


SYMBOLS = {"add": "x+y", "mul": "x*y", "matmul": "x@y"}
BUILT_IN = frozenset(
    (
        *("linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
        *("gelu", "prelu", "avg_pool1d", "avg_pool2d", "avg_pool3d", "adaptive_avg_pool1d"),
        "scaled_dot_product_attention",
    )
)
"""Functions of `torch.nn.functional` that are not written in Python."""
OF_TORCH = frozenset({"einsum", "norm", "__rsub__", "split", "stft"})
"""Functions that are written in Python and are not of `torch.nn.functional`."""


def _unseen(origin: Origin, kind: str) -> str:
    """Why a tool that goes by classes of modules does not see an op."""
    own, base = origin.classes[-1], origin.base or ""
    if own != base and kind in LAYERS.get(_short(base), ()):
        return f"{_short(own)} is a subclass of nn.{_short(base)}, which the tool does not know"
    said = function_of(origin)
    return f"{said} is called, no module: not seen" if said else "no module: not seen"


# ---- tools that go by operators


def _operators(names: str, more: Mapping[str, Terms] | None = None) -> Rule:
    """The rule of a tool that knows some operators: those with the terms of their ops, others not at all."""
    known = frozenset(names.split())
    extra = dict(more or {})

    def rule(convention: Convention, kind: str, site: Site) -> Seen:
        origin = origin_of(site)
        if origin.operator in extra:
            return Seen(extra[origin.operator], f"it is called as {origin.operator}")
        if origin.variant == "padding":
            return Seen((), "a padding in a word is not counted")
        if origin.operator in known or kind in ("weight", "constant"):
            return Seen(_usual(convention, kind))
        return Seen((), f"it is called as {origin.operator}, which the tool does not count")

    return rule


BIASED = frozenset(
    [
        *("linear", "conv1d", "conv2d", "conv3d"),
        *("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
    ]
)
"""Operators that add a bias."""
_CONVOLUTIONS = "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d"
_NORMS = "batch_norm layer_norm group_norm instance_norm"

# ---- tools that go by modules


def _modules(exact: bool, terms: Mapping[str, Terms | None], leaves: bool = False) -> Rule:
    """The rule of a tool that knows classes of modules, with terms for kinds that the convention does not have."""

    def rule(convention: Convention, kind: str, site: Site) -> Seen:
        origin = origin_of(site)
        layer = layer_of(kind, origin, exact)
        if layer and leaves and origin.leaf is False:
            return Seen((), f"{_short(origin.classes[-1])} holds other modules: not seen")
        if layer not in terms:
            return Seen((), _unseen(origin, kind))
        return Seen(_usual(convention, kind) or terms[layer] or (), f"counted as nn.{layer}")

    return rule


def _by_name(entries: Mapping[str, Terms | None]) -> dict[str, Terms | None]:
    """Terms by class, from lists of classes."""
    return {name: terms for names, terms in entries.items() for name in names.split()}


_CONV = "Conv1d Conv2d Conv3d"
_TRANSPOSED = "ConvTranspose1d ConvTranspose2d ConvTranspose3d"
_BATCH_NORM = "BatchNorm1d BatchNorm2d BatchNorm3d"
_INSTANCE_NORM = "InstanceNorm1d InstanceNorm2d InstanceNorm3d"
_AVERAGE = "AvgPool1d AvgPool2d AvgPool3d"
_ADAPTIVE = "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d"
_ADAPTIVE_MAX = "AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d"
_MAX = "MaxPool1d MaxPool2d MaxPool3d"
_FOUR = _times(2, "elements", "affine_elements")
_ENLARGED = (
    Term(1, "nearest_elements"),
    Term(11, "bilinear_elements"),
)

THOP = _by_name(
    {
        f"{_CONV} {_TRANSPOSED} Linear Softmax RNN GRU LSTM": None,
        f"{_BATCH_NORM} {_INSTANCE_NORM} SyncBatchNorm LayerNorm": _FOUR,
        "PReLU": _ELEMENTS,
        _AVERAGE: _ELEMENTS,
        _ADAPTIVE: None,
        "Upsample UpsamplingNearest2d UpsamplingBilinear2d": _ENLARGED,
    }
)
ULTRALYTICS = _by_name(
    {
        f"{_CONV} {_TRANSPOSED} Linear NonDynamicallyQuantizableLinear Softmax RNN GRU LSTM": None,
        f"{_BATCH_NORM} {_INSTANCE_NORM} SyncBatchNorm LayerNorm GroupNorm RMSNorm": _FOUR,
        "PReLU": _ELEMENTS,
        f"{_AVERAGE} {_ADAPTIVE}": None,
        "Upsample UpsamplingNearest2d UpsamplingBilinear2d": (Term(11, "bilinear_elements"),),
    }
)
_SCANNED: dict[str, Terms | None] = dict.fromkeys(
    f"{_CONV} {_TRANSPOSED} Linear NonDynamicallyQuantizableLinear {_BATCH_NORM} SyncBatchNorm {_MAX} {_AVERAGE} "
    f"{_ADAPTIVE} {_ADAPTIVE_MAX}".split()
)
PTFLOPS = _by_name(
    {
        f"{_CONV} {_TRANSPOSED} Linear": _BIASED,
        "ReLU PReLU ELU LeakyReLU ReLU6 GELU": _ELEMENTS,
        f"{_MAX} {_AVERAGE} {_ADAPTIVE} {_ADAPTIVE_MAX}": _READS,
        f"{_BATCH_NORM} {_INSTANCE_NORM} GroupNorm": _NORM,
        "LayerNorm Upsample": _ELEMENTS,
        "RNN GRU LSTM": None,
    }
)


def _ultralytics(convention: Convention, kind: str, site: Site) -> Seen:
    """By modules, and products of functions outside of the modules that are counted."""
    origin = origin_of(site)
    if layer_of(kind, origin, exact=False):
        return _ULTRALYTICS(convention, kind, site)
    if function_of(origin) in _ULTRALYTICS_FUNCTIONS and kind in (*_FACTORS, "linear", "given_linear", "attention"):
        return Seen(_MACS, f"{function_of(origin)} is seen")
    return Seen((), _unseen(origin, kind))


_ULTRALYTICS = _modules(exact=False, terms=ULTRALYTICS)
_FACTORS = ("matmul", "einsum")
_ULTRALYTICS_FUNCTIONS = frozenset(
    (
        "torch.matmul",
        "x.matmul",
        "x@y",
        "torch.bmm",
        "x.bmm",
        "x.einsum",
        "F.linear",
        "F.scaled_dot_product_attention",
    )
)

# ---- tools that replace functions

RECURRENT = frozenset({"rnn", "gru", "lstm"})
"""Layers that these tools count by their modules."""


def _replaced(functions: Mapping[str, Terms | None], scaled: Terms = ()) -> Rule:
    """The rule of a tool that replaces functions; None stands for the terms that the convention has.

    `scaled` are those of a map that is enlarged by factors, not to a size.
    """
    variants = {"scale_factors": scaled}

    def rule(convention: Convention, kind: str, site: Site) -> Seen:
        origin = origin_of(site)
        said = function_of(origin)
        if kind in RECURRENT:
            return Seen(convention.of(kind) if origin.classes[-1] == origin.base else (), _unseen(origin, kind))
        if kind == "add" and origin.operator in BIASED:  # a bias that is computed: here those of convolutions count
            counts = origin.operator != "linear" and any([term.measure == "bias" for term in convention.of("conv")])
            return Seen(_ELEMENTS if counts else (), "a bias that is computed")
        if said == "F.interpolate" and origin.variant in variants:
            return Seen(variants[origin.variant], "it is enlarged by factors")
        if said not in functions or kind in ("weight", "constant"):
            return Seen((), f"{said} is not seen" if said else "no function that the tool replaces")
        own = functions[said]
        return Seen(_usual(convention, kind) if own is None else own, f"{said} is counted")

    return rule


_MATMUL = _times(1, "multiply_accumulate")
_F_POOLS = (
    "F.avg_pool1d F.avg_pool2d F.avg_pool3d F.max_pool1d F.max_pool2d F.max_pool3d F.adaptive_avg_pool1d "
    "F.adaptive_avg_pool2d F.adaptive_avg_pool3d F.adaptive_max_pool1d F.adaptive_max_pool2d F.adaptive_max_pool3d"
)
_F_VALUES = "F.relu F.prelu F.elu F.relu6 F.silu F.gelu F.softmax"
_F_CONV = "F.conv1d F.conv2d F.conv3d F.conv_transpose1d F.conv_transpose2d F.conv_transpose3d"
_F_NORMS = "F.batch_norm F.layer_norm F.instance_norm F.group_norm"
_SUMS = "torch.mul torch.add x.mul x.add"

PTFLOPS_FUNCTIONS = _by_name(
    {
        _F_VALUES: _ELEMENTS,
        _F_POOLS: _READS,
        "F.interpolate F.upsample": _ELEMENTS,
        "torch.matmul torch.mm torch.bmm x.matmul x.mm x.bmm": (),
        _SUMS: _ELEMENTS,
    }
)
CALFLOPS = _by_name(
    {
        f"F.linear {_F_CONV}": None,
        "torch.matmul x.matmul": None,
        "torch.addmm torch.baddbmm": _MATMUL,
    }
)
CALFLOPS_FLOPS = _by_name(
    {
        f"F.linear {_F_CONV} {_F_NORMS}": None,
        f"{_F_VALUES} F.leaky_relu": _ELEMENTS,
        _F_POOLS: _READS,
        "F.interpolate F.upsample": None,
        "torch.matmul x.matmul": None,
        _SUMS: _ELEMENTS,
        "x.einsum": _times(2, "multiply_accumulate"),
    }
)
DEEPSPEED = CALFLOPS | _by_name(
    {"x@y torch.mm torch.bmm x.mm x.bmm": None, "F.scaled_dot_product_attention": _MATMUL},
)
DEEPSPEED_FLOPS = CALFLOPS_FLOPS | _by_name(
    {"x@y torch.mm torch.bmm x.mm x.bmm": None, "F.scaled_dot_product_attention": _times(2, "multiply_accumulate")},
)


def _ptflops(convention: Convention, kind: str, site: Site) -> Seen:
    """Modules by their exact class, and the functions that they or others call besides."""
    origin = origin_of(site)
    layer, said = layer_of(kind, origin, exact=True), function_of(origin)
    module: Terms = ()
    if layer in PTFLOPS:
        own = PTFLOPS[layer]
        module = convention.of(kind) if own is None else own
    reason = f"counted as nn.{layer}" if module else _unseen(origin, kind)
    if any([name in TIMM_ATTENTION for name in origin.classes[:-1]]):
        module, reason = (), "in timm's Attention, which is counted without what it holds"
    function = PTFLOPS_FUNCTIONS.get(said, ()) or ()
    if PTFLOPS_FUNCTIONS.get(said) == () and kind in _FACTORS:
        function = convention.of(kind)
    if kind == "attention" and origin.classes[-1] in TIMM_ATTENTION:
        return Seen(OF_TIMM, "counted as timm's Attention")
    if function:
        reason = f"{said} is counted as a function, {'and the module too' if module else 'and no module'}"
    return Seen((*module, *function), reason)


OF_TIMM = _times(1, "multiply_accumulate", "elements", "attention_weights")
"""Of timm's Attention, from its sizes: two products, the scaling of the queries, and a softmax."""

# ---- torchinfo

FURTHER = _times(1, "further_batch_parameters")


def _torchinfo(convention: Convention, kind: str, site: Site) -> Seen:
    """Parameters called weight and bias of modules that hold no others, once for each of a batch, or each position."""
    origin = origin_of(site)
    if origin.leaf is False:
        return Seen((), "the module holds other modules: not seen")
    convolves = "Conv" in origin.classes[-1]
    if kind in RECURRENT or (kind in ("conv", "conv_transpose") and convolves):
        return Seen(convention.of(kind))
    if kind in ("given_conv", "given_conv_transpose"):
        return Seen(_usual(convention, kind), "its weights are those of the module")
    if not origin.weights or not set(origin.weights) <= {"weight", "bias"} or (convolves and kind == "weight"):
        called = ", ".join(origin.weights)
        return Seen((), f"its parameters are {called}: of a convolution, or neither weight nor bias" if called else "")
    own = convention.of(kind) or _times(1, "applied_parameters")
    return Seen((*own, *FURTHER), "a batch, such as windows: counted for each of them")


# ---- ptflops below PyTorch's functions


def _aten(convention: Convention, kind: str, site: Site) -> Seen:
    """By operators of the kernels: a linear layer on values that do not lie in order adds its biases by another one."""
    if kind == "linear" and origin_of(site).variant == "strided" and max(origin_of(site).axes) > 2:
        return Seen(_MACS, "its values do not lie in order, so that biases are added apart: not seen")
    if kind == "add" and origin_of(site).operator in BIASED:
        return Seen(_ELEMENTS, "a bias that is computed")
    return Seen(convention.of(kind))


# ---- parameters


def _thop_params(_: Convention, kind: str, site: Site) -> Seen:
    origin = origin_of(site)
    known = origin.classes[-1] == origin.base and _short(origin.classes[-1]) in THOP
    return Seen(_times(1, "learnable") if known else (), "" if known else _unseen(origin, kind))


RULES: Mapping[str, Rule] = {
    "fvcore": _operators(
        f"{_CONVOLUTIONS} linear addmm matmul mm bmm einsum {_NORMS} adaptive_avg_pool2d upsample_nearest2d "
        "upsample_bilinear2d grid_sampler"
    ),
    "torchprofile": _operators(
        f"{_CONVOLUTIONS} linear addmm matmul bmm baddbmm {_NORMS} adaptive_avg_pool1d adaptive_avg_pool2d "
        "adaptive_avg_pool3d avg_pool1d avg_pool2d avg_pool3d mean leaky_relu upsample_bilinear2d grid_sampler mul "
        "lstm scaled_dot_product_attention",
        {"einsum": _MACS},
    ),
    "thop": _modules(exact=True, terms=THOP),
    "thop_params": _thop_params,
    "ultralytics_thop": _ultralytics,
    "torchscan": _modules(exact=False, terms=_SCANNED, leaves=True),
    "torchscan_flops": _modules(
        exact=False,
        terms=_SCANNED
        | _by_name(
            {
                "ReLU ReLU6 Tanh Sigmoid Dropout LayerNorm": None,
                "ELU": _times(6, "elements"),
                "LeakyReLU": _times(4, "elements"),
            }
        ),
        leaves=True,
    ),
    "ptflops": _ptflops,
    "ptflops_aten": _aten,
    "torchinfo": _torchinfo,
    "calflops": _replaced(CALFLOPS),
    "calflops_flops": _replaced(CALFLOPS_FLOPS, _READS),
    "deepspeed": _replaced(DEEPSPEED),
    "deepspeed_flops": _replaced(DEEPSPEED_FLOPS, _ELEMENTS),
}
"""The rule of each convention whose count depends on how a model is written."""


def seen(convention: Convention, kind: str, site: Site) -> Seen | None:
    """What a convention counts for an op of a kind at its site; None if it does not matter to it how that is called."""
    rule = RULES.get(convention.name)
    if site.origin is None or kind == "input":
        return None
    found = None if rule is None else rule(convention, kind, site)
    why = unknown(convention, kind, site)
    if why:
        return Seen(convention.of(kind) if found is None else found.terms, why, known=False)
    return found


def unknown(convention: Convention, kind: str, site: Site) -> str:  # noqa: PLR0911 - a reason each
    """Why it cannot be known what a tool counts for an op; empty if it can."""
    origin = origin_of(site)
    around = [_short(name) for name in origin.classes if _short(name) in SHORT_CUTS]
    if convention.tool and around and convention.name not in UNMOVED:
        return f"nn.{around[-1]} is computed by one operator where no gradient is wanted, and some tools count it whole"
    if kind == "unknown" and convention.tool and convention.name not in (*UNMOVED, "torchscan", "torchscan_flops"):
        return f"what {origin.operator} does is not known here"
    if convention.name in BY_CLASS and None in (origin.base, origin.leaf):
        return f"the file does not say what {_short(origin.classes[-1])} is derived from and holds"
    if function_of(origin) == "x.einsum" and convention.name in ROUNDED:
        return "what einsum does is read from a text with four digits"
    if convention.name in FROM_THE_LEFT and len(set(origin.axes)) > 1 and function_of(origin) in _SUMS.split():
        return "of a sum or product of tensors with other numbers of axes, sizes are paired from the first axis on"
    if convention.tool in ("calflops", "deepspeed") and origin.variant == "padding" and _is_even(site.op):
        return 'padding="same" around an even kernel is counted on a smaller output'
    return ""


def _is_even(op: Any) -> bool:
    return any([side % 2 == 0 for side in ([op.kernel] if isinstance(op.kernel, int) else op.kernel)])


def assumed(convention: Convention, kind: str, site: Site) -> str:
    """What is taken for granted of how an op is called, as the trace does not say it; empty if nothing is."""
    origin = origin_of(site)
    if convention.tool in REPLACING and origin.function in AMBIGUOUS:
        name = _short(origin.function)
        return f"{SYMBOLS[name]} and x.{name}(y) are not told apart in this file, and taken to be the former"
    if convention.name == "torchprofile":
        return "products of sizes and of constants in the model's code are counted by the tool, and not here"
    if convention.tool in AT_EACH_PLACE and not kind.startswith("given_") and _is_shared(site):
        return "a module that is called again is taken to have one place: the tool counts it once more at each other"
    if convention.tool == "torchscan" and kind in ("max_pool", "avg_pool") and isinstance(site.op.kernel, int):
        return "a kernel of k x k is taken to be given as one number"
    return ""


def _is_shared(site: Site) -> bool:
    """Return True if an op uses the weights of an earlier one."""
    learnt = 0 if site.parameters.learnable else site.op.params(*site.inputs).learnable
    return not (is_int(learnt) and learnt == 0)


AT_EACH_PLACE = frozenset({"thop", "ptflops", "calflops", "torchinfo"})
"""Tools that count a module at each place where it is."""
SHORT_CUTS = frozenset({"MultiheadAttention", "TransformerEncoderLayer"})
"""Layers of `torch.nn` that PyTorch computes by one operator where it can."""
UNMOVED = frozenset({"thop", "thop_params", "torchinfo"})
"""Conventions to which that makes no difference: they see neither what is in these layers nor the layers."""
BY_CLASS = frozenset({"ultralytics_thop", "torchscan", "torchscan_flops", "torchinfo"})
"""Conventions that go by what a class is derived from, or by what a module holds."""
FROM_THE_LEFT = frozenset({"ptflops", "calflops_flops"})
"""Conventions whose tools pair the sizes of two tensors from the first axis on, not from the last."""
ROUNDED = frozenset({"fvcore", "calflops_flops", "deepspeed_flops"})
REPLACING = frozenset({"ptflops", "calflops", "deepspeed"})
"""Tools that replace functions and methods."""
AMBIGUOUS = frozenset({f"method_descriptor.{name}" for name in ("add", "mul", "matmul")})
