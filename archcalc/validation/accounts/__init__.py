"""Second accounts: networks as others wrote them down, in a file of facts for each, apart from the catalogue's own.

A line of a file is one operation: its name, its kind, the operations that it reads, and its facts. Sizes, parameters
and mult-adds are worked out here by arithmetic of its own, so that nothing is shared with archcalc's operations.

    data   input            -      size=3,227,227
    conv1  conv             data   out=96 kernel=11 stride=4
    relu1  relu             conv1
    pool1  max_pool         relu1  kernel=3 stride=2 round=up
    fc     linear           pool1  out=1000
    up     transposed_conv  relu1  out=48 kernel=2 stride=2
    part   crop             up,relu1

A convolution and a linear layer have a bias unless `bias=no`; a batch norm learns a scale and a shift, a shift with
`scale=no`, nothing with `affine=no`. `kernel=3,1` is 3 high and 1 wide. `padding=1,0` is that of height and width,
`padding=0,1,0,1` that of top, bottom, left and right, less than nothing for what is cut off, `padding=same`
TensorFlow's; `pad` does it alone, by `sides=`. `round=up` is Caffe's rounding of pools, `counts_padding=no` an average
without the zeros around. `weights=conv1` are those of the operation of that name once more; a crop cuts the first that
it reads to the size of the second. `operations` has all kinds.

The first line is a remark with the source; the last operations are the outputs. What comes again and again may be a
block with a name, and a line may be repeated: see `blocks`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet
from importlib.resources import files
from typing import NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.validation.accounts.blocks import written_out
from archcalc.validation.accounts.operations import AccountReader, facts_of
from archcalc.validation.accounts.windows import Size
from archcalc.validation.models import Counts
from archcalc.validation.traces import Trace, joined


class Account(NamedTuple):
    """The lines of a file, with the source that they are from."""

    source: str
    input: Size
    """The input that the source states."""
    lines: tuple[tuple[str, ...], ...]


def account(name: str, left_out: AbstractSet[str] = frozenset()) -> Account:
    """The account in the file of a name, without some facts: `scale`, or that of lines with a name `norm.scale`."""
    file = files(__name__).joinpath(f"{name}.txt")
    first, *rest = file.read_text(encoding="utf-8").splitlines()
    lines = written_out(rest)
    size = tuple([int(side) for side in facts_of(lines[0])["size"].split(",")])
    kept = [(*line[:3], *[fact for fact in line[3:] if left_out.isdisjoint(_called(fact, line[0]))]) for line in lines]
    return Account(first.removeprefix("# "), size, tuple(kept))


def read(given: Account, size: Size) -> tuple[Counts, Trace]:
    """The counts and operations of an account for an input: (channels, height, width).

    Raises ArchcalcError for a line that is no operation, and where a window does not fit.
    """
    reader = AccountReader(size)
    for line in given.lines:
        try:
            reader.add(line)
        except (KeyError, ValueError) as error:
            raise ArchcalcError(f"line {line[0]} of an account: {error}: {' '.join(line)}") from error
    ends = [index for index in range(len(reader.steps)) if index not in reader.used]
    return Counts(reader.params, reader.mult_adds), joined(reader.steps, ends, Counter())


def _called(fact: str, line: str) -> set[str]:
    """The names of a fact: alone, and with each part of the name of its line."""
    name = fact.partition("=")[0]
    return {name, *[f"{part}.{name}" for part in line.split(".")]}
