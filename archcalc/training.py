"""Options of a training step: precision, optimizer, the layers that learn, what is computed twice.

>>> from archcalc.training import Training
>>> Training(optimizer="adam", precision="amp_bf16").described()
'Adam (foreach), amp_bf16'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut, matched, unknown


class Precision(NamedTuple):
    """The types of values and weights."""

    name: str
    meaning: str
    width: int
    """Bytes of a parameter, and of a value for which autocast chooses no other type."""
    autocast: int = 0
    """Bytes of a value in the lower type of autocast; 0 without autocast."""


_PRECISIONS = (
    Precision("float32", "everything in float32", 4),
    Precision("float64", "everything in float64", 8),
    Precision("float16", "everything in float16", 2),
    Precision("bfloat16", "everything in bfloat16", 2),
    Precision("int8", "everything in int8: a quantized network, which is not trained", 1),
    Precision("amp_fp16", "float32 weights, torch.autocast to float16", 4, 2),
    Precision("amp_bf16", "float32 weights, torch.autocast to bfloat16", 4, 2),
)
PRECISIONS: Mapping[str, Precision] = {row.name: row for row in _PRECISIONS}
TRAINED = tuple([name for name in PRECISIONS if name != "int8"])
"""Precisions in which networks are trained."""

PRECISION_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("fp32", "single"), "float32"),
    **dict.fromkeys(("fp64", "double"), "float64"),
    **dict.fromkeys(("fp16", "half"), "float16"),
    "bf16": "bfloat16",
    **dict.fromkeys(("amp", "mixed", "autocast", "ampfloat16"), "amp_fp16"),
    "ampbfloat16": "amp_bf16",
    **{matched(name): name for name in TRAINED},
}


class Optimizer(NamedTuple):
    """An optimizer of `torch.optim` with the settings that it has by default, but for the momentum that it is named by.

    Source: `_single_tensor_*`, `_multi_tensor_*` and `_fused_*` of each module in torch/optim.
    """

    name: str
    label: str
    states: int
    """Values that it keeps for each parameter."""
    flops: int
    """Additions, multiplications, divisions and roots for each parameter."""
    scratch: int = 0
    """Values for each parameter that are temporary: for all parameters at once in `foreach`."""
    together: int = 0
    """How many temporary values of a parameter the loop holds at once; one of them until the next parameter's."""
    counts: bool = False
    """True if it counts the steps of each parameter, in a float32 tensor of its own."""
    decays_gradient: bool = True
    """True if weight decay is added to the gradient, in a tensor of its own."""


_OPTIMIZERS = (
    Optimizer("sgd", "SGD", 0, 2),
    Optimizer("sgd_momentum", "SGD with momentum", 1, 4),
    Optimizer("adam", "Adam", 2, 13, scratch=1, together=2, counts=True),
    Optimizer("adamw", "AdamW", 2, 14, scratch=1, together=2, counts=True, decays_gradient=False),
    Optimizer("rmsprop", "RMSprop", 1, 9, scratch=1, together=1, counts=True),
)
OPTIMIZERS: Mapping[str, Optimizer] = {row.name: row for row in _OPTIMIZERS}
OPTIMIZER_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("momentum", "sgdmomentum", "sgdm"), "sgd_momentum"),
    **{matched(name): name for name in OPTIMIZERS},
}

Implementation = Literal["foreach", "loop", "fused"]
IMPLEMENTATIONS: Mapping[str, str] = {
    "foreach": "all parameters in one call, PyTorch's default on a GPU",
    "loop": "one parameter after another, PyTorch's default on a CPU",
    "fused": "one kernel for everything, without temporary tensors",
}
IN_PLACE: Mapping[str, str] = {
    "written": "as the traced code says; without code, activation functions and residual sums, as PyTorch models do",
    "all": "every activation function and residual sum for which autograd allows it",
    "none": "no operation",
}
"""The ops that write over their input."""
FUSED = ("sgd", "sgd_momentum", "adam", "adamw")
"""Optimizers that have a fused implementation in PyTorch."""


