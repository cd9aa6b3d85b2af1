"""Second accounts in files: their arithmetic is PyTorch's and Caffe's, and their lines are told apart from slips."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    MaxPool2d,
    ReLU,
    Sequential,
    ZeroPad2d,
)

from archcalc import zoo
from archcalc.base.errors import ArchcalcError
from archcalc.validation import accounts
from archcalc.validation.accounts import Account, account, read
from archcalc.validation.accounts.blocks import written_out
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


SIDES = st.tuples(st.integers(-1, 1), st.integers(0, 1), st.integers(0, 1), st.integers(-1, 1))


@given(SIDES, st.booleans(), st.sampled_from(["yes", "no"]))
def test_padding_of_each_side_and_averages_over_it(sides, average, counted):
    top, bottom, left, right = sides
    kind, pool = ("avg", AvgPool2d(3, 2)) if average else ("max", MaxPool2d(3, 2))
    net = Sequential(
        ZeroPad2d((left, right, top, bottom)),
        Conv2d(3, 4, 3, 2),
        BatchNorm2d(4, affine=False),
        ZeroPad2d((left, right, top, bottom)),
        pool,
        AvgPool2d(3, 1, 1, count_include_pad=counted == "yes"),
    )
    padding = ",".join(map(str, sides))
    lines = written(
        f"a conv data out=4 kernel=3 stride=2 padding={padding}",
        "b batch_norm a affine=no",
        f"c {kind}_pool b kernel=3 stride=2 padding={padding}",
        f"d avg_pool c kernel=3 padding=1 counts_padding={counted}",
    )
    ours, steps = read(lines, (3, 20, 17))
    net = net.eval().to("meta")
    assert differences(steps, trace(net, (3, 20, 17))) == ([], [])
    assert ours == counts(net, (3, 20, 17))


@given(SIDES, SIDES, st.sampled_from(["conv", "max_pool", "avg_pool", "subsample"]))
def test_padding_alone_is_one_with_that_before_and_behind_it(first, second, reads):
    top, bottom, left, right = second
    net = Sequential(
        ZeroPad2d((first[2], first[3], first[0], first[1])),
        ZeroPad2d((left, right, top, bottom)),
        {
            "conv": Conv2d(3, 3, 3, 2),
            "max_pool": MaxPool2d(3, 2, 1),
            "avg_pool": AvgPool2d(3, 2, 1),
            "subsample": AvgPool2d(1, 2),
        }[reads],
    )
    lines = written(
        f"a pad data sides={','.join(map(str, first))}",
        f"b pad a sides={','.join(map(str, second))}",
        {
            "conv": "c conv b out=3 kernel=3 stride=2",
            "max_pool": "c max_pool b kernel=3 stride=2 padding=1",
            "avg_pool": "c avg_pool b kernel=3 stride=2 padding=1",
            "subsample": "c avg_pool b kernel=1 stride=2",
        }[reads],
    )
    ours, steps = read(lines, (3, 20, 17))
    net = net.eval().to("meta")
    assert differences(steps, trace(net, (3, 20, 17))) == ([], [])
    assert ours == counts(net, (3, 20, 17))


def test_a_join_of_one_is_that_one():
    _, steps = read(written("a relu data", "b concat a", "c tanh b"), (3, 20, 17))
    assert [step.kind for step in steps.steps] == ["input", "relu", "tanh"]


@pytest.mark.parametrize(
    ("size", "window", "sides"),
    [
        # TensorFlow's rule, worked out by hand: 224 to 112 takes 111 * 2 + 7 = 229 positions, 5 more than there are
        (224, "kernel=7 stride=2", (2, 3)),
        (225, "kernel=7 stride=2", (3, 3)),
        (32, "kernel=3 stride=2", (0, 1)),
        (32, "kernel=1 stride=2", (0, 0)),
        (32, "kernel=2", (0, 1)),
        (32, "kernel=3 dilation=2", (2, 2)),
    ],
)
def test_same_padding_is_tensorflows(size, window, sides):
    _, steps = read(written(f"a conv data out=4 {window} padding=same"), (3, size, size))
    assert dict(steps.steps[1].facts).get("padding", ((0, 0), (0, 0))) == (sides, sides)
    stride = 2 if "stride" in window else 1
    assert steps.steps[1].positions == ((size + stride - 1) // stride) ** 2


def test_a_batch_norm_may_learn_less():
    lines = ("a batch_norm data", "b batch_norm a scale=no", "c batch_norm b affine=no")
    assert [read(written(*lines[:number]), (3, 20, 17))[0].params for number in (1, 2, 3)] == [6, 9, 9]


transposed = st.tuples(st.integers(2, 4), st.integers(1, 4), st.integers(1, 3), st.integers(0, 1), st.integers(1, 2))


@given(transposed, st.booleans(), st.integers(1, 2))
def test_transposed_convolutions_and_crops_are_those_of_pytorch(window, bias, groups):
    height, width, stride, side, dilation = window
    extra = max(stride, dilation) - 1

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.a = Conv2d(3, 4, 1)
            kernel = (height, width)
            self.b = ConvTranspose2d(4, 6, kernel, stride, side, extra, groups, bias, dilation)
            self.c = Conv2d(10, 2, 1)

        def forward(self, x):
            a = self.a(x)
            b = self.b(a)
            tall, wide = (more - less for more, less in zip(b.shape[2:], a.shape[2:], strict=True))
            b = b[..., tall // 2 : tall // 2 + a.shape[2], wide // 2 : wide // 2 + a.shape[3]]
            return self.c(torch.cat([a, b], 1))

    facts = f"kernel={height},{width} stride={stride} padding={side} dilation={dilation} output_padding={extra}"
    lines = written(
        "a conv data out=4 kernel=1",
        f"b transposed_conv a out=6 {facts} groups={groups} bias={'yes' if bias else 'no'}",
        "p crop b,a",
        "j concat a,p",
        "c conv j out=2 kernel=1",
    )
    with torch.device("meta"):
        net = Net().eval()
    try:
        theirs = trace(net, (3, 20, 17))
    except RuntimeError:  # smaller than what it is cut to
        with pytest.raises(ArchcalcError, match="no crop makes"):
            read(lines, (3, 20, 17))
        return
    ours, steps = read(lines, (3, 20, 17))
    assert differences(steps, theirs) == ([], [])
    assert ours == counts(net, (3, 20, 17))


def test_the_layers_of_1998_are_those_of_pytorch():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c = Conv2d(3, 4, 3), Conv2d(2, 1, 3), torch.nn.Linear(7 * 4, 5)
            self.pool = AvgPool2d(2, divisor_override=1)
            self.factor, self.offset = (torch.nn.Parameter(torch.ones(4, 1, 1)) for _ in range(2))
            self.register_buffer("points", torch.ones(6, 5))

        def forward(self, x):
            x = self.pool(self.a(x)) * self.factor + self.offset
            x = self.c(self.b(x[:, [1, 3]]).flatten(1)).tanh()
            return ((x[:, None] - self.points) ** 2).sum(2)

    lines = (
        "a conv data out=4 kernel=3",
        "p sum_pool a kernel=2 stride=2",
        "f mul_weight p",
        "o add_weight f",
        "t channels o taken=1,3",
        "b conv t out=1 kernel=3",
        "c linear b out=5",
        "s tanh c",
        "d distances s out=6",
    )
    with torch.device("meta"):
        net = Net().eval()
    ours, steps = read(written(*lines), (3, 20, 14))
    assert differences(steps, trace(net, (3, 20, 14))) == ([], [])
    assert ours == counts(net, (3, 20, 14))
    other = [line.replace("1,3", "0,3") for line in lines]
    assert differences(read(written(*other), (3, 20, 14))[1], trace(net, (3, 20, 14))) != ([], [])


def test_a_map_is_sampled_as_in_pytorch():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = torch.nn.Linear(3 * 20 * 17, 6), Conv2d(3, 4, 2, 2)

        def forward(self, x):
            y = self.b(x)
            grid = torch.nn.functional.affine_grid(self.a(x.flatten(1)).view(-1, 2, 3), y.shape, align_corners=False)
            return torch.nn.functional.grid_sample(x, grid, align_corners=False)

    lines = ("a linear data out=6", "b conv data out=4 kernel=2 stride=2", "g affine_grid a,b", "s sample data,g")
    with torch.device("meta"):
        net = Net().eval()
    _, steps = read(written(*lines), (3, 20, 17))
    kept = trace(net, (3, 20, 17))
    assert differences(steps._replace(outputs=steps.outputs[-1:]), kept) == ([], [])


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


def test_weights_that_serve_twice_are_counted_once():
    net = Sequential(conv := Conv2d(3, 3, 3), norm := BatchNorm2d(3), conv, norm).eval()
    lines = ("a conv data out=3 kernel=3", "b batch_norm a", "c conv b out=3 kernel=3 weights=a")
    ours, steps = read(written(*lines, "d batch_norm c weights=b"), (3, 20, 17))
    assert ours == counts(net.to("meta"), (3, 20, 17))
    assert differences(steps, trace(net, (3, 20, 17))) == ([], [])
    with pytest.raises(ArchcalcError, match="not so many as a has"):
        read(written(*lines, "d conv c out=4 kernel=3 weights=a"), (3, 20, 17))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a blend data", "there is no such kind: blend"),
        ("a conv nothing out=4 kernel=3", "nothing"),
        ("a conv data kernel=3", "out"),
        ("a conv data out=many kernel=3", "many"),
        ("a channels data taken=1,3", "there are 3 channels"),
        ("a affine_grid data,data", "six numbers"),
        ("a max_pool data kernel=30", "a window of 30 on 20 positions"),
    ],
)
def test_a_line_that_is_no_operation_is_refused(line, said):
    with pytest.raises(ArchcalcError, match=said):
        read(written(line), (3, 20, 17))


FILES = sorted(path.stem for path in Path(accounts.__file__).parent.glob("*.txt"))


LARGE = 1500
"""Lines of an account, written out, that are left to `archcalc validate --all` and its record."""


@pytest.mark.parametrize("name", [name for name in FILES if len(account(name).lines) < LARGE])
def test_an_account_and_its_network_agree(name):
    assert check(CheckedNetwork(name)).status == "agrees"


def test_every_file_is_the_reference_of_a_network():
    for name in FILES:
        network = zoo.network(name)
        assert network.family is not None
        assert network.family.references[name].library == "account", name


def test_a_slip_in_an_account_or_in_the_catalogue_is_told(monkeypatch):
    true = account("alexnet")
    broken = [(*line[:-1], "groups=1") if line[-1] == "groups=2" else line for line in true.lines]
    slip = true._replace(lines=tuple(broken))
    monkeypatch.setattr("archcalc.validation.references.account", lambda *_: slip)
    outcome = check(CheckedNetwork("alexnet"))
    assert outcome.status == "differs"
    assert any("groups 2" in each for each in outcome.differences)


def test_a_fact_that_differs_on_purpose_is_not_read():
    whole, part = account("bn_inception_slim"), account("bn_inception_slim", {"scale", "avg_pool"})
    norms = sum(line[1] == "batch_norm" for line in whole.lines)
    assert sum("scale=no" in line for line in whole.lines) == norms > 0
    assert part.lines == tuple([tuple([word for word in line if word != "scale=no"]) for line in whole.lines])
    some = account("bn_inception_slim", {"Mixed_5c.scale"})
    assert {line[0].split(".")[0] for line in some.lines if line[1] == "batch_norm" and len(line) == 3} == {"Mixed_5c"}


LAYER = """
block layer
    norm batch_norm {in}
    # a remark
    {act} {act} norm
    conv conv {act} out={growth} kernel=3
    join concat {in},conv
