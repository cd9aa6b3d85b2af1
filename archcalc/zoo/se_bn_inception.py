"""SE-BN-Inception: Hu, Shen, Albanie, Sun & Wu, "Squeeze-and-Excitation Networks", arXiv:1709.01507.

BN-Inception whose modules weigh the channels of their output, as Figure 2 draws it: also those of stride 2, 3c and 4e,
as in the authors' Caffe model. The convolutions of the gates have biases, the others none. SE-Inception-ResNet-v2 of
the paper's Table 2 is not released.

Through the gates every output depends on the whole input; the local field leaves the gates out.
"""

from archcalc.graph import Value
from archcalc.zoo import CLASSES, Family, Reference, Variant, seresnet
from archcalc.zoo.bn_inception import bn_inception


def se_bn_inception(x: Value, reduction: int = 16, classes: int = 1000) -> Value:
    return bn_inception(x, classes=classes, gate=seresnet.excitation(reduction))


SEVEN = (3, 225, 228)  # 7x7 positions before the last pool, as it needs in the authors' model

FAMILIES = (
    Family(
        title=seresnet.TITLE,
        authors=seresnet.AUTHORS,
        year=2017,
        source=seresnet.SOURCE,
        documents=("003",),
        build=se_bn_inception,
        hyperparameters={"reduction": seresnet.REDUCTION, "classes": CLASSES},
        variants={"se_bn_inception": Variant("plain 7x7 stem, gates", (3, 224, 224))},
        references={"se_bn_inception": Reference("account", "se_bn_inception", size=SEVEN)},
    ),
)