@dataclass(frozen=True)
class Training:
    """The way in which a network is trained, as far as memory and work of a step depend on it."""

    optimizer: str = "sgd_momentum"
    precision: str = ""
    """A row of `PRECISIONS`; empty: everything in the request's dtype."""
    implementation: str = "foreach"
    weight_decay: bool = False
    """True if the optimizer decays weights: in SGD, Adam and RMSprop that takes a copy of the gradients."""
    master_weights: bool = False
    """True if the optimizer keeps float32 weights beside those of a lower type, and its state in float32."""
    in_place: str = "written"
    """A row of `IN_PLACE`: the ops that write their output over their input."""
    train_from: str = ""
    """The first layer or block whose parameters learn; empty: all do."""
    checkpoint: int = 0
    """The depth of the parts of which only the inputs are saved, and which run forward again before their backward
    pass: 1 for stages, 2 for blocks; 0 for none. Source: Chen et al. 2016, arXiv:1604.06174."""

    def __post_init__(self) -> None:
        """Raise ArchcalcError for unknown words, and for options that do not go together."""
        self._read("optimizer", OPTIMIZER_NAMES, OPTIMIZERS)
        if self.precision:
            self._read("precision", PRECISION_NAMES, TRAINED)
        for field in ("weight_decay", "master_weights"):
            if not isinstance(getattr(self, field), bool):
                raise ArchcalcError(f"{field} is True or False, not {cut(repr(getattr(self, field)))}", about=field)
        if not isinstance(self.train_from, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            said = f"train_from is the name of a layer or block, not {cut(repr(self.train_from))}"
            raise ArchcalcError(said, about="train_from")
        if type(self.checkpoint) is not int or not 0 <= self.checkpoint <= 9:
            said = f"a depth for checkpoints is 0 (none), 1 (stages), 2 (blocks) ..., not {cut(repr(self.checkpoint))}"
            raise ArchcalcError(said, about="checkpoint")
        self._read("implementation", {name: name for name in IMPLEMENTATIONS}, IMPLEMENTATIONS)
        self._read("in_place", {name: name for name in IN_PLACE}, IN_PLACE)
        if self.implementation == "fused" and self.optimizer not in FUSED:
            said = f"PyTorch has no fused {OPTIMIZERS[self.optimizer].label}; fused are {', '.join(FUSED)}"
            raise ArchcalcError(said, about="implementation")
        if self.master_weights and self.precision not in ("float16", "bfloat16"):
            said = "master weights stand beside weights of a lower type: they go with precision float16 or bfloat16"
            raise ArchcalcError(f"{said}; under autocast the weights themselves are float32", about="master_weights")

    def _read(self, field: str, names: Mapping[str, str], known: Iterable[str]) -> None:
        given = getattr(self, field)
        if not isinstance(given, str):
            raise ArchcalcError(f"{field} is a word such as {next(iter(known))}, not {cut(repr(given))}", about=field)
        found = names.get(matched(given))
        if found is None:
            raise unknown(
                field.replace("_", " "), given, [*known, *names], f"there are {', '.join(known)}", about=field
            )
        object.__setattr__(self, field, found)

    def precision_of(self, dtype: str) -> Precision:
        """The precision, given the type of a request."""
        return PRECISIONS[self.precision or dtype]

    def described(self, dtype: str = "float32") -> str:
        """The options in words: `Adam (foreach), amp_bf16`."""
        parts = [f"{OPTIMIZERS[self.optimizer].label} ({self.implementation})", self.precision_of(dtype).name]
        if self.weight_decay:
            parts.append("weight decay")
        if self.master_weights:
            parts.append("float32 master weights")
        if self.train_from:
            parts.append(f"trained from {self.train_from} on")
        if self.checkpoint:
            parts.append(f"{PARTS.get(self.checkpoint, f'parts at depth {self.checkpoint}')} checkpointed")
        return ", ".join(parts)


PARTS: Mapping[int, str] = {1: "stages", 2: "blocks"}
"""Words for the parts of a network by their depth, the number of parts of their names."""
DEFAULT_TRAINING = Training()
