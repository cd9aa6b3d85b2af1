"""The time of an answer is estimated from its request alone: more of anything takes no less time."""

from __future__ import annotations

from importlib import import_module
from time import process_time
from typing import Any

import pytest
from google.rpc import code_pb2, error_details_pb2

from archcalc import zoo
from archcalc.base.errors import ArchcalcError, TooCostly
from archcalc.base.limits import limited
from archcalc.catalogue import listing, nodes
from archcalc.graph import Choice, Real, Switch, Whole
from archcalc.service.answering import Failed, answers
from archcalc.service.costs import REPEATING, CallCost, Estimate, estimate
from archcalc.service.messages.graphs import write_graph
from archcalc.service.questions import CALLS
from archcalc.zoo import hyperparameters_of

ABOUT_ONE = [name for name, call in CALLS.items() if "network" in call.networks and call.cost.node]
SMALL, MIDDLE, LARGE = "lenet5", "resnet50", "nasnet_a_large"


def asked(method: str, **fields: Any) -> Estimate:
    return estimate(CALLS[method], CALLS[method].request_class(**fields))


def about(method: str, network: dict[str, Any]) -> dict[str, Any]:
    """The fields of a request about a network, or about it and one that is always the same."""
    other = {"other": {"name": "alexnet"}} if "other" in CALLS[method].networks else {}
    return {"network": network, **other}


def time_of(method: str, **fields: Any) -> float:
    found = asked(method, **fields).milliseconds
    assert found is not None
    return found


# --- The numbers of nodes.


def test_the_listed_numbers_are_those_of_the_graphs() -> None:
    """If this fails after a change, `python tests/generate.py` makes the file anew."""
    assert nodes.written() == nodes.files("archcalc").joinpath(nodes.FILE).read_text(encoding="utf-8")


def test_every_spelling_that_finds_a_network_finds_its_number() -> None:
    confused = {"regnetx_1.6gf": "regnetx_16gf", "regnetx_32gf": "regnetx_3.2gf"}
    for network in zoo.networks():
        own = len(zoo.network(confused.get(network.name, network.name)).graph().nodes)
        for name in (network.name, network.name.upper(), network.name.replace("_", "-")):
            assert nodes.nodes_of(name) == own, name
        for alias in network.family.aliases:
            assert nodes.nodes_of(alias) == len(zoo.network(alias).graph().nodes), alias
    for name in ("Inception-v1", "wide_resnet_28_10", "preact-resnet18", "Swin Tiny", "mobilenet"):
        assert nodes.nodes_of(name) == len(zoo.network(name).graph().nodes), name


def test_names_that_are_not_listed_have_no_number() -> None:
    for name in ("", "multi_resnet_9002_k100_w10", "resnet51", "x" * 1000, "anynet_d", "/etc/passwd"):
        assert nodes.nodes_of(name) is None


@pytest.mark.parametrize("pattern", ["", "resnet", "ReLU", "cifar", "*net*", "vgg1?", "[rv]*", "nothing like this"])
def test_a_pattern_has_the_nodes_of_the_networks_that_it_matches(pattern: str) -> None:
    found = sum([len(each.graph().nodes) for each in listing.matching(pattern)])
    assert nodes.nodes_matching(pattern) == found


def test_other_hyperparameters_and_sizes_make_at_most_twice_as_many_nodes() -> None:
    """So a listed number stands for a network with them too; those in REPEATING may make any number."""
    grown: set[str] = set()
    for stem in zoo.files():
        for family in import_module(f"archcalc.zoo.{stem}").FAMILIES:
            network = zoo.network(next(iter(family.variants)))
            own = len(network.graph().nodes)
            for key, kind in hyperparameters_of(family).items():
                for value in _values(kind):
                    try:
                        with limited(nodes=2 * own + 32):
                            built = len(network.graph(None, {key: value}).nodes)
                    except TooCostly:
                        built = 2 * own + 32
                    except ArchcalcError:
                        continue
                    if built > 2 * own:
                        grown.add(key)
    assert grown
    assert grown <= REPEATING


