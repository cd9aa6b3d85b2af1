import { hydrate } from "preact";
import { OwnView } from "./own_view";

hydrate(<OwnView />, document.getElementById("main")!);
