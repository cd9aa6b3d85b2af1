"""Random messages, drawn from the descriptors of the contract; and what a request may be answered with."""

from __future__ import annotations

from random import Random
from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import FieldDescriptor

from archcalc.v1 import archcalc_pb2 as contract

PROPER = {
    "OK", "INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION", "OUT_OF_RANGE", "RESOURCE_EXHAUSTED",
    "DEADLINE_EXCEEDED",
}  # fmt: skip
"""What a request of any kind may be answered with; never UNKNOWN or INTERNAL."""

NUMBERS = (0, 1, 2, 3, 5, 11, 32, 224, 299, -1, 10**6, 10**6 + 1, 2**31 - 1, 2**31, 2**62, 2**63 - 1, -(2**63))
NAMES = ("vgg16", "LeNet-5", "resnet18", "mobilenet_v1_0.5_160", "unet", "swin_t", "anynet_a", "googlenet", "lenet5")
TEXTS = (
    *("", " ", "vgg61", "cpu", "meta", "cuda:99", "full", "3", "true", "width", "depth", "classes", "input", "name"),
    *(
        "0.5",
        "mult_adds",
        "torch",
        "fvcore",
        "H",
        "S",
        "params",
        "H=224",
        "2*h + 1",
        "((((",
        "9**9**9**9",
        "1e999",
        "-1",
    ),
    *("../../etc/passwd", "/dev/zero", "__import__('os')._exit(1)", "{0.__class__}", "%s%n", "\0", "é\U0001f600"),
    *("[a-", "*?*", "x" * 10_000, "9" * 5000, "os.system('true')", "\n\r\t", "$(reboot)", "lambda: 0", "NaN", "inf"),
)
WORDS = {
    "architecture": (*NAMES, "resnet50", "vgg16"),
    "axes.name": ("size", "width", "classes", "stem", "w1", "d2", "height"),
    "axes.text": ("32..64:16", "0.25..1:0.25", "8..64 log 2", "10,20", "7x7,deep", "1..9", "64", "0..9"),
    "convention": ("fvcore", "torchinfo", "ptflops", "canziani2017", "bianco2018", "thop", "netscope"),
    "dataset": ("imagenet", "cifar10", "cifar100"),
    "device": ("cpu", "meta", "cuda", "t4", "a100-40gb", "a100"),
    "document": ("000", "001", "002", "003", "004"),
    "to": ("fvcore", "thop", "paper"),
    "fields.key": ("out", "kernel", "stride", "padding", "groups", "bias", "dilation", "ceil"),
    "hyperparameters.key": ("classes", "width", "depth", "aux", "batch_norm", "growth_rate", "in_channels"),
    "id": ("C0001", "C0185", "C0500", "C0751"),
    "kind": ("accuracy", "accuracy-params", "profile", "types", "sizes", "field", "ilsvrc", "years", "density"),
    "variable": ("size", "width", "depth", "batch", "classes", "growth", "k", "cardinality"),
    "layer": ("total", "conv1_1", "conv1", "fc", "fc8", "pool1", "conv5_3", "conv2_1"),
    "name": (*NAMES, "resnet50", "densenet121", "mobilenet_v1", "wrn_40_1"),
    "number": ("3.8G", "138M", "25.6M", "1.5B", "560M", "427", "4.089G"),
    "op": ("conv", "linear", "max_pool", "relu", "add", "concat", "flatten", "batch_norm", "global_avg_pool"),
    "open_levels": ("", "full", "1", "2"),
    "pattern": ("resnet", "vgg*", "*", "res?et50"),
    "quantities": ("mult_adds", "params", "activation_sum", "peak_inference_bytes"),
    "quantity": ("mult_adds", "params", "output_shape", "receptive_field", "activations", "memory_bytes"),
    "recipe": ("canziani2016", "paper", "torchvision_v1", "timm"),
    "row": ("conv1", "conv2", "pool", "fc", "input"),
    "space.constraints": ("size >= 32", "w1 <= w2", "w2 % 8 == 0", "classes > 5"),
    "space.name": ("anynet_a", "anynet_d", "regnetx", "darts", "enas_macro"),
    "space.network": ("lenet5", "resnet18", "mobilenet_v1", "vgg11"),
    "space.toml": (
        'network = "resnet18"\n[axes]\nsize = "32..64:16"\n',
        'model = "net.py:build"\n[axes]\nsize = [32]\n',
        'network = "lenet5"\n[axes]\nclasses = {from = 1, to = 64, log = 2}\n[settings]\nin_channels = 3\n',
    ),
    "start": ("paper", "torch", "calflops"),
    "symbols": ("H", "W", "S", "C", "K", "N", "width", "depth"),
    "targets.name": ("mult_adds", "params", "receptive_field", "peak_inference_bytes", "training_step_bytes"),
    "text": ("2*h*w", "83410944*h*w + 2048000", "49*h + 1", "16*h**2"),
    "train_from": ("conv1", "fc", "fc8", "layer4", "stage1", "head", "conv5_3"),
    "tools": ("fvcore", "ptflops", "thop@reference", "xla"),
    "value.text": ("300M", "3G", "25M", "427", "resnet50", "224", "0.5"),
    "values.key": ("H", "W", "S", "C", "K", "N"),
    "verdict": ("exact", "wrong", "contradicted"),
    "where": ("mult_adds < 400M", "params > 1M", "params < 30M and mult_adds > 1M"),
}
"""Words that a field of text may well hold; otherwise those above are given."""
LIKELY = (0, 1, 2, 3, 10, 16, 32, 64, 100, 224, 225, 256, 299, 1000)
REALS = (0.0, -0.0, 0.25, 1.0, 1e308, -1e308, float("inf"), float("nan"), 5e-324)
FILES = (
    b"",
    b"\0",
    b'input = "3x8x8"\nwidth = 4\nlayers = ["conv width 3x3 p1, relu", "gap, flatten, linear 10"]',
    b'name: "n" input: "d" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8 '
    b'layer { name: "c" type: "Convolution" bottom: "d" top: "c" convolution_param { num_output: 4 kernel_size: 3 } }',
    b'{"class_name": "Sequential", "config": {"layers": []}}',
    b"PK\x05\x06" + b"\0" * 18,
    b"\x08\x07\x3a\x02\x0a\x00",
)
"""Contents of files of networks, some of which are none."""
OPTIONAL = (
    *("input", "hyperparameters", "convention", "page_token", "multiple_of", "dataset", "recipes", "names"),
    *("training", "train_from", "device"),
)
"""Fields that a likely request rarely has."""
RULES: Any = descriptor_pool.Default().FindExtensionByName("buf.validate.field")
DEEPEST = 6
KEY: Any = contract.Network.DESCRIPTOR.fields_by_name["hyperparameters"].message_type.fields_by_name["key"]
"""The key of a map: a text."""


