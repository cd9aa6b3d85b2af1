// The page for a reader's own network, in the browser.
import { hydrate } from "preact";
import { warm } from "./engine";
import { pageData } from "./frame";
import { OwnView, type OwnData } from "./own_view";

const data = await pageData<OwnData>();
hydrate(<OwnView data={data} />, document.getElementById("main")!);
warm();
