"""Reports as web pages, in a browser: what a reader does with them, and what axe and the W3C's checker find."""

from __future__ import annotations

import io
import json
import shutil
import subprocess

import pytest
from browser import DESKTOP, NODE, PHONE, axe, chromium, driver, errors_of, in_chromium, settle, show, with_axe
from patience import HANGS, settles
from PIL import Image

from archcalc.graph import Network
from archcalc.reports import documents
from archcalc.reports.web import web_page

VNU = NODE / "vnu-jar" / "build" / "dist" / "vnu.jar"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    names = ["googlenet", Network.load("examples/small.toml")]
    made = tmp_path_factory.mktemp("web") / "report.html"
    made.write_text(web_page(documents.of_networks(names)), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def browser():
    with driver() as playwright:
        yield chromium(playwright)


@pytest.fixture(scope="module")
def tab(browser):
    return browser.new_page()


@pytest.fixture
def page(tab, file):
    """The report, opened on a desktop in light colours."""
    errors = errors_of(tab)
    show(tab, DESKTOP)
    tab.goto("about:blank")  # from the page itself, a fragment would load nothing
    tab.goto(f"{file.as_uri()}#content")
    settle(tab)
    yield tab
    assert errors == []


LAYERS = "document.getElementById('layers-googlenet-conv1').closest('table')"
COLUMN = "[...LAYERS.tBodies[0].rows].filter((row) => !row.hidden).map((row) => row.cells[PLACE].dataset.value)"


def column(page, place):
    return [float(each) for each in page.evaluate(COLUMN.replace("LAYERS", LAYERS).replace("PLACE", str(place)))]


def press(page, place):
    """Press the key Enter on the head of a column; its order afterwards."""
    page.evaluate(f"{LAYERS}.tHead.rows[0].cells[{place}].querySelector('button').focus()")
    page.keyboard.press("Enter")
    return page.evaluate(f"{LAYERS}.tHead.rows[0].cells[{place}].getAttribute('aria-sort')")


@in_chromium
def test_a_head_sorts_its_column_by_number_down_up_and_back(page):
    heads = page.evaluate(f"[...{LAYERS}.tHead.rows[0].cells].map((cell) => cell.textContent)")
    place = heads.index("mult-adds")
    written = column(page, place)
    assert written not in (sorted(written), sorted(written, reverse=True))
    assert press(page, place) == "descending"
    assert column(page, place) == sorted(written, reverse=True)
    assert press(page, place) == "ascending"
    assert column(page, place) == sorted(written)
    assert page.evaluate(f"[...{LAYERS}.querySelectorAll('[aria-sort]:not([aria-sort=none])')].length") == 1
    assert press(page, place) == "none"
    assert column(page, place) == written


@in_chromium
def test_a_search_leaves_the_rows_that_have_its_words_and_a_link_brings_its_row_back(page):
    everything = len(column(page, 3))
    field = f"{LAYERS}.closest('figure').querySelector('[type=search]')"
    page.evaluate(f"(f => {{ f.value = 'POOL 4a'; f.dispatchEvent(new Event('input')); }})({field})")
    left = page.evaluate(f"[...{LAYERS}.tBodies[0].rows].filter((r) => !r.hidden).map((r) => r.textContent)")
    assert 0 < len(left) < everything
    assert all("pool" in each and "4a" in each for each in left)
    said = page.evaluate(f"{LAYERS}.closest('figure').querySelector('output').textContent")
    assert said.startswith(f"{len(left)} of {everything} rows")
    page.evaluate(
        "document.querySelector('a[href=\"#layers-googlenet-conv2\"]').dispatchEvent(new MouseEvent('click'))"
    )
    settle(page)
    assert page.evaluate(f"[...{LAYERS}.tBodies[0].rows].every((row) => !row.hidden)")
    assert page.evaluate("document.querySelector('tr:target').id") == "layers-googlenet-conv2"
    box = page.evaluate("document.querySelector('tr:target').getBoundingClientRect().toJSON()")
    assert 0 < box["top"] < box["bottom"] < DESKTOP[1]


@in_chromium
def test_heads_stay_in_view_while_a_table_scrolls(page):
    for width, height in (DESKTOP, PHONE):
        show(page, (width, height))
        page.evaluate("document.getElementById('layers-googlenet-inception4e.1x1').scrollIntoView({block: 'center'})")
        settle(page)
        found = page.evaluate(
            f"[{LAYERS}.tHead, document.getElementById('layers-googlenet-inception4e.1x1')].map("
            "(each) => each.querySelector('th').getBoundingClientRect().top)"
        )
        assert -1 <= found[0] < found[1] < height, width
    frame = f"{LAYERS}.parentElement"
    page.evaluate(f"{frame}.scrollLeft = 200")
    assert page.evaluate(f"{frame}.scrollLeft") == 200
    assert abs(page.evaluate(f"{LAYERS}.tBodies[0].rows[3].cells[0].getBoundingClientRect().left - 16")) < 2


@in_chromium
def test_all_digits_are_shown_and_rounded_again(page):
    box = f"{LAYERS}.closest('figure').querySelector('[type=checkbox]')"
    cells = "[...document.getElementById('layers-googlenet-conv1').cells].map((cell) => cell.textContent)"
    before = page.evaluate(cells)
    page.evaluate(f"{box}.click()")
    assert "118,013,952" in page.evaluate(cells)
    page.evaluate(f"{box}.click()")
    assert page.evaluate(cells) == before


@in_chromium
def test_the_values_of_a_mark_are_told_under_the_pointer(page):
    mark = "[...document.querySelectorAll('.for-wide .marks rect')].at(-1)"  # no other is above it
    page.evaluate(f"{mark}.scrollIntoView({{block: 'center'}})")
    settle(page)
    said = page.evaluate(f"{mark}.textContent")
    box = page.evaluate(f"{mark}.getBoundingClientRect().toJSON()")
    x, y = (box["left"] + box["right"]) / 2, (box["top"] + box["bottom"]) / 2
    page.mouse.move(x, y)
    assert settles(lambda: page.evaluate("document.querySelector('.tip').hidden") is False)
    assert page.evaluate("document.querySelector('.tip').textContent") == said != ""
    page.mouse.move(2, 2)
    assert settles(lambda: page.evaluate("document.querySelector('.tip').hidden") is True)


@in_chromium
def test_no_page_is_wider_than_its_window_and_a_narrow_one_has_the_narrow_drawing(page):
    for width, height in (DESKTOP, PHONE, (320, 640)):
        show(page, (width, height))
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        assert page.evaluate("getComputedStyle(document.querySelector('.for-wide')).display") == (
            "block" if width > 1000 else "none"
        )
        drawn = page.evaluate("[...document.querySelectorAll('.plot svg')].map((e) => e.getBoundingClientRect().width)")
        assert max(drawn) <= max(width, 340)
    sizes = page.evaluate(
        "[...document.querySelectorAll('.for-narrow text')].map((e) => e.getBoundingClientRect().height)"
    )
    assert min(sizes) > 7, "letters can be read"


@in_chromium
def test_a_text_of_a_picture_takes_the_room_that_it_was_drawn_for_in_any_font(page):
    wide = page.evaluate("[...document.querySelectorAll('.for-wide text')].map((e) => e.getComputedTextLength())")
    page.evaluate(
        "document.querySelectorAll('.for-wide text').forEach((e) => { e.style.fontFamily = 'DejaVu Sans, serif'; })"
    )
    settle(page)
    other = page.evaluate("[...document.querySelectorAll('.for-wide text')].map((e) => e.getComputedTextLength())")
    assert len(wide) > 20
    assert all(abs(a - b) < 0.5 for a, b in zip(wide, other, strict=True))


@in_chromium
def test_the_page_is_dark_where_a_reader_prefers_it_and_pictures_with_it_and_never_on_paper(page):
    shades = {}
    for name, dark, media in (("light", False, "screen"), ("dark", True, "screen"), ("paper", True, "print")):
        show(page, DESKTOP, dark=dark, media=media)
        page.evaluate("document.querySelector('.plot').scrollIntoView({block: 'start'})")
        box = page.evaluate("document.querySelector('.plot svg').getBoundingClientRect().toJSON()")
        picture = Image.open(io.BytesIO(page.screenshot())).convert("L")
        inside = picture.crop((int(box["left"]), 0, int(box["right"]), 400))
        histogram = inside.histogram()
        shades[name] = picture.getpixel((4, 300)), max(range(256), key=histogram.__getitem__)
    assert shades["light"] == shades["paper"] == (255, 255)
    assert shades["dark"][0] == 26
    assert abs(shades["dark"][1] - 26) <= 1


@in_chromium
def test_without_scripts_everything_is_there_to_read(browser, file):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        page.goto(file.as_uri())
        assert page.evaluate("document.querySelectorAll('button').length") == 0
        assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE[0]
        assert "118.0" in page.evaluate("document.getElementById('layers-googlenet-conv1').innerText")


@in_chromium
@with_axe
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("window", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(page, window, dark):
    show(page, window, dark=dark)
    page.evaluate("document.querySelectorAll('details').forEach((each, i) => { each.open = i === 1; })")
    kept, found = axe(page)
    assert found == []
    assert kept > 20


@pytest.mark.skipif(
    not (shutil.which("java") and VNU.exists()),
    reason="apt-get install default-jre-headless; npm install --no-save --ignore-scripts --prefix tests/node vnu-jar",
)
def test_the_page_is_valid(file):
    command = ["java", "-Xss4m", "-jar", str(VNU), "--errors-only", "--format", "json", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS)
    assert json.loads(done.stderr or done.stdout)["messages"] == []