def number(random: Random, field: FieldDescriptor, likely: bool) -> int:
    if field.name == "count":  # a validation of very many has no end
        return random.choice((-1, 0, 1, 2**63 - 1))
    if field.name == "draws":  # nor has a sweep in which no point fulfils the conditions
        return random.choice((-1, 0, 1, 100, 1000, 2**63 - 1)) if not likely else random.choice((1, 100))
    if likely:
        return min(max(random.choice(LIKELY), bound(field, "gte", 0)), bound(field, "lte", 2**31 - 1))
    return random.choice(NUMBERS) if random.random() < 0.8 else random.randint(-(2**63), 2**63 - 1)


def bound(field: FieldDescriptor, name: str, otherwise: int) -> int:
    """The bound of a whole number, or of the items of a list, as the contract states it."""
    rules = field.GetOptions().Extensions[RULES]
    rules = rules.repeated.items if field.is_repeated else rules
    kind = "int32" if field.type == FieldDescriptor.TYPE_INT32 else "int64"
    return getattr(getattr(rules, kind), name) if getattr(rules, kind).HasField(name) else otherwise


def scalar(random: Random, field: FieldDescriptor, within: str, likely: bool) -> Any:
    """A value for a field without parts, `within` a message that stands in a field of that name."""
    if field.enum_type is not None:
        return random.choice([*field.enum_type.values_by_number, *(() if likely else (99, -1))])
    if field.type == FieldDescriptor.TYPE_BOOL:
        return random.random() < 0.5
    if field.type == FieldDescriptor.TYPE_DOUBLE:
        return random.choice(REALS)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return random.choice(FILES) if random.random() < 0.7 else spoilt(random, random.choice(FILES))
    if field.type == FieldDescriptor.TYPE_STRING:
        known = WORDS.get(
            f"{within}.{field.name}", WORDS.get(field.name.removesuffix("s"), WORDS.get(field.name, TEXTS))
        )
        return random.choice(known if random.random() < (0.95 if likely else 0.6) else TEXTS)
    given = number(random, field, likely)
    return max(-(2**31), min(2**31 - 1, given)) if field.type == FieldDescriptor.TYPE_INT32 else given


def left_out(random: Random, field: FieldDescriptor, depth: int, likely: bool) -> bool:
    if field.name in ("name", "network", "draws"):
        return False
    if field.name in ("graph", "file"):  # one network in five is a graph of the client's own, and one a file
        return random.random() < 0.8
    if not likely:
        return random.random() < 0.35 + 0.15 * depth
    number = field.type not in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_MESSAGE)
    optional = field.containing_oneof is None and (number or field.name in OPTIONAL)
    return random.random() < (0.85 if optional else 0.1)


def fill(random: Random, message: Any, depth: int = 0, within: str = "", likely: bool = False) -> Any:
    """A message with random fields; a likely one has few that need not be there, and values that may well be meant."""
    fields = [field for field in message.DESCRIPTOR.fields if not left_out(random, field, depth, likely)]
    if likely and message.DESCRIPTOR.name == "Value":
        fields = [field for field in fields if field.name in ("text", "whole")]
    random.shuffle(fields)  # so that each of a oneof is the first now and then
    for field in fields:
        if field.is_repeated:
            for _ in range(random.choice((0, 1, 1, 2, 3))):
                add(random, field, getattr(message, field.name), depth, within, likely)
        elif field.containing_oneof is not None and message.WhichOneof(field.containing_oneof.name) is not None:
            continue
        elif field.message_type is None:
            setattr(message, field.name, scalar(random, field, within, likely))
        elif depth < DEEPEST:
            fill(random, getattr(message, field.name), depth + 1, field.name, likely)
    return message


def add(random: Random, field: FieldDescriptor, held: Any, depth: int, within: str, likely: bool) -> None:
    """Put one more value into a repeated field, or into a map."""
    if field.message_type is None:
        held.append(scalar(random, field, within, likely))
    elif depth < DEEPEST:
        is_map = field.message_type.GetOptions().map_entry
        part = held[scalar(random, KEY, field.name, likely)] if is_map else held.add()
        fill(random, part, depth + 1, field.name, likely)


def spoilt(random: Random, raw: bytes) -> bytes:
    """Bytes with some of them changed, left out or put in."""
    content = bytearray(raw or b"\0")
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(content) + 1)
        kind = random.random()
        if kind < 0.5 and at < len(content):
            content[at] = random.randrange(256)
        elif kind < 0.75:
            del content[at : at + random.randint(1, 4)]
        else:
            content[at:at] = random.randbytes(random.randint(1, 4))
    return bytes(content)