end
"""
PAIR = """
block pair
    left layer {in1} growth={growth} act=tanh
    out {kind} left
    same add {in},left.tanh
end
"""


def lines_of(text):
    return [" ".join(line) for line in written_out(text.splitlines())]


def test_a_block_is_written_out_with_the_names_of_its_use():
    used = lines_of(f"{LAYER}{PAIR} data input - size=3,32,32\n y pair data,data growth=4 kind=relu\n z add y,y.left")
    assert used == [
        "data input - size=3,32,32",
        "y.left.norm batch_norm data",
        "y.left.tanh tanh y.left.norm",
        "y.left.conv conv y.left.tanh out=4 kernel=3",
        "y.left.join concat data,y.left.conv",
        "y.out relu y.left.join",
        "y.same add data,data,y.left.tanh",
        "z add y.out,y.left.join",
    ]


def test_a_repeated_line_reads_the_one_before():
    assert lines_of("x relu*2 a\n y concat*3 x,b,c\n z add y,y.1,x.1") == [
        "x.1 relu a",
        "x.2 relu x.1",
        "y.1 concat x.2,b,c",
        "y.2 concat y.1,x.2,b",
        "y.3 concat y.2,y.1,x.2",
        "z add y.3,y.1,x.1",
    ]
    assert [line.split()[0] for line in lines_of(f"{LAYER} x layer*{{n}} a growth=1 act=relu".replace("{n}", "2"))] == [
        f"x.{number}.{name}" for number in (1, 2) for name in ("norm", "relu", "conv", "join")
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{LAYER} x layer data growth=4", "line x of an account and block layer do not agree on act"),
        (f"{LAYER} x layer data growth=4 act=relu size=3", "do not agree on size"),
        (f"{PAIR}{LAYER} x pair data growth=4 kind=relu", "line x.left of an account: there is no such kind: layer"),
        ("block a\n b a {in}\n end\n x a data", "line x.b of an account: there is no such kind: a"),
        ("x layer data", "line x of an account: there is no such kind: layer"),
        ("block a\n b relu {in2}\n end\n x a data", "line x of an account reads nothing for {in2}"),
        ("x conv data out={width}", "there is nothing for {width} here in an account: out={width}"),
        ("x relu*0 data", "line x of an account cannot be repeated 0 times"),
        ("x relu*a data", "line x of an account cannot be repeated a times"),
        ("block a\n b relu {in}", "no end of block a"),
        ("block a\n end", "no line of an account: end"),
        ("block a\n block b\n x relu {in}\n end", "no line of an account: block b"),
        ("x relu", "no line of an account: x relu"),
    ],
)
def test_a_block_that_is_not_in_order_is_told(text, said):
    with pytest.raises(ArchcalcError) as error:
        read(Account("a test", (3, 20, 17), tuple(written_out(f"data input -\n{text}".splitlines()))), (3, 20, 17))
    assert said in str(error.value)
