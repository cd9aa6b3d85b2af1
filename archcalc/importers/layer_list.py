'''Layer lists: networks written down as text, one line for each layer, without a line of code.

A layer list is a TOML file, or the same in YAML, below. `layers` has a line for each layer, in the notation of
archcalc's tables:

```toml
name = "mine"
input = "3x32x32"
width = 64
classes = 10
layers = """
conv1: conv width 3x3 p1 nobias, bn, relu
pool1: maxpool 2x2
a:     conv width 1x1             # branches by name
b:     conv width 3x3 p1 < pool1
cat:   concat < a, b
short: conv 2*width 1x1 < pool1
sum:   add < cat, short
fc:    gap, flatten, linear classes
"""
```

Every number and every formula can be asked of it as of a network of the catalogue; `width` and `classes` are its
hyperparameters, which `--set width=32` changes. It is data: nothing in it is run.

**The file.** `input` is the shape of the input, channels first: `"3x32x32"`, `"64x1000"` for a sequence, `"784"` for a
vector, or a list, `[3, 32, 32]`. Several inputs have names: `input = {image = "3x32x32", mask = "1x32x32"}`. `layers`
is a text of lines or a list of them. `outputs`, labels such as `"fc, aux"`, is needed only where there are several
outputs; otherwise the last line is the output. `name` and `summary` are optional. Every other key with a number, true
or false is a hyperparameter. `[blocks.NAME]` is a block, below.

**A line** is `label: layer, layer, ... < inputs   # comment`. The layers follow each other, and a convolution, linear
layer, pool or merge with the norms and activations after it is one row of the table. Without `<` a line continues the
line before; `< a, b` names other inputs, by the labels of lines before it or the name of an input (`input` where there
is one). A label is a name; a line without one is called by its layer's word and a number: conv1, conv2, maxpool1. A
line with several rows puts its label before theirs: fc.gap, fc.linear.

**A layer** is a word and its fields, in their order or as `field=value`. Kernel, stride, padding, dilation and groups
are written as in a table: `conv 64 7x7/2 p3 d2 g32`, or with spaces, `/2`. Numbers for each axis are joined by x:
`3x5`, `/2x1`, `p1x2`; `p0:1x0:1` pads only below and on the right. `same` is TensorFlow's padding, `valid` none. `ceil`
lets a pool round up. A switch is set by its name and cleared by `no` before it: `nobias`, `noaffine`.

| words | fields |
| :--- | :--- |
| conv; convtranspose, deconv, upconv | out kernel, `/`stride, `p`adding, `d`ilation, `g`roups, nobias; output_padding |
| depthwise, dwconv | kernel, `/`stride ...; times=2: outputs for each channel |
| maxpool; avgpool | kernel, `/`stride (or the kernel's size), `p`adding, ceil; `d`ilation; nocount_include_pad |
| globalavgpool, gap; adaptiveavgpool; subsampling | -; size; kernel |
| linear, fc, dense; radialbasis | out, nobias; out |
| batchnorm, bn; localresponsenorm, lrn | noaffine; size |
| layernorm, ln; channelscale | on maps: channels_first or channels_last |
| relu, relu6, sigmoid, tanh, silu, swish, gelu, hardswish, hardsigmoid, softmax, complement | - |
| dropout; scale | probability; factor |
| flatten, channelsfirst, channelslast, patchmerging | - |
| zeropad; crop | `p`adding, or top= bottom= left= right= front= back=; channels_after=16 |
| slice; channelshuffle, shuffle; subsample | start stop; groups; stride |
| add; concat, cat; multiply, mul | labels of further inputs: `conv 64 3x3 p1, bn, add input, relu` |
| windowattention | heads side shift |

The words are the ops of `archcalc.ops` in lower case, whose documentation has every field; other spellings are above.

**A number** may be a sum or product of numbers and hyperparameters, without spaces: `2*width`, `width/4`, `classes+1`.
`/` rounds down, and so does what remains of a real number: with `scale = 0.75`, `64*scale` is 48.

**A block** is a part of a network with a name. Its keys other than `layers` are parameters with defaults:

```toml
[blocks.basic]
width = 16
stride = 1
layers = """
a: conv width 3x3 /stride p1 nobias, bn, relu
b: conv width 3x3 p1 nobias, bn
   add input, relu
"""
```

A line calls it as a layer: `group2: basic 32 stride=2`, and repeats it with a number after ` * `: `basic width * 3`,
whose rows are group2.1.a, group2.1.b, ... In a block `input` is its input, labels are its own, and hyperparameters
of the file can be used. Blocks may use blocks, up to 20 within one another.

**In YAML** (`.yaml`, `.yml`; `pip install 'archcalc[yaml]'`) the keys are the same, and lines stand in a block, in a
list, or by their labels:

```yaml
input: 3x32x32
width: 64
blocks:
  basic:
    stride: 1
    layers:
      - conv width 3x3 /stride p1 nobias, bn, relu
layers: |
  stem: conv width 3x3 p1, bn, relu
  basic stride=2 * 3
  gap, flatten, linear 10
```

Without quotes only decimal numbers, true and false are no texts. Keys stand once; anchors, aliases, tags are refused.

Limits: 2 MB (YAML: 200 kB), 2,000 characters in a line, 100,000 layers.
'''

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import nearest, shown
from archcalc.base.text_files import parsed_toml
from archcalc.graph import Network
from archcalc.graph.network import Builder
from archcalc.importers.described import LARGEST, DescribedBuilder, check_text, list_of, network_of, table_of
from archcalc.importers.layer_lines import INPUT, LABEL, LONGEST_LINE, LineSource, read_lines
from archcalc.importers.layer_program import ListedBlock, ListedProgram
from archcalc.importers.layer_words import find_op

