// The state of the catalogue, and its words in the address of the page.
import { HIGHEST, type Key } from "./catalogue_data";
import { readRange, writeRange, type Kind, type Range } from "./catalogue_words";

export type RangeKey = "mult_adds" | "params" | "peak_inference_bytes" | "training_step_bytes" | "top1" | "year" | "size";
export type SortKey = Exclude<Key, "top5"> | "name" | "family" | "recipe";
export type Shown = "both" | "table" | "plot";

/** The quantities that can be filtered: their word in the address, and how their amounts are written. */
export const RANGES: Record<RangeKey, { word: string; kind: Kind }> = {
  mult_adds: { word: "mult_adds", kind: "count" },
  params: { word: "params", kind: "count" },
  peak_inference_bytes: { word: "peak", kind: "bytes" },
  training_step_bytes: { word: "training_step", kind: "bytes" },
  top1: { word: "top1", kind: "percent" },
  year: { word: "year", kind: "plain" },
  size: { word: "size", kind: "plain" },
};

const AXES: Key[] = ["params", "mult_adds", "activation_sum", "peak_inference_bytes", "training_step_bytes", "counted", "top1", "top5", "year", "size"];
const SORTS: SortKey[] = ["name", "family", "recipe", ...AXES.filter((key) => key !== "top5")];

export interface CatalogueState {
  query: string;
  ranges: Partial<Record<RangeKey, Range>>;
  /** Files of the zoo; none for all. */
  families: string[];
  convention: string;
  dataset: string;
  recipe: string;
  sort: { key: SortKey; descending: boolean } | null;
  /** Networks that are selected, to be compared. */
  names: string[];
  shown: Shown;
  x: Key;
  y: Key;
  lines: boolean;
  front: boolean;
  /** True if networks that the filters leave out are drawn pale. */
  others: boolean;
}

export const FIRST: CatalogueState = {
  query: "",
  ranges: {},
  families: [],
  convention: "mult_adds",
  dataset: "imagenet",
  recipe: HIGHEST,
  sort: null,
  names: [],
  shown: "both",
  x: "mult_adds",
  y: "top1",
  lines: true,
  front: true,
  others: true,
};

/** The state that an address asks for; what a page does not know stays as it is at first. */
export function readState(search: string): CatalogueState {
  const asked = new URLSearchParams(search);
  const list = (word: string) => (asked.get(word) ?? "").split(",").filter(Boolean);
  const state: CatalogueState = { ...FIRST, ranges: {}, query: asked.get("q") ?? "", families: list("family"), names: list("names") };
  for (const [key, { word }] of Object.entries(RANGES) as [RangeKey, { word: string }][]) {
    const text = asked.get(word);
    if (text) state.ranges[key] = readRange(text);
  }
  for (const key of ["convention", "dataset", "recipe"] as const) state[key] = asked.get(key) || FIRST[key];
  for (const key of ["x", "y"] as const) state[key] = oneOf(AXES, asked.get(key)) ?? FIRST[key];
  for (const key of ["lines", "front", "others"] as const) state[key] = asked.get(key) !== "no";
  state.shown = oneOf<Shown>(["both", "table", "plot"], asked.get("view")) ?? "both";
  const sort = asked.get("sort") ?? "";
  const key = oneOf(SORTS, sort.replace(/^-/, ""));
  if (key) state.sort = { key, descending: sort.startsWith("-") };
  return state;
}

/** The query of a state, beginning with `?`; empty for the page as it is at first. */
export function writeState(state: CatalogueState): string {
  const asked = new URLSearchParams();
  const put = (word: string, text: string) => text && asked.set(word, text);
  put("q", state.query.trim());
  put("family", state.families.join(","));
  for (const [key, { word }] of Object.entries(RANGES) as [RangeKey, { word: string }][]) {
    put(word, writeRange(state.ranges[key] ?? { from: "", to: "" }));
  }
  for (const key of ["convention", "dataset", "recipe", "x", "y"] as const) put(key, state[key] === FIRST[key] ? "" : state[key]);
  put("sort", state.sort ? (state.sort.descending ? "-" : "") + state.sort.key : "");
  put("view", state.shown === "both" ? "" : state.shown);
  for (const key of ["lines", "front", "others"] as const) put(key, state[key] ? "" : "no");
  put("names", state.names.join(","));
  const text = asked.toString().replaceAll("%2C", ",");
  return text ? `?${text}` : "";
}

function oneOf<T extends string>(known: readonly T[], text: string | null): T | undefined {
  return known.find((each) => each === text);
}
