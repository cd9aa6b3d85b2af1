"""CaffeNet: Jia et al., "Caffe: Convolutional Architecture for Fast Feature Embedding", arXiv:1408.5093.

The reference model of Caffe (`bvlc_reference_caffenet`): AlexNet with its groups, pooling before normalisation.
Same parameters and mult-adds as AlexNet; pooling and normalisation work on other maps.
"""

from archcalc.zoo import Family, Reference, Variant
from archcalc.zoo.alexnet import HYPERPARAMETERS, alexnet

FAMILIES = (
    Family(
        title="Caffe: Convolutional Architecture for Fast Feature Embedding",
        authors="Jia et al.",
        year=2014,
        source="arXiv:1408.5093",
        documents=(),
        build=alexnet,
        hyperparameters=HYPERPARAMETERS,
        variants={"caffenet": Variant("AlexNet, pool before norm", (3, 227, 227), {"pool_first": True})},
        references={"caffenet": Reference("account", "caffenet")},
    ),
)
