"""Plain networks: He et al., "Deep Residual Learning for Image Recognition", arXiv:1512.03385, the nets without
shortcuts.

The ResNet of the same depth with its shortcuts left out: `plain34` is the middle column of Figure 3, `plain20_cifar`
and `plain56_cifar` the nets of Figure 1 (section 4.2).
"""

from archcalc.zoo import Family, Reference, Variant
from archcalc.zoo.resnet import (
    AUTHORS,
    CIFAR_HYPERPARAMETERS,
    IMAGENET,
    IMAGENET_HYPERPARAMETERS,
    SOURCE,
    TITLE,
    pytorchcv,
    resnet,
    resnet_cifar,
)

SHORTCUTS = "it is the ResNet without its shortcuts"

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2015,
        source=SOURCE,
        documents=("000",),
        build=resnet,
        hyperparameters=IMAGENET_HYPERPARAMETERS,
        references={
            f"plain{n}": Reference("torchvision", f"resnet{n}", differs=dict.fromkeys(("downsample", "add"), SHORTCUTS))
            for n in (18, 34)
        },
        variants={f"plain{n}": Variant("no shortcuts", IMAGENET, {"depth": n, "shortcut": "none"}) for n in (18, 34)},
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2015,
        source=SOURCE,
        documents=("003", "004"),
        build=resnet_cifar,
        hyperparameters=CIFAR_HYPERPARAMETERS,
        references={
            f"plain{n}_cifar": pytorchcv(n, identity_conv=SHORTCUTS, add=SHORTCUTS) for n in (20, 32, 44, 56, 110)
        },
        variants={
            f"plain{6 * n + 2}_cifar": Variant("CIFAR, no shortcuts", (3, 32, 32), {"blocks": n, "shortcut": "none"})
            for n in (3, 5, 7, 9, 18)
        },
    ),
)
