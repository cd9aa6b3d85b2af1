"""Seconds and milliseconds of the explorer in Chromium: numbers on a slow machine, and numbers as one types.

Run: python tests/benchmarks/explorer.py [FOLDER of a site]. Bounds: numbers are painted within 1 s of the click on a
processor four times slower, over 1.6 Mbit/s with 150 ms to the host and back; they follow a key within 50 ms.
"""

import statistics
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

import browser
import explorer

PATHS = ("index.html", "networks/resnet50.html", "networks/vgg16.html", "networks/nasnet_a_large.html")
TYPED = ("vgg16", "resnet50", "densenet121", "efficientnet_b7", "nasnet_a_large", "resnet1202_cifar")
LINK = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}
"""Milliseconds, and bytes a second: 1.6 Mbit/s."""
PAINTED = """(() => {
    const seen = () => document.querySelector("main [data-value], main tr[data-row]") !== null;
    const note = () => requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now(); }));
    new MutationObserver((_, observer) => {
        if (seen()) { observer.disconnect(); note(); }
    }).observe(document, { childList: true, subtree: true });
})()"""
"""Notes when the first frame with a number has been drawn."""
WAIT = """async () => {
    while (!(window.painted && performance.getEntriesByType("paint").length)) {
        await new Promise((done) => setTimeout(done, 20));
    }
}"""
CHANGED = """async () => {
    const field = document.querySelector("form [name=H]");
    const input = document.querySelector("#costs tbody [data-column=activations]");
    const put = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const all = [];
    for (let size = Number(field.value) + 1; all.length < 20; size++) {
        await frame();
        const before = input.dataset.value, begun = performance.now();
        put.call(field, String(size));
        field.dispatchEvent(new Event("input", { bubbles: true }));
        while (input.dataset.value === before) await new Promise((done) => setTimeout(done));
        void document.body.offsetHeight;
        all.push(performance.now() - begun);
    }
    return all;
}"""
"""Milliseconds from the key to numbers that are laid out, of 20 sizes."""


def painted(context, address):
    """Milliseconds to the first paint, and to the first frame with numbers, from nothing in the cache."""
    page = context.new_page()
    page.add_init_script(PAINTED)
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", LINK)
    tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(address)
    page.evaluate(WAIT)
    first = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    with_numbers = page.evaluate("window.painted")
    page.close()
    return first, with_numbers


def main():
    with ExitStack() as stack:
        folder = Path(sys.argv[1]) if sys.argv[1:] else Path(stack.enter_context(TemporaryDirectory()))
        if not sys.argv[1:]:
            explorer.build(folder)
        site = stack.enter_context(explorer.served(folder))
        chromium = browser.chromium(stack.enter_context(browser.driver()))
        for path in PATHS:
            with chromium.new_context() as context:
                runs = [painted(context, site.address + path) for _ in range(5)]
            first, numbers = [statistics.median(each) for each in zip(*runs, strict=True)]
            print(f"{path}: first paint after {first:.0f} ms, numbers after {numbers:.0f} ms (of 1000)")
        for slower in (1, 4):
            print(f"a size is typed, on a processor {slower} times slower:")
            for name in TYPED:
                page = chromium.new_page()
                page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
                page.goto(f"{site.address}networks/{name}.html")
                page.wait_for_load_state("networkidle")
                times = sorted(page.evaluate(CHANGED))
                print(f"  {name}: {statistics.median(times):.0f} ms, the longest of 20 {times[-1]:.0f} ms (of 50)")
                page.close()


if __name__ == "__main__":
    main()
