import { hydrate } from "preact";
import { LessonsView } from "./lessons_view";

hydrate(<LessonsView />, document.getElementById("main")!);