MOST = 2_000_000
"""The most characters of a TOML file; tomllib needs seconds for more."""
OWN = ("name", "summary", "input", "layers", "outputs", "blocks")
"""Keys of a file; every other is a hyperparameter."""
RESERVED = ("in_channels", "batch", "dtype", "network", "convention")
"""Names of settings that every network has."""


FirstLine: TypeAlias = Callable[[str], int]
"""Returns the number of the first line of a text in its file."""
Form: TypeAlias = Literal["toml", "yaml", "keras", "caffe"]


def read_layers(text: str, *, name: str, form: Form, input: Sequence[int] | None = None) -> Network:
    """The network that a text describes: a layer list in TOML or YAML, Keras' `model.to_json()`, or a Caffe prototxt.

    `name` is the network's name unless a layer list has its own. `input`, channels first, is the shape of the input
    where the text leaves it open. Nothing in the text is run. Raises ArchcalcError naming the line or the layer and
    the rule for every fault; `about` is "input" where a shape is missing.

    >>> from archcalc import analyze
    >>> from archcalc.importers.layer_list import read_layers
    >>> text = 'input = "3x32x32"\\nlayers = ["conv 16 3x3 p1, relu", "gap, flatten, linear 10"]'
    >>> analyze(read_layers(text, name="small", form="toml")).totals.params
    618
    """
    from archcalc.importers.keras import read_keras
    from archcalc.importers.prototxt import read_prototxt

    readers = {"toml": read_toml, "yaml": read_yaml, "keras": read_keras, "caffe": read_prototxt}
    if form not in readers:
        raise ArchcalcError(f"{name}: a description of layers is one of {', '.join(readers)}, not {shown(form)}")
    given = None if input is None else _shape([*input], name)
    network = readers[form](text, name, given)
    if isinstance(network.builder, DescribedBuilder):
        network.builder.origin = (_builder, (text, name, form, given))
    return network


def _builder(text: str, name: str, form: Form, input: Sequence[int] | None) -> Builder:
    """The function that builds the network of a text, for a process that is sent the network."""
    return read_layers(text, name=name, form=form, input=input).builder


