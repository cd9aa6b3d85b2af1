"""Networks, their metadata and design spaces as messages."""

from __future__ import annotations

from archcalc.catalogue.descriptions import Citation, Confirmation, Description, Named, Option
from archcalc.catalogue.listing import Entry, Page
from archcalc.service.messages.costs import LEFT_OUT
from archcalc.service.messages.fields import (
    DIGITS,
    PLAIN,
    PLAINS,
    SHAPE,
    TEXTS,
    VALUE,
    VALUES,
    Record,
    Word,
    many,
    optional,
)
from archcalc.spaces.documented import SpaceDescription
from archcalc.v1 import archcalc_pb2 as contract

CITATION_KIND = Word("kind", contract.CitationKind, ("article", "inproceedings", "misc"))
OPTION_KIND = Word("kind", contract.OptionKind, ("whole", "real", "choice", "switch", "other"))
CONFIRMED = Word("way to confirm", contract.Confirmed, ("model", "text", "family"))

ENTRY = Record(
    Entry,
    "name summary authors year",
    "params mult_adds counted",
    input=SHAPE,
    counted=optional(PLAIN),
    left_out=many(LEFT_OUT),
)
PAGE = Record(Page, "total_size", entries=many(ENTRY))

CITATION = Record(Citation, "key", kind=CITATION_KIND, fields=TEXTS)
OPTION = Record(Option, "name range meaning", value=VALUE, kind=OPTION_KIND, low=VALUE, high=VALUE, choices=many(VALUE))
NAMED = Record(Named, "name summary")
CONFIRMATION = Record(
    Confirmation, "library model differs text", by=CONFIRMED, options=VALUES, settings=VALUES, inputs=many(SHAPE)
)
DESCRIPTION = Record(
    Description,
    "name summary title authors year source",
    citation=CITATION,
    documents=PLAINS,
    input=SHAPE,
    hyperparameters=many(OPTION),
    aliases=PLAINS,
    variants=many(NAMED),
    patterns=many(NAMED),
    confirmation=CONFIRMATION,
    notes=PLAINS,
)
SPACE = Record(
    SpaceDescription,
    "name title authors year source restriction dimensions formula printed",
    citation=CITATION,
    documents=PLAINS,
    restrictions=PLAINS,
    size=DIGITS,
    points=optional(DIGITS),
    notes=PLAINS,
)
