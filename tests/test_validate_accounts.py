"""Second accounts in files: their arithmetic is PyTorch's and Caffe's, and their lines are told apart from slips."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import AvgPool2d, BatchNorm2d, Conv2d, Flatten, MaxPool2d, ReLU, Sequential

from archcalc import zoo
from archcalc.base.errors import ArchcalcError
from archcalc.validation import accounts
from archcalc.validation.accounts import Account, account, read
from archcalc.validation.models import counts
from archcalc.validation.references import check
from archcalc.validation.subject import CheckedNetwork
from archcalc.validation.traces import differences, trace


def written(*lines, size=(3, 20, 17)):
    return Account("a test", size, (("data", "input", "-"), *[tuple(line.split()) for line in lines]))


windows = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(0, 1))


@given(windows, st.booleans(), st.booleans(), st.integers(1, 2), st.integers(1, 2))
def test_an_account_reads_as_the_same_network_in_pytorch(window, up, average, groups, dilation):
    height, width, stride, side = window
    side = min(side, height // 2, width // 2)
    kind, pool = ("avg", AvgPool2d) if average else ("max", MaxPool2d)
    net = Sequential(
        Conv2d(3, 4, 3, 2, 1, dilation),
        BatchNorm2d(4),
        ReLU(),
        pool((height, width), stride, side, ceil_mode=up),
        Conv2d(4, 6, (2, 1), groups=groups, bias=False),
        Flatten(),
        torch.nn.LazyLinear(5),
    )
    net(torch.zeros(2, 3, 20, 17))
    lines = written(
        f"a conv data out=4 kernel=3 stride=2 padding=1 dilation={dilation}",
        "b batch_norm a",
        "c relu b",
        f"d {kind}_pool c kernel={height},{width} stride={stride} padding={side} round={'up' if up else 'down'}",
        f"e conv d out=6 kernel=2,1 groups={groups} bias=no",
        "f linear e out=5",
    )
    ours, steps = read(lines, (3, 20, 17))
    net = net.eval().to("meta")
    assert differences(steps, trace(net, (3, 20, 17))) == ([], [])
    assert ours == counts(net, (3, 20, 17))


def test_joints_are_those_of_pytorch():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c = Conv2d(3, 4, 1), Conv2d(3, 4, 3, padding=1), Conv2d(8, 4, 1)

        def forward(self, x):
            a, b = self.a(x), self.b(x)
            return self.c(torch.cat([a, b], 1)) + a

    lines = (
        "a conv data out=4 kernel=1",
        "b conv data out=4 kernel=3 padding=1",
        "j concat a,b",
        "c conv j out=4 kernel=1",
    )
    with torch.device("meta"):
        theirs = trace(Net(), (3, 20, 17))
    assert differences(read(written(*lines, "s add c,a"), (3, 20, 17))[1], theirs) == ([], [])
    assert differences(read(written(*lines, "s add c,b"), (3, 20, 17))[1], theirs) != ([], [])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a blend data", "no operation of an account: a blend data"),
        ("a conv nothing out=4 kernel=3", "nothing"),
        ("a conv data kernel=3", "out"),
        ("a conv data out=many kernel=3", "many"),
        ("a max_pool data kernel=30", "a window of 30 on 20 positions"),
    ],
)
def test_a_line_that_is_no_operation_is_refused(line, said):
    with pytest.raises(ArchcalcError, match=said):
        read(written(line), (3, 20, 17))


def test_every_file_is_the_reference_of_a_network_and_agrees():
    files = {file.name[:-4] for file in accounts.files(accounts.__name__).iterdir() if file.name.endswith(".txt")}
    assert files >= {"alexnet", "caffenet", "googlenet", "googlenet_with_aux"}
    for name in files:
        network = zoo.network(name)
        assert network.family is not None
        assert network.family.references[name].library == "account"
        assert check(CheckedNetwork(name)).status == "agrees", name


def test_a_slip_in_an_account_or_in_the_catalogue_is_told(monkeypatch):
    true = account("alexnet")
    broken = [(*line[:-1], "groups=1") if line[-1] == "groups=2" else line for line in true.lines]
    slip = true._replace(lines=tuple(broken))
    monkeypatch.setattr("archcalc.validation.references.account", lambda _: slip)
    outcome = check(CheckedNetwork("alexnet"))
    assert outcome.status == "differs"
    assert any("groups 2" in each for each in outcome.differences)
