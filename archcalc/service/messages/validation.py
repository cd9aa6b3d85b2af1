"""Conditions and verdicts of validation as messages."""

from __future__ import annotations

from typing import get_args

from archcalc.execution.device import Conditions
from archcalc.service.messages.fields import PLAINS, TEXTS, VALUES, Record, Word, many
from archcalc.v1 import archcalc_pb2 as contract
from archcalc.validation import runner
from archcalc.validation.outcome import Outcome, Status
from archcalc.validation.runner import Drawn, Verdict

CHECK = Word("check", contract.Check, runner.CHECKS)
STATUS = Word("status", contract.OutcomeStatus, get_args(Status))

CONDITIONS = Record(Conditions, "date device python", versions=TEXTS, environment=TEXTS)
OUTCOME = Record(Outcome, "check against compared note", status=STATUS, differences=PLAINS, figures=VALUES)
VERDICT = Record(Verdict, "name", outcomes=many(OUTCOME))
DRAWN = Record(Drawn, "seed", ops=PLAINS, outcomes=many(OUTCOME))
