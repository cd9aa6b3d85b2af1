"""Ways of training as messages: of a request, and of the setting at which networks are chosen."""

from __future__ import annotations

from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut
from archcalc.service.messages.fields import MessageField, Unsendable, Word
from archcalc.training import DEFAULT_TRAINING, IMPLEMENTATIONS, IN_PLACE, OPTIMIZERS, TRAINED, Training
from archcalc.v1 import archcalc_pb2 as contract

OPTIMIZER = Word("optimizer", contract.Optimizer, tuple(OPTIMIZERS))
TRAINING_PRECISION = Word("precision", contract.TrainingPrecision, TRAINED)
IMPLEMENTATION = Word("implementation", contract.OptimizerImplementation, tuple(IMPLEMENTATIONS))
WORKS_IN_PLACE = Word("in_place", contract.InPlace, tuple(IN_PLACE))

WORDS = {
    "optimizer": OPTIMIZER,
    "precision": TRAINING_PRECISION,
    "implementation": IMPLEMENTATION,
    "in_place": WORKS_IN_PLACE,
}
"""The fields of `Training` that are one of a few words; one that is unspecified has its default."""
PLAIN_FIELDS = ("weight_decay", "master_weights", "train_from", "checkpoint")


def _write(training: Training) -> dict[str, Any] | None:
    """The fields of the message; None for the default, so that it is not sent. Raises ArchcalcError."""
    if not isinstance(training, Training):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArchcalcError(f"the way of training is a Training, not {cut(repr(training))}", about="training")
    if training == DEFAULT_TRAINING:
        return None
    given = {name: getattr(training, name) for name in WORDS}
    words = {name: WORDS[name].write(word) for name, word in given.items() if word}
    return {**words, **{name: getattr(training, name) for name in PLAIN_FIELDS}}


def _read(message: Any) -> Training:
    """The way of training in a message. Raises ArchcalcError with the invalid field, in the message `training`."""
    given: dict[str, Any] = {name: getattr(message, name) for name in PLAIN_FIELDS}
    for name, field in WORDS.items():
        try:
            word = field.read(getattr(message, name))
        except Unsendable as error:
            raise ArchcalcError(f"{name}: {error}", about=f"training.{name}") from None
        if word is not None:
            given[name] = word
    try:
        return Training(**given)
    except ArchcalcError as error:
        error.about = f"training.{error.about}"
        raise


TRAINING = MessageField(_write, _read)
"""A way of training; unset stands for the default."""
