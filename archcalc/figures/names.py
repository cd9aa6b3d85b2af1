"""Names of networks as papers write them: ResNet-50 for `resnet50`. Names without a rule are unchanged."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

SUFFIXES = {"_bn": " BN", "_v1": " v1", "_cifar_projection": " proj.", "_cifar": "", "_torchvision": " (torchvision)"}

RULES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"alexnet", "AlexNet"),
    (r"alexnet_owt", "AlexNet OWT"),
    (r"alexnet_simplified", "AlexNet, one tower"),
    (r"all_cnn_(\w)", lambda part: f"All-CNN-{part[1].upper()}"),
    (r"bn_inception", "BN-Inception"),
    (r"caffenet", "CaffeNet"),
    (r"convnext_tiny", "ConvNeXt-T"),
    (r"convnext_small", "ConvNeXt-S"),
    (r"convnext_base", "ConvNeXt-B"),
    (r"convnext_large", "ConvNeXt-L"),
    (r"convnext_xlarge", "ConvNeXt-XL"),
    (r"convnext_block_example", "ConvNeXt block"),
    (r"darts", "DARTS (CIFAR)"),
    (r"darts_imagenet", "DARTS (ImageNet)"),
    (r"densenet_block_example", "Dense block"),
    (r"depthwise_separable_example", "Depthwise separable convolution"),
    (r"densenet(\d+)", r"DenseNet-\1"),
    (r"densenet_(\d+)_k(\d+)", r"DenseNet-\1 k=\2"),
    (r"densenet_bc_(\d+)_k(\d+)", r"DenseNet-BC-\1 k=\2"),
    (r"efficientnet_b(\d)", r"EfficientNet-B\1"),
    (r"enas_macro", "ENAS, macro search"),
    (r"enas_micro", "ENAS, micro search"),
    (r"fitnet_highway", "Highway FitNet"),
    (r"fractal_of_fractalnet", "Fractal of FractalNet"),
    (r"fractalnet_(\d+)", r"FractalNet-\1"),
    (r"googlenet", "GoogLeNet"),
    (r"highway_(\d+)", r"Highway-\1"),
    (r"highway_mnist", "Highway network (MNIST)"),
    (r"inception_naive_example", "Na\u00efve Inception module"),
    (r"inception_block_v2_1", "Inception-v2 block I"),
    (r"inception_v(\d)", r"Inception-v\1"),
    (r"inception_resnet_v(\d)", r"Inception-ResNet-v\1"),
    (r"lenet5", "LeNet-5"),
    (r"lenet_caffe", "LeNet (Caffe)"),
    (r"mnasnet_a1", "MnasNet-A1"),
    (r"mnasnet_b1", "MnasNet-B1"),
    (r"mobilenet_v1_([\d.]+)_(\d+)", r"MobileNet \1-\2"),
    (r"multi_resnet_(\d+)_k(\d+)_w(\d+)", r"Multi-ResNet-\1 k=\2 w=\3"),
    (r"nasnet_a_cifar", "NASNet-A CIFAR"),
    (r"nasnet_a_(\w+)", r"NASNet-A \1"),
    (r"nin", "NiN"),
    (r"nin_imagenet", "NiN"),
    (r"plain(\d+)", r"Plain-\1"),
    (r"polynet", "PolyNet"),
    (r"polynet_2way_module", "PolyNet 2-way module"),
    (r"preresnet(\d+)", r"PreResNet-\1"),
    (r"regnetx_([\d.]+)gf", r"RegNetX-\1GF"),
    (r"regnetx_(\d+)mf", r"RegNetX-\1MF"),
    (r"regnetx_block_s(\d)", r"RegNetX block, stride \1"),
    (r"res2next(\d+)", r"Res2NeXt-\1"),
    (r"ror3_(\d+)", r"RoR-3-\1"),
    (r"res2net(\d+)_(\d+)w_(\d+)s", r"Res2Net-\1 \2w\3s"),
    (r"resnet(\d+)", r"ResNet-\1"),
    (r"resnext(\d+)_(\d+)x(\d+)d", "ResNeXt-\\1 \\2\u00d7\\3d"),
    (r"se_bn_inception", "SE-BN-Inception"),
    (r"senet154", "SENet-154"),
    (r"seresnet(\d+)", r"SE-ResNet-\1"),
    (r"seresnext(\d+)_(\d+)x(\d+)d", "SE-ResNeXt-\\1 \\2\u00d7\\3d"),
    (r"shufflenet_v1_g(\d)_([\d.]+)x", "ShuffleNet \\2\u00d7 g=\\1"),
    (r"spatial_transformer", "Spatial transformer network"),
    (r"squeeze_excite_example", "Squeeze-and-excitation unit"),
    (r"stochastic_depth_resnet(\d+)", r"ResNet-\1, stochastic depth"),
    (r"swin_block_example", "Swin block"),
    (r"squeezenet1_(\d)", r"SqueezeNet 1.\1"),
    (r"swin_t", "Swin-T"),
    (r"swin_s", "Swin-S"),
    (r"swin_b", "Swin-B"),
    (r"swin_l", "Swin-L"),
    (r"swin_b_384", "Swin-B @384"),
    (r"swin_l_384", "Swin-L @384"),
    (r"unet", "U-Net"),
    (r"vgg(\d+)", r"VGG-\1"),
    (r"wrn_?(\d+)_(\d+)", r"WRN-\1-\2"),
    (r"xception", "Xception"),
    (r"xception(\d+)", r"Xception-\1"),
    (r"zfnet", "ZFNet"),
    (r"zfnet_wide_cs231n", "ZFNet, wide (CS231n)"),
)


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
