"""Plots along the layers: fields never fall and end where they vary; what a profile says of a half fits its place."""

import pytest

from archcalc import analyze
from archcalc.figures import Plot, field, gather, profile, style


def growth(name):
    return gather(Plot("field", (name,))).networks[0]


@pytest.mark.parametrize("name", ["fractal_of_fractalnet", "nasnet_a_mobile", "shufflenet_v1_g3_1.0x", "inception_v3"])
def test_a_line_of_fields_never_falls_and_ends_at_the_largest(name):
    sizes = [size for _, _, size in growth(name).steps]
    assert sizes == sorted(sizes)
    seen = [layer.receptive_field for layer in analyze(name).layers]
    assert sizes[-1] == max(max(each.size) for each in seen if each.size is not None)


@pytest.mark.parametrize("name", ["swin_t", "swin_s"])
def test_a_line_ends_where_a_table_of_fields_says_varies(name):
    """The last field of the line is the last that the table gives as a size, before the first that varies."""
    layers = analyze(name).layers
    first = next(i for i, layer in enumerate(layers) if layer.receptive_field.irregular)
    own = growth(name)
    assert own.varies
    assert own.steps[-1][2] == max(layers[first - 1].receptive_field.size) == 4
    assert any("4, then varies" in each for each in texts_of_fields(name))


def texts_of_fields(name):
    with style.styled():
        figure = field.draw(gather(Plot("field", (name,))))
    return [each.get_text() for each in figure.texts]


def test_gates_and_pools_are_no_windows_that_vary():
    for name in ("efficientnet_b0", "seresnet50", "vgg16", "unet"):
        assert not growth(name).varies
        assert not any("varies" in each or "differ" in each for each in texts_of_fields(name))


@pytest.mark.parametrize("width", [style.COLUMN, style.PAGE])
@pytest.mark.parametrize("name", ["densenet_bc_100_k12", "nasnet_a_mobile", "seresnext50_32x4d", "res2net50_14w_8s"])
def test_what_is_said_of_a_half_is_beside_the_heading_not_on_it(name, width):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with style.styled():
        figure = profile.draw(gather(Plot("profile", (name,))), width)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        boxes = [each.get_window_extent(canvas.get_renderer()) for each in figure.texts if each.get_text()]
    halves = [box for each, box in zip([t for t in figure.texts if t.get_text()], boxes, strict=True)
              if (each.get_gid() or "").startswith("half")]  # fmt: skip
    assert len(halves) == 3
    for half in halves:
        assert not [box for box in boxes if box is not half and box.overlaps(half)]


def test_a_run_is_named_as_exactly_as_there_is_room():
    run = ["a.b.c1", "a.b.c2", "d.e.c3"]
    with style.styled():
        said = [profile.held("50 %", run, room) for room in (500, 76, 60, 20)]
    assert said[0] == "50 % in a.b.c1 to d.e.c3"
    assert said[2] == "50 % in 3 layers"
    assert style.text_width(said[3], style.NOTE) <= 20
