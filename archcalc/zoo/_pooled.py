"""Networks up to their pooled features: what is left of a network whose classifier has 0 outputs, as in timm."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, final

from archcalc.base.errors import ArchcalcError
from archcalc.graph import Value
from archcalc.ops.linear import Linear, RadialBasis
from archcalc.ops.pointwise import Softmax


@final
class UpToFeatures:
    """The function that builds a family, for which `classes=0` leaves the last layer out.

    All before it stays, as in timm: the last pool, norms and dropout, a last convolution (EfficientNet), and hidden
    fully connected layers (fc6 and fc7 of AlexNet and VGG).
    """

    def __init__(self, build: Callable[..., Value | tuple[Value, ...]]) -> None:
        update_wrapper(self, build)
        self._build = build

    def __call__(self, *inputs: Value, **given: Any) -> Any:
        """The outputs. Raises ArchcalcError for a network that has no classifier to leave out, or several."""
        classes = given.get("classes")
        if type(classes) is not int or classes != 0:
            return self._build(*inputs, **given)
        built = self._build(*inputs, **given | {"classes": 1})
        output, *heads = built if isinstance(built, tuple) else (built,)
        if heads:
            said = "classes=0 leaves out the classifier, but auxiliary ones need classes: aux=false"
            raise ArchcalcError(f"{inputs[0].graph.name}: {said}", about="hyperparameters.classes")
        return _features(output)


def _features(output: Value) -> Value:
    """What the last layer reads; operations before it that stand in its row get into the row before."""
    graph, last = output.graph, output.graph.nodes[output.index]
    if isinstance(last.op, Softmax):  # of the classes' scores
        graph.take_back()
        return _features(Value(graph, last.inputs[0], graph.nodes[-1].shape))
    if not isinstance(last.op, (Linear, RadialBasis)) or output.index != len(graph.nodes) - 1:
        raise ArchcalcError(f"{graph.name} does not end in a fully connected layer, which classes=0 leaves out")
    graph.take_back()
    (place,) = last.inputs
    features = Value(graph, place, graph.nodes[place].shape)
    label = last.row
    moved: list[int] = []
    while graph.nodes[place].row == label:
        moved.append(place)
        place = graph.nodes[place].inputs[0]
    for index in moved:
        graph.nodes[index] = graph.nodes[index]._replace(row=graph.nodes[place].row)
    return features
