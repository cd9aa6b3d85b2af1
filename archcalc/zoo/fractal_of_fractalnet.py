"""Fractal of FractalNet: Smith & Topin, "Deep Convolutional Neural Network Design Patterns", arXiv:1611.00847.

FractalNet's expansion rule applied to FractalNet modules (document 002 shows the figure, which has no numbers). What
follows are the numbers of the authors' Caffe network for CIFAR-10 (FoF.prototxt). The outer fractal has three columns:
four modules with 64, 128, 256 and 512 channels, two with 128 and 512, one with 512. Each module is a fractal block of
three columns as FractalNet's code generates it: convolutions with biases, batch norm without learnt values, mean joins.
A module that stands for one, two or four of the first column's modules ends with as many 2x2 max pools, on each of its
columns before their join, so that all columns are equally small where they meet. A linear layer classifies the 2x2 map
that is left of 32x32. The shortest path has one convolution, the longest sixteen.

Deviations: dropout (from 0 to 30 %, without a rule) and drop-path, which are for training only, are left out.
"""

from archcalc.graph import Value, Whole, block, row
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.zoo import CLASSES, Family, Reference, Variant
from archcalc.zoo.fractalnet import fractal, fractal_block

TABLE = (64, 128, 256, 512)  # channels of a module that ends on the first, second ... level of the outer fractal


def fractal_of_fractalnet(x: Value, columns: int = 3, classes: int = 10) -> Value:
    outer = 3

    def module(x: Value, level: int, span: int) -> Value:
        name = f"column{outer + 1 - span.bit_length()}.module{level // span}"
        return block(name, fractal_block, x, columns, TABLE[level - 1], caffe=True, pools=span)

    x = fractal(x, outer, module)
    return row("prediction", x, Flatten(), Linear(classes))


FAMILIES = (
    Family(
        title="Deep Convolutional Neural Network Design Patterns",
        authors="Smith & Topin",
        year=2016,
        source="arXiv:1611.00847",
        documents=("002",),
        build=fractal_of_fractalnet,
        hyperparameters={"columns": Whole(1, 9, "columns of each module"), "classes": CLASSES},
        variants={"fractal_of_fractalnet": Variant("7 modules, CIFAR", (3, 32, 32))},
        references={"fractal_of_fractalnet": Reference("account", "fractal_of_fractalnet")},
    ),
)
