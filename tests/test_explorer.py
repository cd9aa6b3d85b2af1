"""The explorer in browsers: what a reader sees and does with the keyboard, and what the pages ask of the network."""

from __future__ import annotations

import explorer
import pytest
from browser import (
    DESKTOP,
    PHONE,
    PROJECTOR,
    axe,
    chromium,
    driver,
    errors_of,
    firefox,
    in_chromium,
    in_firefox,
    show,
    with_axe,
)
from patience import HANGS
from playwright.sync_api import expect

import archcalc

PAGES = ("index.html", "networks/googlenet.html", "compare.html", "own.html", "lessons.html")
NETWORK = "networks/resnet50.html"
MS = 1000 * HANGS
WORK = "#costs tfoot [data-column=mult_adds]"
"""The total of mult-adds below the table."""
BEFORE_ENGINE = 100_000
"""Bytes that a page may transfer before the engine."""
WITHOUT_WORKERS = "window.Worker = class { constructor() { throw Error('there are no workers'); } }"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with explorer.served(explorer.built(tmp_path_factory)) as found:
        yield found


@pytest.fixture(scope="module")
def playwright():
    with driver() as found:
        yield found


@pytest.fixture(scope="module")
def browser(playwright):
    return chromium(playwright)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(chromium, marks=in_chromium, id="chromium"),
        pytest.param(firefox, marks=in_firefox, id="firefox"),
    ],
)
def each_browser(request, playwright):
    with request.param(playwright) as found:
        yield found


def tab(browser, site):
    """A page of a new context: it may ask for nothing outside the site's folder, and nothing may go wrong on it."""
    site.missed.clear()
    requests = []
    with browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}) as context:
        context.on("request", lambda request: requests.append(request.url))
        page = context.new_page()
        errors = errors_of(page)
        yield page
    assert errors == []
    assert site.missed == []
    assert any(each.startswith(site.address) for each in requests)
    assert [each for each in requests if not each.startswith((site.address, "data:", "blob:", "about:"))] == []


@pytest.fixture
def page(browser, site):
    yield from tab(browser, site)


@pytest.fixture
def each_page(each_browser, site):
    """A page in Chromium, and in Firefox."""
    yield from tab(each_browser, site)


def put(page, name, text):
    """Type a number in place of another."""
    field = page.locator(f"form [name={name}]")
    field.press("Control+a")
    field.press_sequentially(text)


def shows(page, place, exact):
    """Wait until there is a number, to the unit."""
    expect(page.locator(place)).to_have_attribute("data-value", str(exact), timeout=MS)


def holds(page, network="resnet50", **given):
    """Wait until the page shows the mult-adds of a network, to the unit; its address then."""
    exact = archcalc.analyze(network, **given).totals.mult_adds
    shows(page, WORK, exact)
    total = page.locator("[data-total=mult_adds]")
    assert total.get_attribute("data-value") == str(exact)
    assert total.locator("dd").get_attribute("title").startswith(f"{exact:,}")
    return page.url


def test_numbers_and_the_address_follow_what_is_typed(each_page, site):
    each_page.goto(site.address + NETWORK)
    assert holds(each_page) == site.address + NETWORK
    put(each_page, "H", "320")
    put(each_page, "W", "257")
    put(each_page, "K", "10")
    assert set(holds(each_page, input=(3, 320, 257), classes=10).split("?")[1].split("&")) == {
        "size=320x257",
        "classes=10",
    }


def test_a_state_is_shown_again_by_its_address_on_reload_and_on_the_way_back(each_page, site):
    small = {"input": (3, 160, 192), "batch": 3, "classes": 7}
    address = f"{site.address}{NETWORK}?size=160x192&batch=3&classes=7"
    each_page.goto(address)
    assert holds(each_page, **small) == address
    put(each_page, "H", "320")
    large = {**small, "input": (3, 320, 192)}
    address = holds(each_page, **large)
    each_page.reload()
    assert holds(each_page, **large) == address
    each_page.get_by_role("navigation", name="Site").get_by_role("link", name="Compare").click()
    each_page.wait_for_url("**/compare.html*")
    each_page.go_back()
    assert holds(each_page, **large) == address
    assert [each_page.locator(f"form [name={name}]").input_value() for name in "HWNK"] == ["320", "192", "3", "7"]
    each_page.go_forward()
    each_page.wait_for_url("**/compare.html*")


def test_the_engine_answers_what_sizes_do_not_and_nothing_is_asked_for_any_more(each_page, site):
    each_page.goto(site.address + NETWORK)
    each_page.get_by_label("dtype").select_option("float16")
    bytes_of = archcalc.analyze("resnet50", dtype="float16").totals.peak_inference_bytes
    expect(each_page.locator("[data-total=peak_inference_bytes]")).to_have_attribute(
        "data-value", str(bytes_of), timeout=MS
    )
    each_page.context.set_offline(True)
    asked = list(site.asked)
    each_page.get_by_label("convention").select_option("fvcore")
    counted = archcalc.analyze("resnet50", convention="fvcore").counting.total
    expect(each_page.locator(WORK)).to_have_attribute("data-value", str(counted), timeout=MS)
    each_page.get_by_text("Hyperparameters", exact=True).click()
    each_page.locator("form [name=depth]").select_option("101")
    deeper = archcalc.analyze("resnet50", depth=101).totals.params
    shows(each_page, "[data-total=params]", deeper)
    assert site.asked == asked