def _values(kind: Any) -> list[Any]:
    match kind:
        case Whole():
            return [kind.low, 2 * kind.low, 8 * kind.low, 10, 32, 96, 128, 256, kind.high // 2, kind.high]
        case Real():
            return [kind.low, 0.5, 1.5, 3.0, kind.high]
        case Choice():
            return list(kind.options)
        case Switch():
            return [True, False]
        case _:
            return []


@pytest.mark.parametrize("name", [SMALL, "vgg16", MIDDLE, "swin_t", "unet", "densenet121", "darts_imagenet"])
def test_input_sizes_add_no_nodes(name: str) -> None:
    network = zoo.network(name)
    own, built = len(network.graph().nodes), 0
    for side in (28, 32, 64, 224, 256, 331, 572, 1024):
        try:
            assert len(network.graph((network.input[0], side, side)).nodes) <= own
            built += 1
        except ArchcalcError:
            continue
    assert built


# --- Estimates.


def test_every_call_declares_its_cost_and_has_an_estimate_for_an_empty_request() -> None:
    for name, call in CALLS.items():
        assert call.cost.call > 0, name
        found = estimate(call, call.request_class())
        assert found.milliseconds is None or found.milliseconds >= call.cost.call, name
        assert found.reason, name
        if call.networks and name != "Resolve":
            assert call.cost.node > 0, name


def test_fields_of_weights_are_fields_of_the_request() -> None:
    for name, call in CALLS.items():
        fields = call.descriptor.input_type.fields_by_name
        repeated = [call.cost.repeated] if call.cost.repeated else []
        assert {*call.cost.each, *call.cost.options, *repeated} <= set(fields), name
        assert all(fields[each].has_presence for each in call.cost.options), name
        assert (call.cost.point != CallCost(1).point) == ("points" in fields), name


@pytest.mark.parametrize("method", ABOUT_ONE)
def test_a_larger_network_takes_longer_however_it_is_given(method: str) -> None:
    graphs = [write_graph(zoo.network(name).graph()) for name in (SMALL, MIDDLE)]
    small, middle = [time_of(method, **about(method, {"graph": graph})) for graph in graphs]
    assert small == time_of(method, **about(method, {"name": SMALL}))
    assert middle == time_of(method, **about(method, {"name": MIDDLE}))
    assert CALLS[method].cost.call < small < middle < time_of(method, **about(method, {"name": LARGE}))


@pytest.mark.parametrize("method", ABOUT_ONE)
def test_what_is_known_only_when_it_is_built_has_no_estimate(method: str) -> None:
    for network in (
        {"name": "multi_resnet_9002_k100_w10"},
        {"file": {"data": b"x", "format": "NETWORK_FORMAT_ONNX"}},
        {"name": MIDDLE, "hyperparameters": {"depth": {"whole": 152}}},
        {"name": "resnet20_cifar", "hyperparameters": {"classes": {"whole": 5}, "blocks": {"whole": 900}}},
    ):
        found = asked(method, **about(method, network))
        assert found.milliseconds is None
        assert found.nodes is None
        assert found.reason
    known = about(method, {"name": MIDDLE, "hyperparameters": {"classes": {"whole": 5}}})
    assert time_of(method, **known) == time_of(method, **about(method, {"name": MIDDLE}))


def test_networks_add_up() -> None:
    for method in ("Compare", "StageFields"):
        base = CALLS[method].cost.call
        one, all_of_them = [time_of(method, networks=[{"name": LARGE}] * times) - base for times in (1, 64)]
        assert all_of_them == pytest.approx(64 * one)
    names = [LARGE] * 10
    for method in ("Plot", "Report", "PublishedAccuracies", "CheckPublishedCosts", "ValidateNetworks"):
        base = CALLS[method].cost.call
        assert time_of(method, names=names) - base == pytest.approx(10 * (time_of(method, names=names[:1]) - base))
    pair = time_of("CompareLaws", network={"name": SMALL}, other={"name": LARGE})
    assert pair > time_of("CompareLaws", network={"name": SMALL}, other={"name": MIDDLE})


def test_without_names_the_whole_catalogue_is_meant() -> None:
    for method in ("Report", "ValidateNetworks", "CheckPublishedCosts", "PublishedAccuracies", "Explain", "Select"):
        found = asked(method)
        assert found.nodes == nodes.nodes_matching("")
        assert found.milliseconds is not None
        assert found.milliseconds > 1000
    assert time_of("Select", pattern="vgg16") < time_of("Select", pattern="vgg") < time_of("Select")
    assert time_of("Explain", architecture=MIDDLE, number="1M") < time_of("Explain", number="1M")


def test_points_settings_characters_and_counts_add_up() -> None:
    sizes = [{"input": {"sizes": [3, 224, side]}} for side in range(200, 300)]
    built = [{"hyperparameters": {"classes": {"whole": number}}} for number in range(1, 101)]
    network = {"name": MIDDLE}
    times = [time_of("Sweep", network=network, points=sizes[:n]) for n in (1, 10, 100)]
    assert times == sorted(set(times))
    assert time_of("Sweep", network=network, points=built) > times[-1]
    assert asked("Sweep", network=network, points=[{"hyperparameters": {"depth": {"whole": 18}}}]).milliseconds is None
    assert time_of("Select", settings=[{"batch": 2}] * 9) > 8 * time_of("Select", settings=[{"batch": 2}])
    assert time_of("CompareFormula", network=network, text="h*w") < time_of(
        "CompareFormula", network=network, text="h" * 2000
    )
    assert time_of("ValidateRandomNetworks", count=10**6) > 10**5 * time_of("ValidateRandomNetworks", count=1) / 10


def test_numbers_out_of_any_range_make_no_estimate_smaller_than_that_of_the_call() -> None:
    assert time_of("ValidateRandomNetworks", count=-(2**63)) == CALLS["ValidateRandomNetworks"].cost.call
    assert time_of("ValidateRandomNetworks", count=2**63 - 1) > 1e18


def test_an_estimate_builds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoo.Network, "graph", lambda *_: pytest.fail("a network is built"))
    assert time_of("Analyze", network={"name": LARGE}) > 0
    assert asked("Analyze", network={"name": "multi_resnet_9002_k100_w10"}).milliseconds is None
    assert time_of("Select", pattern="res*") > 0


