// The page that compares networks, in the browser.
import { hydrate, render } from "preact";
import type { ComparePage } from "./compare_data";
import { loaded } from "./compare_live";
import { firstState, readCompare, writeCompare } from "./compare_state";
import { CompareView } from "./compare_view";
import { warm } from "./engine";
import { pageData } from "./frame";
import type { NetworkData } from "./network_view";

const main = document.getElementById("main")!;
const page = await pageData<ComparePage>();
const begun = readCompare(location.search, page.names);
const asWritten = writeCompare(begun) === writeCompare(firstState(page.names));
const names = asWritten ? page.names : begun.networks.map((each) => each.name);
const found = await Promise.allSettled([...new Set(names)].map(loaded));
const first = found.flatMap((each): NetworkData[] => (each.status === "fulfilled" ? [each.value] : []));
const view = <CompareView page={page} first={first} begun={begun} />;
if (asWritten) {
  hydrate(view, main);
} else {
  main.replaceChildren();
  render(view, main);
}
setTimeout(warm, 1500);
