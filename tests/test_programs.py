"""A tape says at other sizes what the network says that is built on them, or says nothing."""

import random

import pytest

from archcalc import ArchcalcError, Request, analyze, names
from archcalc.algebra.programs import Tape
from archcalc.site.network_page import LEVELS, TOTALS, network_page, on_tape

NAMES = names()
SAMPLE = sorted(
    {*random.Random(23).sample(NAMES, 40), "resnet50", "swin_t", "unet", "lenet5", "pnasnet5_mobile"} & {*NAMES}  # noqa: S311
)


def settings(ranges, chance):
    """Values for some of the variables: odd sizes, and those near the network's own."""
    found = {}
    for name, each in ranges.items():
        own = each["value"]
        if name in ("H", "W", "L", "D"):
            found[name] = max(1, own + chance.choice([0, 1, -1, 32, -32, 33, chance.randrange(1, 2 * own + 1) - own]))
        elif name == "N":
            found[name] = chance.choice([1, 2, 7, 4096])
        elif chance.random() < 0.5:
            found[name] = chance.randrange(1, 2 * own + 2)
    return found


def request_at(request, found, ranges, values):
    at = {name: values.get(name, each["value"]) for name, each in ranges.items()}
    shape = list(request.shape)
    for axis, place in zip([name for name in ("L", "D", "H", "W") if name in ranges], found.places, strict=False):
        shape[place] = at[axis]
    own = {}
    if "C" in at:
        own["in_channels"] = at["C"]
        if found.size_places is None:
            shape[0] = at["C"]
    if "K" in at:
        own["classes"] = at["K"]
    return Request.of(request.network, input=tuple(shape), batch=at["N"], **own)


@pytest.mark.parametrize("name", SAMPLE)
def test_a_tape_gives_the_numbers_of_the_network_at_other_sizes(name):
    chance = random.Random(name)  # noqa: S311
    request = Request.of(name)
    tape = Tape()
    ranges, recorded = on_tape(request, tape)
    page = analyze(recorded)
    wanted = [n for row in page.layers for n in (*row.output_shape, row.activations, row.params, row.mult_adds)]
    wanted += [page.totals[key] for key in TOTALS]
    answered = 0
    for values in ({"N": 4096}, *[settings(ranges, chance) for _ in range(8)]):
        said = tape.run(values, wanted)
        try:
            there = analyze(request_at(request, request.resolved, ranges, values))
        except ArchcalcError:
            assert said is None, values
            continue
        if said is None:
            continue
        answered += 1
        truth = [n for row in there.layers for n in (*row.output_shape, row.activations, row.params, row.mult_adds)]
        assert said == [*truth, *[there.totals[key] for key in TOTALS]], values
    assert answered >= 2


def test_at_the_own_sizes_a_tape_gives_the_own_numbers():
    tape = Tape()
    _, recorded = on_tape(Request.of("googlenet"), tape)
    page, plain = analyze(recorded), analyze("googlenet")
    assert tape.run({}, [row.mult_adds for row in page.layers]) == [row.mult_adds for row in plain.layers]


def test_a_guard_that_answers_otherwise_silences_the_tape():
    tape = Tape()
    size = tape.variable("S", 8)
    assert not (size - 5).negative()
    assert tape.run({"S": 5}, [size * 2]) == [10]
    assert tape.run({"S": 4}, [size * 2]) is None


def test_a_number_that_becomes_text_must_stay_as_it_is():
    tape = Tape()
    size = tape.variable("S", 8)
    assert f"{size + 1}" == "9"
    assert tape.run({"S": 8}, [size]) == [8]
    assert tape.run({"S": 9}, [size]) is None


def test_a_written_tape_has_only_the_steps_that_are_needed():
    tape = Tape()
    size = tape.variable("S", 8)
    wanted, _unused = (size - 3) // 2, size * size
    written = tape.written([wanted])
    assert written.signs == "+/"
    assert written.places[wanted] == 1 + len(written.constants) + 1


@pytest.mark.parametrize("name", ["resnet50", "swin_t", "unet", "inception_v3"])
def test_every_level_of_a_page_adds_up_to_the_same_totals(name):
    page = network_page(name)
    numbers = run(page["tape"], {})
    for rows in page["levels"].values():
        assert sum(at(numbers, row["params"]) for row in rows) == at(numbers, page["totals"]["params"])
        assert sum(at(numbers, row["mult_adds"]) for row in rows) == at(numbers, page["totals"]["mult_adds"])
    assert set(page["levels"]) <= set(LEVELS)


def at(numbers, ref):
    return numbers[ref[0]] if isinstance(ref, list) else int(ref)


def run(written, values):
    """The numbers of a written tape, as the browser runs it."""
    numbers = [values.get(name, value) for name, value in written["variables"]] + [int(c) for c in written["constants"]]
    does = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a // b}
    does |= {">": max, "<": min}
    for place, sign in enumerate(written["signs"]):
        left, right = written["operands"][2 * place : 2 * place + 2]
        numbers.append(does[sign](numbers[left], numbers[right]))
    return numbers
