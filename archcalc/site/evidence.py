"""What others printed and measured of a network, for its page: figures with verdicts, accuracies, throughput."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from archcalc import zoo
from archcalc.base.errors import UnknownName
from archcalc.evidence.accuracy import AccuracyPoint, all_points, recipes, runs_of, sources
from archcalc.evidence.audit import Audited, judge
from archcalc.evidence.claims import Claim, claims, document_lines
from archcalc.evidence.validation import CHECKS, Checked, records
from archcalc.figures.throughput import PublishedRate, published_rates
from archcalc.hardware.devices import device
from archcalc.present.claims import computed, explanation_of


def evidence(name: str) -> dict[str, Any]:
    """What the documents print of a network of the catalogue, and what was measured with it, for JSON.

    `claims` are those of `audit(architecture=name)`, `accuracies` those of `archcalc accuracy NAME`, `rates` are
    published images a second, `validated` the checks against executed models, device by device; each list is empty
    where there is nothing.

    >>> found = evidence("lenet5")
    >>> found["claims"][0]["printed"], found["claims"][0]["verdict"], found["claims"][0]["line"]
    ('2 convs', 'holds under', 50)
    """
    return {
        "claims": [_claim(judge(each)) for each in claims_of(name)],
        "accuracies": [_accuracy(each) for each in accuracies_of(name)],
        "rates": [_rate(each) for each in rates_of(name)],
        "validated": validated(name),
    }


def counted(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """How much there is of each kind of evidence: figures by verdict, accuracies, rates, and checks by result.

    >>> counted(evidence("lenet5"))
    {'claims': {'holds under': 4, 'exact': 7}, 'accuracies': 3, 'rates': 0, 'validated': {'agrees': 7}}
    """
    return {
        "claims": dict(Counter([each["verdict"] for each in found["claims"]])),
        "accuracies": len(found["accuracies"]),
        "rates": len(found["rates"]),
        "validated": dict(Counter([check["status"] for each in found["validated"] for check in each["checks"]])),
    }


def validated(name: str) -> list[dict[str, Any]]:
    """The checks of a network against executed models, device by device."""
    return [
        {
            "device": record.device,
            "date": record.date,
            "checks": [_check(each) for each in record.networks[name]],
        }
        for record in records()
        if name in record.networks
    ]


def claims_of(name: str) -> tuple[Claim, ...]:
    """The figures about a network, in the order of the documents."""
    return _claims_by_name().get(name, ())


@cache
def _claims_by_name() -> Mapping[str, tuple[Claim, ...]]:
    """The figures by the name that the catalogue has for their network."""
    found: dict[str, list[Claim]] = defaultdict(list)
    for each in claims():
        try:
            found[zoo.network(each.architecture).name].append(each)
        except UnknownName:  # a layer, a family or an ensemble
            continue
    return {key: tuple(own) for key, own in found.items()}


def accuracies_of(name: str) -> list[AccuracyPoint]:
    """The printed accuracies of a network, the highest of each data set first."""
    own = [each for each in all_points() if each.architecture == name]
    order = list(dict.fromkeys([each.dataset for each in own]))
    return sorted(own, key=lambda each: (order.index(each.dataset), -(each.top1 or 0)))


def rates_of(name: str) -> list[PublishedRate]:
    """The published throughput of a network, the fastest first."""
    own = [each for each in published_rates() if each.architecture == name]
    return sorted(own, key=lambda each: -each.images_per_second)


def _claim(each: Audited) -> dict[str, Any]:
    claim = each.claim
    return {
        "id": claim.id,
        "document": claim.document,
        "line": claim.line,
        "section": claim.section,
        "says": document_lines()[claim.document, claim.line],
        "what": f"{claim.quantity.replace('_', ' ')}, {claim.scope}",
        "printed": claim.text,
        "computed": computed(each.computed, claim.printed),
        "verdict": each.verdict,
        "words": explanation_of(each),
    }


def _accuracy(each: AccuracyPoint) -> dict[str, Any]:
    recipe, source = recipes()[each.recipe], sources().get(each.source)
    return {
        "dataset": each.dataset,
        "top1": each.top1,
        "top5": each.top5,
        "size": each.size,
        "evaluation": each.evaluation,
        "runs": runs_of(each),
        "extra_data": each.extra_data,
        "recipe": recipe.title,
        "training": recipe.training,
        "source": each.source,
        "address": _address(source.address) if source else "",
    }


def _address(address: str) -> str:
    """The address of a web page; of a paper on arXiv, its page there."""
    return f"https://arxiv.org/abs/{address.removeprefix('arXiv:')}" if address.startswith("arXiv:") else address


def _rate(each: PublishedRate) -> dict[str, Any]:
    return {
        "images_per_second": each.images_per_second,
        "device": device(each.device).name,
        "size": each.size,
        "batch": each.batch,
        "precision": each.precision,
        "runtime": each.runtime,
        "model": each.model,
        "source": each.source,
    }


def _check(each: Checked) -> dict[str, Any]:
    return {
        "check": each.check,
        "reference": CHECKS[each.check],
        "status": each.status,
        "compared": each.compared,
        "against": each.against,
        "note": each.note,
    }
