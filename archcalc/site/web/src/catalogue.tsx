// The catalogue's page, in the browser.
import { hydrate } from "preact";
import { CatalogueView, type CatalogueData } from "./catalogue_view";
import { pageData } from "./frame";

hydrate(<CatalogueView data={await pageData<CatalogueData>()} search={() => location.search} />, document.getElementById("main")!);
