// The pages of the lessons, in the browser. The list needs no script.
import { hydrate } from "preact";
import { ask } from "./engine";
import { pageData, rootOf } from "./frame";
import type { LessonData, Sheet } from "./lessons_data";
import { readSheet } from "./lessons_state";
import { LessonView } from "./lessons_view";

if (document.querySelector("link#data")) {
  const data = await pageData<LessonData>();
  const { name } = data.sheet;
  const load = async (seed: number): Promise<Sheet> => {
    if (seed > data.prepared) return ask<Sheet>("lesson", { name, seed });
    return (await fetch(`${rootOf()}data/lessons/${name}-${seed}.json`)).json() as Promise<Sheet>;
  };
  hydrate(<LessonView data={data} begun={() => readSheet(location.search)} load={load} />, document.getElementById("main")!);
}