def read_toml(text: str, name: str, shape: tuple[int, ...] | None = None) -> Network:
    """The network of a layer list, on an input of `shape` if it names none.

    Raises ArchcalcError with the line for every fault.
    """
    text = check_text(name, text, MOST).replace("\r\n", "\n")
    return _listed(parsed_toml(text, name, LONGEST_LINE), lambda layers: _line_of(layers, text), name, shape)


def read_yaml(text: str, name: str, shape: tuple[int, ...] | None = None) -> Network:
    """The network of a layer list in YAML, on an input of `shape` if it names none.

    Raises ArchcalcError with the line for every fault, and MissingTool without PyYAML.
    """
    from archcalc.importers import layer_yaml

    values, lines = layer_yaml.parsed_yaml(check_text(name, text, layer_yaml.MOST), name)
    return _listed(values, lambda layers: lines.get(layers, 1), name, shape)


def _listed(given: Mapping[str, Any], first_line: FirstLine, name: str, shape: tuple[int, ...] | None) -> Network:
    """The network of the keys of a layer list. Raises ArchcalcError for every fault."""
    name = _text(given, "name", name) or name
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_LINE:
        raise ArchcalcError(f"a layer list's name is one line of text, not {shown(name)}", about="name")
    inputs = _inputs(given.get("input", None if shape is None else [*shape]), name)
    blocks = table_of(given.get("blocks", {}))
    if blocks is None:
        raise ArchcalcError(f"{name}: blocks are tables, [blocks.NAME], not {shown(given['blocks'])}")
    parameters = {key: _parameters(key, value, name) for key, value in blocks.items()}
    settings = _numbers({key: value for key, value in given.items() if key not in OWN}, name, OWN)
    used: set[str] = set()
    called = {key: tuple(each) for key, each in parameters.items()}
    lines, first = _lines(first_line, given.get("layers"), name)
    main = LineSource(name, lines, first, tuple(inputs), settings, called)
    built = {
        key: ListedBlock(
            parameters[key], read_lines(_block_source(first_line, name, key, value, settings, called), used)
        )
        for key, value in blocks.items()
    }
    sentences = read_lines(main, used)
    labels = [*inputs, *[label for each in sentences for label in each.labels]]
    program = ListedProgram(tuple(inputs), sentences, built, _outputs(given.get("outputs"), labels, name))
    idle = next((key for key in settings if key not in used), None)
    if idle is not None:
        near = nearest(idle, OWN)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ArchcalcError(f"{name}: no line uses the hyperparameter {shown(idle)}{hint}")
    return network_of(name, inputs, program, settings, _text(given, "summary", name))


def _text(given: Mapping[str, Any], key: str, name: str) -> str:
    value = given.get(key, "")
    if not isinstance(value, str):
        raise ArchcalcError(f"{name}: {key} is a text, not {shown(value)}")
    return value


def _inputs(given: Any, name: str) -> dict[str, tuple[int, ...]]:
    """The shapes of the inputs by their names. Raises ArchcalcError for what is no shape."""
    if given is None:
        raise ArchcalcError(f'{name}: it needs the shape of its input, such as input = "3x32x32"', about="input")
    each = table_of(given)
    each = {INPUT: given} if each is None else each
    wrong = next((key for key in each if not re.fullmatch(LABEL, key)), None)
    if wrong is not None or not 1 <= len(each) <= 100:
        raise ArchcalcError(f"{name}: inputs have names, 1 to 100 of them, not {shown(wrong or '')}", about="input")
    return {key: _shape(value, name) for key, value in each.items()}


def _shape(given: Any, name: str) -> tuple[int, ...]:
    sizes: list[Any] = list_of(given) or []
    if isinstance(given, str) and re.fullmatch(r"\d{1,7}(x\d{1,7}){0,3}", given, re.ASCII):
        sizes = [int(size) for size in given.split("x")]
    if not 1 <= len(sizes) <= 4 or not all([type(size) is int and 1 <= size <= LARGEST for size in sizes]):
        said = f'an input is channels and sizes, such as "3x32x32", not {shown(given)}'
        raise ArchcalcError(f"{name}: {said}", about="input")
    return tuple(sizes)


