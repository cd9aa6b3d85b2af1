"""The data of a network's page beside its costs: the paper, the citation, the notes, the figures of the documents."""

from __future__ import annotations

from typing import Any

from archcalc import zoo
from archcalc.catalogue.descriptions import describe_network
from archcalc.present.catalogue import bibtex, confirmed
from archcalc.present.names import pretty


def about(name: str) -> dict[str, Any]:
    """What is known of a network of the catalogue beside its costs, for JSON.

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
    }
