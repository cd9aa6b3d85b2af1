"""Explanations of the numbers: definitions of the words in tables, and paragraphs on counts and accuracies."""

WORDS = {
    "operation": "Kind, kernel, / stride, p padding, d dilation, g groups; dw: depthwise.",
    "output": "Channels x height x width, for one image.",
    "activations": "Elements of a layer's output. The total has the input and every convolution, pool, linear layer "
    "and merge once; normalisation and activation functions work in place.",
    "memory": "Bytes of the output in float32.",
    "params": "Learnable values: weights, biases, scale and shift of normalisation. Running statistics are not among "
    "them, nor are auxiliary heads unless the network's name says so.",
    "mult-adds": "Multiply-accumulates of convolutions, linear layers and matrix products, one each, for one image. "
    "Taps on zero padding count; biases, normalisation, activation functions and pooling do not. This is how papers "
    "count; tools count otherwise, which `archcalc conventions` lists and `archcalc reconcile` explains.",
    "field": "Receptive field: input positions that one unit sees, not clipped to the input. Whole: every unit "
    "sees the whole input, because of a global pool, a linear layer or a gate (squeeze-and-excitation). Varies: the "
    "windows of units differ, as those of window attention do, so that no one size holds. In parentheses the field "
    "without such branches.",
    "peak": "The largest sum of tensors alive at once when the network runs in its written order.",
    "saved for backward": "Activations that PyTorch's autograd saves for the backward pass, parameters excluded.",
    "weight layers": "Convolutions and linear layers on the longest path: the number in a network's name.",
    "closed form": "A cost as a polynomial in the input size, exact on the residue class of sizes that is given with "
    "it; in between, other polynomials hold (`archcalc formula NAME --exact` has all).",
}

NUMBERS = (
    "Every number follows from the layers' formulas; no network was run for it. Counts are for one image at the input "
    "size that is given. K, M and G are decimal: thousand, million and billion. Each network is a transcription of its "
    "paper's table or of its authors' code."
)

ACCURACIES = (
    "Accuracies are others', read from the sources that the captions name; every cost is computed here. Networks with "
    "filled marks share one training recipe, so that networks are compared and not their training; open marks are of "
    "networks that were trained otherwise."
)

PRINTED = (
    "Numbers that the documents print, each compared with what follows from the layers. A number holds under another "
    "reading if another plausible variant, way of counting, unit or input size gives it."
)

VALIDATED = (
    "`archcalc validate` runs the networks as PyTorch models and compares. A cell is the number of figures that were "
    "compared and agree; \u2013: the check does not apply, for the reason given with the network."
)