def _parameters(block: str, given: Any, name: str) -> dict[str, Any]:
    """The parameters of a block with their defaults. Raises ArchcalcError for what is no block."""
    if not re.fullmatch(LABEL, block) or find_op(block) is not None:
        raise ArchcalcError(f"{name}: a block has a name that no layer has, not {shown(block)}")
    table = table_of(given)
    if table is None:
        raise ArchcalcError(f"{name}: the block {block} is a table with layers, not {shown(given)}")
    own = {key: each for key, each in table.items() if key != "layers"}
    return _numbers(own, f"{name}, block {block}", ("layers",))


def _numbers(given: Mapping[str, Any], place: str, known: Sequence[str]) -> dict[str, Any]:
    """Hyperparameters. Raises ArchcalcError for a value that is no number, true or false, with the nearest key."""
    for key, value in given.items():
        if key in RESERVED or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key):
            raise ArchcalcError(f"{place}: a hyperparameter cannot be called {shown(key)}")
        if type(value) not in (int, float, bool) or not -LARGEST <= value <= LARGEST:
            near = nearest(key, known)
            hint = f"; did you mean {near[0]}?" if near else ""
            said = f"{key} is a hyperparameter: a number up to {LARGEST}, true or false, not {shown(value)}{hint}"
            raise ArchcalcError(f"{place}: {said}")
    return dict(given)


def _block_source(
    first_line: FirstLine,
    name: str,
    key: str,
    value: Any,
    settings: Mapping[str, Any],
    called: Mapping[str, Sequence[str]],
) -> LineSource:
    """The lines of a block, which read its parameters and the hyperparameters of the file."""
    place = f"{name}, block {key}"
    lines, first = _lines(first_line, value.get("layers"), place)
    return LineSource(place, lines, first, (INPUT,), {*settings, *called[key]}, called)


def _line_of(layers: str, text: str) -> int:
    """The number of the first line of a text of layers in a TOML file, or 1 where the file writes it in another way."""
    at = text.find(layers) if layers.strip() else -1
    return 1 + text.count("\n", 0, at) if at >= 0 else 1


def _lines(first_line: FirstLine, given: Any, place: str) -> tuple[list[str], int]:
    """Lines and the number of the first in the file."""
    given = _by_label(given)
    each = list_of(given)
    if each is not None and all([isinstance(line, str) for line in each]):
        return [line.replace("\n", " ") for line in each], 1
    if not isinstance(given, str):
        what = "it has none" if given is None else f"not {shown(given)}"
        raise ArchcalcError(f"{place}: layers are a text with a line for each, or a list of lines; {what}")
    return given.split("\n"), first_line(given)


def _by_label(given: Any) -> Any:
    """Layers as a list of lines where they stand by their labels, as YAML reads `- stem: conv 16 3x3`."""
    table = table_of(given)
    each: Any = [given] if table else list_of(given)
    if each is None:
        return given
    tables = [table_of(line) for line in each]
    return [
        part
        for line, table in zip(each, tables, strict=True)
        for part in ([line] if table is None else [_labelled(label, text) for label, text in table.items()])
    ]


def _labelled(label: str, text: Any) -> Any:
    """A line with its label."""
    return f"{label}: {text}" if isinstance(text, str) else {label: text}


def _outputs(given: Any, labels: Sequence[str], name: str) -> tuple[str, ...]:
    if given is None:
        return ()
    each = [label.strip() for label in given.split(",")] if isinstance(given, str) else list_of(given)
    if not each or not all([isinstance(label, str) for label in each]):
        raise ArchcalcError(f'{name}: outputs are labels, such as "fc, aux", not {shown(given)}')
    lost = next((label for label in each if label not in labels), None)
    if lost is not None:
        near = nearest(lost, labels)
        hint = f"; nearest: {', '.join(near)}" if near else ""
        raise ArchcalcError(f"{name}: the output {shown(lost)} is no line's label{hint}")
    return tuple(each)
