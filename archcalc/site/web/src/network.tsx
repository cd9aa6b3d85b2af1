// The page of a network of the catalogue, in the browser.
import { hydrate } from "preact";
import { warm } from "./engine";
import { pageData } from "./frame";
import { NetworkView, type NetworkData } from "./network_view";
import { readState } from "./state";

const data = await pageData<NetworkData>();
hydrate(
  <NetworkView
    data={data}
    asked={{ name: data.page.name }}
    begun={() => readState(data.page, location.search)}
  />,
  document.getElementById("main")!,
);
setTimeout(warm, 1500);
