"""Check against second accounts: what others built or wrote down under a network's name must be the same graph as ours.

It is a model of torchvision, timm or pytorchcv, or where there is none a file of facts from the authors' definition or
paper (see `accounts`).

Parameters and mult-adds (half the count of torch's FlopCounterMode) are compared, and all operations that PyTorch runs
for the reference with those that it runs for our graph: each with its kernel, stride, padding, dilation, groups,
rounding and bias, in their order and with all joints (see `traces`). So whatever follows from the graph, receptive
fields and memory included, is that of the reference. It is done at the canonical input, which must be the reference's
own, and at another one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from archcalc.analysis.cost import costs
from archcalc.base.errors import ArchcalcError, MissingTool
from archcalc.importers.imported import original, unused_parameters
from archcalc.validation.accounts import account, read
from archcalc.validation.models import Counts, counts, load, own_input, version
from archcalc.validation.outcome import ITSELF, Ledger, Outcome, not_run
from archcalc.validation.subject import CheckedNetwork, Size
from archcalc.validation.traces import Trace, differences, left_out, trace, without
from archcalc.zoo import Reference

NAME = "references"


class SecondAccount(NamedTuple):
    """The counts of a reference at an input, and its operations."""

    counts: Counts
    trace: Trace


class ReferenceModel:
    """A reference model, and what was read of it so far."""

    def __init__(self, reference: Reference) -> None:
        """Build the model. Raises MissingTool without its library."""
        self.module = load(reference)
        self.against = f"{version(reference)} {reference.meant}"
        self.input = own_input(reference, self.module)
        self._read: dict[Size, SecondAccount | None] = {}

    def at(self, size: Size) -> SecondAccount | None:
        """What it says at an input; None if the reference does not accept that."""
        if size not in self._read:
            try:
                self._read[size] = SecondAccount(counts(self.module, size), trace(self.module, size))
            except (RuntimeError, AssertionError, ValueError):
                self._read[size] = None
        return self._read[size]


class WrittenAccount:
    """A second account in a file, in place of a reference model."""

    def __init__(self, reference: Reference) -> None:
        self._account = account(reference.model, reference.differs.keys())
        self.against = self._account.source
        self.input = self._account.input

    def at(self, size: Size) -> SecondAccount | None:
        """What it says at an input; None if a window does not fit."""
        try:
            return SecondAccount(*read(self._account, size))
        except ArchcalcError:
            return None


def check(subject: CheckedNetwork) -> Outcome:
    """Compare with the reference model that the catalogue has for this network, or with the account in a file."""
    if subject.network is None:
        return not_run(NAME, "a network that is not in the catalogue has no reference")
    module = original(subject.network)
    if module is not None:
        return _as_traced(subject, module)
    family = subject.network.family
    if family is None:
        return not_run(NAME, "a network that is not in the catalogue has no reference")
    reference = family.references.get(subject.network.name)
    if reference is None:
        return not_run(NAME, family.confirmed or "no other implementation is known")
    try:
        model = WrittenAccount(reference) if reference.library == "account" else ReferenceModel(reference)
    except MissingTool as missing:
        return not_run(NAME, str(missing))
    return _compared(subject, reference, model)


def _as_traced(subject: CheckedNetwork, module: Any) -> Outcome:
    """Compare an imported network with the module that it was traced from, at its own input and at others."""
    network: Any = subject.network
    ledger = Ledger(NAME, f"torch {torch.__version__}, {ITSELF}")
    device = next((each.device for each in module.parameters()), torch.device("cpu"))
    unused = unused_parameters(network)
    for size in subject.sizes():
        at = "x".join(map(str, size))
        each = costs(graph := network.graph(size))
        try:
            theirs, shapes = _run(module, size, device)
        except (RuntimeError, AssertionError, ValueError, TypeError) as error:
            ledger.note(f"the module does not accept {at} ({type(error).__name__})")
            continue
        ledger.total(f"params at {at}", sum(cost.parameters.learnable for cost in each) + unused, theirs.params)
        ledger.total(f"mult-adds at {at}", sum(cost.work.multiply_accumulate for cost in each), theirs.mult_adds)
        ours = [tuple(graph.nodes[index].shape) for index in graph.outputs]
        ledger.equal(f"shapes of the outputs at {at}", [shape for shape in ours if shape not in shapes], [])
    return ledger.close()


def _run(module: Any, size: Size, device: Any) -> tuple[Counts, set[tuple[int, ...]]]:
    """The counts and shapes on an example: on numbers of words where a module takes no vector of features."""
    try:
        return run_once(module, size, device)
    except (RuntimeError, TypeError):
        if len(size) != 1:
            raise
        return run_once(module, size, device, torch.long)


def run_once(
    module: Any, size: Size, device: Any, dtype: torch.dtype = torch.float32
) -> tuple[Counts, set[tuple[int, ...]]]:
    """The counts of a module on an example, and the shapes of what it returns, without the batch."""
    before = module.training
    try:
        with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
            returned = module.eval()(torch.zeros(1, *size, device=device, dtype=dtype))
    finally:
        module.train(before)
    library: Any = torch.utils
    leaves: list[Any] = library._pytree.tree_leaves(returned)  # noqa: SLF001 - PyTorch documents it under this name
    shapes = {tuple(each.shape[1:]) for each in leaves if isinstance(each, torch.Tensor)}
    params = sum([each.numel() for each in module.parameters()])
    return Counts(params, counter.get_total_flops() // 2), shapes


def _compared(subject: CheckedNetwork, reference: Reference, model: ReferenceModel | WrittenAccount) -> Outcome:
    """The outcome at the canonical input and at one more that both accept."""
    ledger = Ledger(NAME, model.against)
    canonical, *others = subject.sizes()
    if model.input is not None and "input" not in reference.differs:
        ledger.equal("input", canonical, model.input)
    ledger.equal("the canonical input is accepted", True, model.at(canonical) is not None)  # noqa: FBT003
    second = next((size for size in ([reference.size] if reference.size else others) if model.at(size)), None)
    if second is None:
        ledger.note("it accepts the canonical input only")
    for size in (canonical, second):
        theirs = None if size is None else model.at(size)
        if size is not None and theirs is not None:
            _compare(ledger, subject, reference, theirs, size)
    if reference.settings:
        changed = ", ".join([f"{key}={value}" for key, value in reference.settings.items()])
        ledger.note(f"not compared: the network's own hyperparameters, in place of {changed}")
    if reference.differs:
        ledger.note(reference.left_out)
    return ledger.close()


def _compare(ledger: Ledger, subject: CheckedNetwork, reference: Reference, theirs: SecondAccount, size: Size) -> None:
    network: Any = subject.network
    graph = network.graph(size, {**network.settings, **reference.settings})
    at = "x".join(map(str, size))
    names = reference.differs.keys() - {"input"}
    whole = trace(subject.model(graph, "meta"), size)
    if not any(step.kind == "conv" and left_out(step, names) for step in (*whole.steps, *theirs.trace.steps)):
        each = costs(graph)
        ledger.total(f"params at {at}", sum(cost.parameters.learnable for cost in each), theirs.counts.params)
        ledger.total(f"mult-adds at {at}", sum(cost.work.multiply_accumulate for cost in each), theirs.counts.mult_adds)
    ours, others = without(whole, names), without(theirs.trace, names)
    ledger.total(f"operations at {at}", len(ours.steps), len(others.steps))
    ledger.compared += len(others.steps)
    for owner, steps in zip(("archcalc", reference.library), differences(ours, others), strict=True):
        ledger.differences += [f"at {at} only {owner} has: {step}" for step in steps]
    ledger.equal(f"shifts at {at}", dict(ours.moves), dict(others.moves))
