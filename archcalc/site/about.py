"""The data of a network's page beside its costs: the paper, the citation, the notes, the extent of the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc import zoo
from archcalc.catalogue.descriptions import DOCUMENTS, describe_network
from archcalc.present.catalogue import bibtex, confirmed
from archcalc.present.names import pretty
from archcalc.site.evidence import counted, evidence


def about(name: str, found: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What is known of a network of the catalogue beside its costs, for JSON.

    `found` is its `evidence`, of which only the extent is here: a page loads the rest when it is asked for.

    >>> about("lenet5")["title"]
    'LeNet-5'
    """
    network = describe_network(name)
    return {
        "name": name,
        "title": pretty(name),
        "summary": network.summary,
        "paper": network.title,
        "authors": network.authors,
        "year": network.year,
        "source": network.source,
        "address": network.citation.fields.get("url", ""),
        "bibtex": bibtex(network.citation),
        "family": zoo.network(name).file,
        "confirmed": confirmed(network),
        "notes": list(network.notes),
        "variants": [each.name for each in network.variants],
        "documents": {each: DOCUMENTS[each] for each in network.documents},
        "evidence": counted(found or evidence(name)),
    }
