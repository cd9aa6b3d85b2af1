"""Names of networks as papers write them: ResNet-50 for `resnet50`. Names without a rule are unchanged."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

SUFFIXES = {
    "_bn": " BN",
    "_v1": " v1",
    "_cifar_projection": " proj.",
    "_cifar": "",
    "_torchvision": " (torchvision)",
    "_timm": " (timm)",
}

RULES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"convnext_block_example", "ConvNeXt block"),
    (r"densenet_block_example", "Dense block"),
    (r"depthwise_separable_example", "Depthwise separable convolution"),
    (r"enas_macro", "ENAS, macro search"),
    (r"fitnet_highway", "Highway FitNet"),
    (r"fractal_of_fractalnet", "Fractal of FractalNet"),
    (r"inception_naive_example", "Na\u00efve Inception module"),
    (r"inception_block_v2_1", "Inception-v2 block I"),
    (r"lenet_caffe", "LeNet (Caffe)"),
    (r"nasnet_a_cifar", "NASNet-A CIFAR"),
    (r"plain(\d+)", r"Plain-\1"),
    (r"polynet_2way_module", "PolyNet 2-way module"),
    (r"regnetx_block_s(\d)", r"RegNetX block, stride \1"),
    (r"spatial_transformer", "Spatial transformer network"),
    (r"squeeze_excite_example", "Squeeze-and-excitation unit"),
    (r"swin_block_example", "Swin block"),
    (r"all_cnn_(\w)", lambda found: f"All-CNN-{found[1].upper()}"),
    (r"alexnet", "AlexNet"),
    (r"alexnet_owt", "AlexNet OWT"),
    (r"alexnet_simplified", "AlexNet, one tower"),
    (r"bn_inception", "BN-Inception"),
    (r"caffenet", "CaffeNet"),
    (r"convnext_tiny", "ConvNeXt-T"),
    (r"convnext_small", "ConvNeXt-S"),
    (r"convnext_base", "ConvNeXt-B"),
    (r"convnext_large", "ConvNeXt-L"),
    (r"convnext_xlarge", "ConvNeXt-XL"),
    (r"convnext_large_mlp", "ConvNeXt-L (MLP head)"),
    (r"darts_imagenet", "DARTS"),
    (r"darts", "DARTS (CIFAR)"),
    (r"densenet(\d+)", r"DenseNet-\1"),
    (r"densenet_(\d+)_k(\d+)", r"DenseNet-\1 k=\2"),
    (r"densenet_bc_(\d+)_k(\d+)", r"DenseNet-BC-\1 k=\2"),
    (r"efficientnet_b(\d)", r"EfficientNet-B\1"),
    (r"enas_micro", "ENAS, micro search"),
    (r"fractalnet_(\d+)", r"FractalNet-\1"),
    (r"googlenet", "GoogLeNet"),
    (r"highway_(\d+)", r"Highway-\1"),
    (r"highway_mnist", "Highway (MNIST)"),
    (r"inception_v(\d)", r"Inception-v\1"),
    (r"inception_resnet_v(\d)", r"Inception-ResNet-v\1"),
    (r"lenet5", "LeNet-5"),
    (r"mnasnet_([ab])1", lambda found: f"MnasNet-{found[1].upper()}1"),
    (r"mnasnet_([ab])1_([\d.]+)", lambda found: f"MnasNet-{found[1].upper()}1 {found[2]}\u00d7"),
    (r"mnasnet_small", "MnasNet-small"),
    (r"mobilenet_v1_([\d.]+)_(\d+)", r"MobileNet \1-\2"),
    (r"multi_resnet_(\d+)_k(\d+)_w(\d+)", r"Multi-ResNet-\1 k=\2 w=\3"),
    (r"nasnet_a_(\w+)", r"NASNet-A \1"),
    (r"nin", "NiN"),
    (r"nin_imagenet", "NiN"),
    (r"polynet", "PolyNet"),
    (r"preresnet(\d+)", r"PreResNet-\1"),
    (r"regnetx_([\d.]+)gf", r"RegNetX-\1GF"),
    (r"regnetx_(\d+)mf", r"RegNetX-\1MF"),
    (r"res2net(\d+)_(\d+)w_(\d+)s", r"Res2Net-\1 \2w\3s"),
    (r"res2next(\d+)", r"Res2NeXt-\1"),
    (r"resnet(\d+)", r"ResNet-\1"),
    (r"resnext(\d+)_(\d+)x(\d+)d", "ResNeXt-\\1 \\2\u00d7\\3d"),
    (r"ror3_(\d+)", r"RoR-3-\1"),
    (r"se_bn_inception", "SE-BN-Inception"),
    (r"senet154", "SENet-154"),
    (r"seresnet(\d+)", r"SE-ResNet-\1"),
    (r"seresnext(\d+)_(\d+)x(\d+)d", "SE-ResNeXt-\\1 \\2\u00d7\\3d"),
    (r"shufflenet_v1_g(\d)_([\d.]+)x", "ShuffleNet \\2\u00d7 g=\\1"),
    (r"squeezenet1_(\d)", r"SqueezeNet 1.\1"),
    (r"stochastic_depth_resnet(\d+)", r"ResNet-\1 (stochastic depth)"),
    (r"swin_([tsbl])", lambda found: f"Swin-{found[1].upper()}"),
    (r"swin_([tsbl])_(\d+)", lambda found: f"Swin-{found[1].upper()} @{found[2]}"),
    (r"unet", "U-Net"),
    (r"vgg(\d+)", r"VGG-\1"),
    (r"wrn_?(\d+)_(\d+)", r"WRN-\1-\2"),
    (r"xception(\d*)", lambda found: f"Xception-{found[1]}" if found[1] else "Xception"),
    (r"zfnet", "ZFNet"),
    (r"zfnet_wide_cs231n", "ZFNet (CS231n)"),
)


FAMILIES = {
    "alexnet": "AlexNet",
    "all_cnn": "All-CNN",
    "bn_inception": "BN-Inception",
    "caffenet": "CaffeNet",
    "convnext": "ConvNeXt",
    "darts": "DARTS",
    "densenet": "DenseNet",
    "efficientnet": "EfficientNet",
    "enas": "ENAS",
    "fractalnet": "FractalNet",
    "googlenet": "GoogLeNet",
    "highway": "Highway",
    "inception_resnet": "Inception-ResNet",
    "inception_v3": "Inception-v3",
    "inception_v4": "Inception-v4",
    "lenet": "LeNet",
    "mnasnet": "MnasNet",
    "mobilenet_v1": "MobileNet",
    "multi_resnet": "Multi-ResNet",
    "nasnet_a": "NASNet-A",
    "nin": "NiN",
    "polynet": "PolyNet",
    "preresnet": "PreResNet",
    "regnetx": "RegNetX",
    "res2net": "Res2Net",
    "res2next": "Res2NeXt",
    "resnet": "ResNet",
    "resnext": "ResNeXt",
    "ror3": "RoR",
    "se_bn_inception": "SE-BN-Inception",
    "senet": "SENet",
    "seresnet": "SE-ResNet",
    "seresnext": "SE-ResNeXt",
    "shufflenet_v1": "ShuffleNet",
    "squeezenet": "SqueezeNet",
    "stochastic_depth": "ResNet, stochastic depth",
    "swin": "Swin",
    "unet": "U-Net",
    "vgg": "VGG",
    "wrn": "WRN",
    "xception": "Xception",
    "zfnet": "ZFNet",
}
"""Families by their files in the catalogue, as papers write them."""


@cache
def pretty(name: str) -> str:
    """A catalogue name as papers write it."""
    for suffix, written in {"": "", **SUFFIXES}.items():
        stem = name.removesuffix(suffix) if suffix else name
        if not name.endswith(suffix):
            continue
        for pattern, replacement in RULES:
            if re.fullmatch(pattern, stem):
                return re.sub(pattern, replacement, stem) + written
    return name