def test_a_network_beyond_the_limit_is_refused_with_a_reason_that_programs_can_read() -> None:
    call = CALLS["Analyze"]
    raw = call.request_class(network={"name": "multi_resnet_9002_k100_w10"}).SerializeToString()
    with limited(nodes=1000), pytest.raises(Failed, match="has more than 1,000 operations") as failed:
        list(answers(call, raw))
    assert failed.value.status.code == code_pb2.INVALID_ARGUMENT
    reason = error_details_pb2.ErrorInfo()
    assert any([detail.Unpack(reason) for detail in failed.value.status.details])
    assert reason.reason == "TOO_COSTLY"


SAMPLES: dict[str, dict[str, Any]] = {
    "Analyze": {}, "Memory": {}, "Structure": {}, "Formulas": {}, "ExactFormulas": {}, "Scaling": {"samples": True},
    "GraphPicture": {"format": 2}, "Reconcile": {}, "FormulaSymbols": {}, "Energy": {},
}  # fmt: skip


@pytest.mark.parametrize("method", SAMPLES)
def test_an_estimate_is_of_the_size_of_the_time(method: str) -> None:
    """Within a factor of twenty, on any machine: of the unit or a factor of nodes nothing is forgotten."""
    call = CALLS[method]
    for name in ("resnet50", "densenet121"):
        request = call.request_class(network={"name": name}, **SAMPLES[method])
        raw = request.SerializeToString()
        begun = process_time()
        try:
            assert list(answers(call, raw))
        except Failed as failed:
            pytest.fail(failed.status.message)
        took = (process_time() - begun) * 1000
        assert took / 20 < time_of(method, network={"name": name}) < 20 * max(took, 5)