def test_an_error_is_the_sentence_of_the_command_line(each_page, site):
    each_page.goto(f"{site.address}networks/lenet5.html?size=3")
    with pytest.raises(archcalc.ArchcalcError) as raised:
        archcalc.analyze("lenet5", input=(1, 3, 3))
    alert = each_page.get_by_role("alert")
    expect(alert).to_have_text(str(raised.value), timeout=MS)
    put(each_page, "H", "32")
    holds(each_page, "lenet5")
    expect(alert).to_be_empty()


@in_chromium
def test_sizes_need_no_engine(browser, site):
    with browser.new_context() as context:
        context.add_init_script(WITHOUT_WORKERS)
        page = context.new_page()
        page.goto(site.address + NETWORK)
        for size in (225, 64, 1000, 224):
            put(page, "H", str(size))
            put(page, "N", str(size))
            holds(page, input=(3, size, size))


@in_chromium
def test_without_scripts_the_numbers_are_there_to_read(browser, site):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(site.address + NETWORK)
        assert page.locator("[data-total=mult_adds] dd").inner_text() == "4.089G"
        assert page.locator(WORK).inner_text() == "4.089G"
        rows = archcalc.analyze("resnet50").layers
        assert page.locator("#costs tbody tr").count() == len(rows)
        page.goto(site.address)
        assert page.locator("#main tbody tr").first.inner_text().count("M") >= 3  # the others need scripts


@in_chromium
@pytest.mark.parametrize("path", ["", NETWORK, "networks/inception_v4.html"])
def test_little_is_transferred_before_the_engine(page, site, path):
    page.goto(site.address + path)
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length === 1")
    page.wait_for_load_state("networkidle")
    found = page.evaluate("""() => {
        const [way] = performance.getEntriesByType("navigation");
        const files = performance.getEntriesByType("resource");
        return [way, ...files].map((each) => [each.name, each.transferSize, each.startTime < way.loadEventEnd]);
    }""")
    first = {name: size for name, size, early in found if early}
    assert all(size > 0 for size in first.values())
    assert not any("/engine/" in name for name in first)
    assert sum(first.values()) <= BEFORE_ENGINE, first


@in_chromium
def test_the_policy_refuses_what_is_not_of_the_site(browser, site, tmp_path):
    with browser.new_context() as context, explorer.served(tmp_path) as other:
        page = context.new_page()
        page.goto(site.address + NETWORK)
        refused = """([kind, address]) => new Promise((tell) => {
            addEventListener("securitypolicyviolation", (event) => tell(event.effectiveDirective), { once: true });
            if (kind === "fetch") fetch(address).catch(() => {});
            else document.body.append(Object.assign(document.createElement(kind), { src: address }));
        })"""
        kinds = {"fetch": "connect-src", "img": "img-src", "script": "script-src-elem", "iframe": "frame-src"}
        assert {kind: page.evaluate(refused, [kind, other.address]) for kind in kinds} == kinds
        assert other.asked == []


CONTROLS = """() => {
    const every = "a[href], button, input, select, textarea, summary, [tabindex]";
    window.controls = [...document.querySelectorAll(every)].filter((each) =>
        each.tabIndex >= 0 && !each.matches(":disabled, [inert] *")
        && each.checkVisibility({ visibilityProperty: true }) && (each.type !== "radio" || each.checked));
    if (!window.reached) addEventListener("focusin", ({ target }) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(target);
        const seen = (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
        window.reached.push([window.controls.indexOf(target), seen, target.outerHTML.slice(0, 120)]);
    });
    window.reached = [];
    return window.controls.map((each) => each.outerHTML.slice(0, 120));
}"""


@in_chromium
@pytest.mark.parametrize("path", PAGES)
def test_the_tab_key_reaches_every_control_in_order_and_one_sees_where_one_is(page, site, path):
    page.goto(site.address + path)
    page.wait_for_load_state("networkidle")
    controls = settled(page)
    for _ in controls:
        page.keyboard.press("Tab")
    reached = page.evaluate("window.reached")
    assert [each for place, _, each in reached if place < 0] == []
    assert [place for place, _, _ in reached] == list(range(len(controls)))
    assert [each for _, seen, each in reached if not seen] == []


FEW_ROWS = """() => {
    const style = new CSSStyleSheet();
    style.replaceSync("tbody > tr:nth-child(n + 16) { display: none; }");
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
}"""
"""Hides rows that are like others: axe looks at each cell."""


def settled(page):
    """The controls of a page, once its parts that come later, or when one scrolls to them, are all there."""
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(500)
    controls, before = page.evaluate(CONTROLS), None
    for _ in range(40):
        if controls == before:
            break
        page.wait_for_timeout(500)
        controls, before = page.evaluate(CONTROLS), controls
    page.evaluate("scrollTo(0, 0)")
    return controls


@in_chromium
@with_axe
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_no_page_is_wider_than_its_window(page, site, path):
    page.goto(site.address + path)
    page.wait_for_load_state("networkidle")
    page.evaluate(FEW_ROWS)
    for window in (DESKTOP, PHONE, PROJECTOR):
        for dark in (False, True):
            show(page, window, dark=dark)
            kept, found = axe(page)
            assert found == [], (window, dark)
            assert kept > 10
            assert page.evaluate("document.scrollingElement.scrollWidth") <= window[0]
