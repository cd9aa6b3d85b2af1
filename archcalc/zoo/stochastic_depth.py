"""Stochastic Depth: Huang, Sun, Liu, Sedra & Weinberger, "Deep Networks with Stochastic Depth", arXiv:1603.09382.

The network at test time: ResNet-110 and ResNet-1202 for CIFAR with parameter-free shortcuts. Each residual branch is
multiplied by the probability with which it survived in training; the factor joins the branch's last batch norm and
costs nothing.

In training a block l of L is left out with probability 1 - p_l, where p_l falls linearly from 1 to p_L. On average
L - (1 - p_L)(L + 1)/2 blocks remain (section 3): with p_L = 0.5, 40.25 of the 54 of ResNet-110 and 449.75 of the 600
of ResNet-1202, three quarters. A block that is left out costs only its shortcut.

Deviations: the authors' Torch code has biases in its convolutions, halves shortcuts by 2x2 means and puts all new
channels after the old ones; the layers here are those of ResNet, which the paper describes.
"""

from archcalc.base.errors import ArchcalcError
from archcalc.graph import Value, Whole
from archcalc.zoo import CLASSES, Family, Variant, resnet


def expected_blocks(blocks: int, last_survival: float = 0.5) -> float:
    """The mean number of residual blocks that remain in training, if survival falls linearly to that of the last."""
    if not 0 <= last_survival <= 1:
        raise ArchcalcError(f"stochastic_depth: a probability of survival is from 0 to 1, not {last_survival}")
    return blocks - (1 - last_survival) * (blocks + 1) / 2


def stochastic_depth(x: Value, blocks: int = 18, shortcut: str = "padding", classes: int = 10) -> Value:
    return resnet.resnet_cifar(x, blocks, shortcut=shortcut, classes=classes)


FAMILIES = (
    Family(
        title="Deep Networks with Stochastic Depth",
        authors="Huang et al.",
        year=2016,
        source="arXiv:1603.09382",
        documents=("004",),
        build=stochastic_depth,
        hyperparameters={
            "blocks": Whole(1, 1000, "blocks in each of the three groups"),
            "shortcut": resnet.JOINING,
            "classes": CLASSES,
        },
        variants={
            "stochastic_depth_resnet110_cifar": Variant("ResNet-110 at test time", (3, 32, 32), {"blocks": 18}),
            "stochastic_depth_resnet1202_cifar": Variant("ResNet-1202 at test time", (3, 32, 32), {"blocks": 200}),
        },
        references={f"stochastic_depth_resnet{n}_cifar": resnet.pytorchcv(n, **resnet.OPTION_A) for n in (110, 1202)},
    ),
)
