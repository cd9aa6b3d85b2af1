// Writes the pages of the site as documents, with the components that the browser runs: node prerender.mjs FOLDER
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import { CatalogueView, type CatalogueData } from "./catalogue_view";
import type { ComparePage } from "./compare_data";
import { CompareView } from "./compare_view";
import { Document, type Section } from "./frame";
import type { LessonData, LessonsData } from "./lessons_data";
import { LessonsView, LessonView } from "./lessons_view";
import { NetworkView, type NetworkData } from "./network_view";
import { OwnView, type OwnData } from "./own_view";

const folder = process.argv[2]!;

function read<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(folder, ...path), "utf8")) as T;
}

function write(path: string, document: VNode): void {
  writeFileSync(join(folder, path), `<!doctype html>\n${renderToString(document)}\n`);
}

const catalogue = read<CatalogueData>("data", "catalogue.json");
const { version } = catalogue;
const digest = createHash("sha256");
for (const file of ["assets/worker.js", "engine/library.zip.gz"]) digest.update(readFileSync(join(folder, file)));
const engine = digest.digest("hex").slice(0, 16);

function page(section: Section, title: string, description: string, view: VNode, data?: string): void {
  const path = section === "catalogue" ? "index.html" : `${section}.html`;
  const about = { title, description, section, version, engine, root: "", script: section };
  write(path, <Document {...about} {...(data ? { data } : {})}>{view}</Document>);
}

page("catalogue", "archcalc: costs of neural networks", "Sizes, parameters, mult-adds, memory and receptive fields of documented networks.", <CatalogueView data={catalogue} />, "data/catalogue.json");
const compared = read<ComparePage>("data", "compare.json");
const pair = compared.names.map((name) => read<NetworkData>("data", "networks", `${name}.json`));
page("compare", "Compare networks: archcalc", "Networks side by side: totals and ratios, layer by layer, and why counts differ.", <CompareView page={compared} first={pair} begun={null} />, "data/compare.json");
page("own", "Your own network: archcalc", "The costs of a network of your own, read in the browser.", <OwnView data={read<OwnData>("data", "own.json")} />, "data/own.json");
page("lessons", "Lessons: archcalc", "Worked examples with the numbers hidden until asked for.", <LessonsView data={read<LessonsData>("data", "lessons.json")} />);

mkdirSync(join(folder, "lessons"), { recursive: true });
for (const { name } of read<LessonsData>("data", "lessons.json").lessons) {
  const data = read<LessonData>("data", "lessons", `${name}.json`);
  write(
    `lessons/${name}.html`,
    <Document
      title={`${data.sheet.title}: a lesson of archcalc`}
      description={data.sheet.summary}
      section="lessons"
      version={data.version}
      engine={engine}
      root="../"
      script="lessons"
      data={`../data/lessons/${name}.json`}
    >
      <LessonView data={data} begun={() => ({ seed: 0, answers: false })} load={() => Promise.reject()} />
    </Document>,
  );
}

mkdirSync(join(folder, "networks"), { recursive: true });
for (const file of readdirSync(join(folder, "data", "networks"))) {
  const data = read<NetworkData>("data", "networks", file);
  const name = data.page.name;
  const title = data.about?.title ?? name;
  write(
    `networks/${name}.html`,
    <Document
      title={`${title}: archcalc`}
      description={`Sizes, parameters, mult-adds, memory and receptive fields of ${title}, layer by layer.`}
      section="network"
      version={data.version}
      engine={engine}
      root="../"
      script="network"
      data={`../data/networks/${name}.json`}
    >
      <NetworkView data={data} asked={{ name }} begun={() => ({ values: {}, settings: {} })} />
    </Document>,
  );
}
