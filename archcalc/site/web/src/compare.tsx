import { hydrate } from "preact";
import { CompareView } from "./compare_view";

hydrate(<CompareView />, document.getElementById("main")!);
