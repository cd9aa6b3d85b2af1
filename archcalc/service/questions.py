"""The calls of the service: both clients and the server are built from this list.

A new call is added here, with the kinds of fields of its arguments and result, and in the contract.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from inspect import unwrap
from typing import Any

from archcalc import request
from archcalc.analysis import energy as energies
from archcalc.analysis import several, table
from archcalc.analysis import structure as structures
from archcalc.analysis.latency import statement as times
from archcalc.analysis.memory import statement as statements
from archcalc.catalogue import listing
from archcalc.conventions import counting, reconciling
from archcalc.derivations import derive as deriving
from archcalc.evidence import accuracy, accuracy_check, selecting
from archcalc.evidence import audit as audits
from archcalc.evidence import explain as explaining
from archcalc.figures import save
from archcalc.forms import closed
from archcalc.forms import formulas as forms
from archcalc.pictures import pictures
from archcalc.reports import rendering
from archcalc.search import ratios, solving
from archcalc.search import scaling as laws
from archcalc.search import sweep as sweeps
from archcalc.service.answers import Chunks, One, OnePage, Pages, Stream, Turns, WholeResult
from archcalc.service.calls import Call
from archcalc.service.costs import CallCost
from archcalc.service.messages import catalogue as catalogues
from archcalc.service.messages import conventions as counts
from archcalc.service.messages import costs, derivations, evidence, search, validation
from archcalc.service.messages import energy as powers
from archcalc.service.messages import formulas as written
from archcalc.service.messages import latency as latencies
from archcalc.service.messages import memory as memories
from archcalc.service.messages import sweeps as swept
from archcalc.service.messages.fields import (
    DEVICE,
    PLAIN,
    PLAINS,
    TEXTS,
    VALUE,
    VALUES,
    MessageField,
    Word,
    many,
    mapped,
    one_of,
    specified,
)
from archcalc.service.messages.networks import NETWORK, NETWORKS
from archcalc.spaces import documented, streaming
from archcalc.v1 import archcalc_pb2 as contract
from archcalc.validation import runner

GRAPH_FORMAT = Word("format", contract.GraphFormat, pictures.FORMATS)
PICTURE_VIEW = Word("view", contract.PictureView, pictures.VIEWS)
PICTURE_DIRECTION = Word("direction", contract.PictureDirection, pictures.DIRECTIONS)
PICTURE_COSTS = Word("costs", contract.PictureCosts, pictures.COSTS)
PLOT_FORMAT = Word("format", contract.PlotFormat, ("svg", "pdf", "png", "csv"))
REPORT_FORMAT = Word("format", contract.ReportFormat, ("pdf", "html", "md"))
PRECISION = Word("precision", contract.Precision, ("float32", "tf32", "float16", "bfloat16"))
JOBS = MessageField(int, lambda jobs: min(jobs, os.cpu_count() or 1))
"""The number of processes at a time: at most as many as the server has processors."""
RECIPES = {"recipe": "recipes"}


def _width(width: Any) -> Any:
    save.read_width(f"{width:g}")
    return width


WIDTH = MessageField(_width, float)
"""The width of a plot in millimetres. A client refuses one that is out of bounds as the function does, unsent."""
BATCH = MessageField(lambda batch: request.read_batch("a plot", batch), int)
"""The batch of a plot, likewise."""
CHANGES = MessageField(explaining.read_changes, int)
"""The most changes of a reading, likewise."""


class Questions:
    """All calls of the service."""

    # --- The catalogue.

    names = Call(request.names, Pages("names"), cost=CallCost(5), pattern=PLAIN)
    catalogue_page = Call(
        listing.catalogue_page,
        OnePage("entries", catalogues.PAGE, most=100),
        cost=CallCost(15, options={"convention": 1000}),
        pattern=PLAIN,
        convention=PLAIN,
    )
    describe = Call(
        documented.describe,
        WholeResult(one_of("subject", description=catalogues.DESCRIPTION, space=catalogues.SPACE)),
        cost=CallCost(3),
        name=PLAIN,
    )
    spaces = Call(documented.spaces, Pages("spaces", catalogues.SPACE, kind=list), cost=CallCost(200))
    select = Call(
        selecting.select,
        Pages("rows", most=10_000, record=evidence.SELECTION, first="refused"),
        cost=CallCost(20, catalogue=0.03, repeated="settings"),
        heavy=True,
        renamed=RECIPES,
        pattern=PLAIN,
        where=PLAINS,
        sort=PLAINS,
        settings=many(evidence.SETTING),
        dataset=PLAIN,
        recipe=PLAINS,
    )
    resolve = Call(request.resolve, One("resolved", costs.RESOLVED), cost=CallCost(2), network=NETWORK)

    # --- Costs.

    analyze = Call(
        table.analyze,
        One("analysis", costs.ANALYSIS),
        cost=CallCost(8, node=0.06),
        network=NETWORK,
        detail=PLAIN,
        convention=PLAIN,
        convolutional=PLAIN,
    )
    compare = Call(
        several.compare,
        One("networks", many(costs.COMPARED)),
        cost=CallCost(5, node=0.06),
        networks=NETWORKS,
    )
    stage_fields = Call(
        several.stage_fields,
        WholeResult(costs.FIELD_MATRIX),
        cost=CallCost(5, node=0.06),
        networks=NETWORKS,
    )
    memory = Call(
        statements.memory,
        One("statement", memories.STATEMENT),
        cost=CallCost(4, node=0.2, square=1e-5),
        heavy=True,
        network=NETWORK,
        device=DEVICE,
    )
    latency = Call(
        times.latency,
        One("statement", latencies.STATEMENT),
        cost=CallCost(4, node=0.03),
        network=NETWORK,
        device=DEVICE,
        task=latencies.TASK_ASKED,
        runtime=latencies.RUNTIME_ASKED,
        layout=latencies.LAYOUT_ASKED,
        fast_norms=PLAIN,
    )
    energy = Call(
        energies.energy,
        One("statement", powers.STATEMENT),
        cost=CallCost(4, node=0.02, square=2e-5),
        network=NETWORK,
        table=PLAIN,
    )
    structure = Call(
        structures.structure, One("structure", costs.STRUCTURE), cost=CallCost(4, node=0.03), network=NETWORK
    )
    sweep = Call(
        sweeps.sweep_points,
        Stream("evaluations", costs.EVALUATION, together=True),
        cost=CallCost(6, node=0.1, each={"points": 0.3}, point=(0.008, 0.035)),
        method="Sweep",
        heavy=True,
        kept=False,
        network=NETWORK,
        points=many(costs.POINT),
    )

    sweep_space = Call(
        streaming.sweep_space,
        Turns(swept.SWEEP_PIECE),
        cost=CallCost(2000),
        heavy=True,
        kept=False,
        space=swept.SPACE,
        quantities=PLAINS,
        where=PLAINS,
        sample=PLAIN,
        seed=PLAIN,
        batch=PLAIN,
        dtype=costs.DTYPE,
        training=swept.SWEEP_TRAINING,
        start=PLAIN,
        limit=PLAIN,
        draws=PLAIN,
    )

    # --- Formulas.

    formula_symbols = Call(
        closed.formula_symbols,
        One("symbols", TEXTS),
        cost=CallCost(6, node=0.8, square=0.003),
        heavy=True,
        network=NETWORK,
    )
    formulas = Call(
        forms.formulas,
        One("sheet", written.FORMULA_SHEET),
        cost=CallCost(10, node=0.1, square=0.012),
        heavy=True,
        network=NETWORK,
        symbols=PLAINS,
    )
    exact_formulas = Call(
        forms.exact_formulas,
        One("sheet", written.EXACT_SHEET),
        cost=CallCost(10, node=0.5),
        heavy=True,
        network=NETWORK,
        quantities=PLAINS,
    )
    evaluate = Call(
        forms.evaluate,
        One("values", written.EVALUATED),
        cost=CallCost(10, node=0.1, square=0.01),
        heavy=True,
        network=NETWORK,
        values=mapped(VALUE),
    )
    compare_formula = Call(
        forms.compare_formula,
        One("comparison", written.COMPARISON),
        cost=CallCost(15, node=0.1, square=0.002, each={"text": 0.1}),
        heavy=True,
        network=NETWORK,
        text=PLAIN,
        quantity=PLAIN,
        symbols=PLAINS,
    )
    derive = Call(
        deriving.derive,
        One("derivation", derivations.DERIVATION),
        cost=CallCost(6, node=0.01),
        network=NETWORK,
        layer=PLAIN,
        quantity=PLAIN,
    )

    # --- Budgets and growth.

    solve = Call(
        solving.solve,
        One("solution", search.SOLUTION),
        cost=CallCost(100, node=0.6, square=1e-4),
        heavy=True,
        network=NETWORK,
        targets=VALUES,
        variable=PLAIN,
        multiple_of=VALUE,
    )
    scaling = Call(
        laws.scaling,
        One("scaling", search.SCALING),
        cost=CallCost(50, node=2.5, square=8e-4),
        heavy=True,
        network=NETWORK,
        samples=PLAIN,
    )
    compare_laws = Call(
        ratios.compare_laws,
        One("comparison", search.RATIO_LAWS),
        cost=CallCost(50, node=3, square=6e-4),
        heavy=True,
        network=NETWORK,
        other=NETWORK,
        symbols=PLAINS,
    )

    # --- Ways of counting.

    conventions = Call(counting.conventions, Pages("conventions", counts.CONVENTION), cost=CallCost(6), pattern=PLAIN)
    count = Call(
        counting.count, One("count", counts.COUNT), cost=CallCost(4, node=0.01), network=NETWORK, convention=PLAIN
    )
    reconcile = Call(
        reconciling.reconcile,
        One("reconciliation", counts.RECONCILIATION),
        cost=CallCost(15, node=0.04),
        heavy=True,
        network=NETWORK,
        tools=PLAINS,
        start=PLAIN,
        to=PLAIN,
    )

    # --- Printed figures and accuracies.

    audit = Call(
        audits.audit,
        Pages("audited", record=evidence.AUDIT),
        cost=CallCost(1000),
        heavy=True,
        document=PLAIN,
        architecture=PLAIN,
        verdict=evidence.VERDICT_ASKED,
    )
    audit_claim = Call(audits.audit_claim, One("case", evidence.CASE), cost=CallCost(15), heavy=True, id=PLAIN)
    explain = Call(
        explaining.explain,
        One("explanation", evidence.EXPLANATION),
        cost=CallCost(60, node=0.6, catalogue=0.25),
        heavy=True,
        unsent=("advance",),
        number=PLAIN,
        architecture=PLAIN,
        quantity=PLAIN,
        changes=CHANGES,
    )
    published_accuracies = Call(
        accuracy.published_accuracies,
        Pages("accuracies", evidence.LOCATED),
        cost=CallCost(10, node=0.02, catalogue=0.02),
        heavy=True,
        renamed=RECIPES,
        names=PLAINS,
        dataset=PLAIN,
        recipe=PLAINS,
    )
    check_published_costs = Call(
        accuracy_check.check_published_costs,
        Pages("disagreements", record=evidence.CHECK),
        cost=CallCost(10, node=0.04, catalogue=0.05),
        heavy=True,
        renamed=RECIPES,
        names=PLAINS,
        dataset=PLAIN,
        recipe=PLAINS,
    )

    # --- Files.

    graph_picture = Call(
        rendering.graph_picture,
        Chunks(),
        cost=CallCost(8, node=0.08),
        heavy=True,
        network=NETWORK,
        format=GRAPH_FORMAT,
        open_levels=PLAIN,
        view=PICTURE_VIEW,
        block=PLAIN,
        direction=PICTURE_DIRECTION,
        costs=PICTURE_COSTS,
        detail=PLAIN,
    )
    plot = Call(
        rendering.plot,
        Chunks(),
        cost=CallCost(1000, node=0.4),
        heavy=True,
        renamed={**RECIPES, "width": "width_mm"},
        kind=PLAIN,
        names=PLAINS,
        format=PLOT_FORMAT,
        width=WIDTH,
        convention=PLAIN,
        recipe=PLAINS,
        dataset=PLAIN,
        batch=BATCH,
        precision=PRECISION,
        device=DEVICE,
    )
    scaling_figure = Call(
        rendering.scaling_figure,
        Chunks(),
        cost=CallCost(150, node=2.5, square=8e-4),
        heavy=True,
        network=NETWORK,
        format=PLOT_FORMAT,
    )
    report = Call(
        rendering.report,
        Chunks(),
        cost=CallCost(1500, node=0.5, square=0.012, catalogue=15, long=True),
        heavy=True,
        kept=False,
        unsent=("jobs", "progress"),
        names=PLAINS,
        format=REPORT_FORMAT,
    )

    # --- Validation.

    validation_conditions = Call(
        runner.validation_conditions,
        One("conditions", validation.CONDITIONS),
        cost=CallCost(1500),
        heavy=True,
        kept=False,
        device=PLAIN,
    )
    validate_networks = Call(
        runner.validate_networks,
        Stream("verdict", validation.VERDICT),
        cost=CallCost(3000, node=120, catalogue=120, long=True),
        heavy=True,
        kept=False,
        renamed={"time_limit": "time_limit_seconds"},
        names=PLAINS,
        device=PLAIN,
        checks=many(specified(validation.CHECK)),
        jobs=JOBS,
        time_limit=PLAIN,
    )
    validate_random_networks = Call(
        runner.validate_random_networks,
        Stream("drawn", validation.DRAWN),
        cost=CallCost(2500, each={"count": 350}, long=True),
        heavy=True,
        kept=False,
        count=PLAIN,
        seed=PLAIN,
    )


_CALLS: list[Call[..., Any]] = [each for each in vars(Questions).values() if isinstance(each, Call)]
CALLS: Mapping[str, Call[..., Any]] = {call.method: call for call in _CALLS}
"""Every call by its name in the contract."""
BY_FUNCTION: Mapping[Any, Call[..., Any]] = {unwrap(call.function): call for call in _CALLS}
"""The call for each function."""
