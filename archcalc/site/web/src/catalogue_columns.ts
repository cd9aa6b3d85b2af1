// The columns of the catalogue: headings, and what a cell shows, sorts by and is copied as.
import type { Key, Network, Quantity } from "./catalogue_data";
import type { SortKey } from "./catalogue_state";
import { digits, human, humanBytes } from "./format";

export interface Column {
  key: SortKey;
  heading: string;
  meaning: string;
  /** True for text, which stands left. */
  text?: true;
  /** The convention that the column follows, if not the papers'. */
  counted?: string;
  /** True if a first click shows the largest first. */
  largest?: true;
}

/** A convention as the page begins with it: name, what it counts, unit. */
export type Convention = readonly [string, Quantity, string];

export const LABELS: Record<Key, string> = {
  params: "params",
  mult_adds: "mult-adds",
  activation_sum: "activations",
  peak_inference_bytes: "peak",
  training_step_bytes: "training step",
  counted: "memory",
  top1: "top-1 (%)",
  top5: "top-5 (%)",
  year: "year",
  size: "input",
};

const COLUMNS: Column[] = [
  { key: "name", heading: "network", meaning: "the network; its link leads to its page", text: true },
  { key: "family", heading: "family", meaning: "family", text: true },
  { key: "year", heading: "year", meaning: "year of the first publication", largest: true },
  { key: "size", heading: "input", meaning: "channels x height x width of the network's own input" },
  { key: "params", heading: "params", meaning: "learnable parameters" },
  { key: "mult_adds", heading: "mult-adds", meaning: "multiply-accumulates of convolutions, linear layers and matrix products, for one image" },
  { key: "activation_sum", heading: "activations", meaning: "elements of the input and of every conv, linear, pool and merge output, for one image" },
  { key: "peak_inference_bytes", heading: "peak", meaning: "memory of activations alive at once at inference, at most; one image, float32" },
  { key: "training_step_bytes", heading: "training step", meaning: "memory of a training step at its peak: parameters, gradients, the optimizer's state, activations, data; one image, float32" },
  { key: "top1", heading: "top-1 (%)", meaning: "published accuracy, in per cent", largest: true },
  { key: "recipe", heading: "recipe", meaning: "who trained and measured the network of the accuracy", text: true },
];

/** The columns under a convention. */
export function columnsOf([name, quantity, unit]: Convention): Column[] {
  if (name === "mult_adds") return COLUMNS;
  if (quantity === "memory") {
    const at = COLUMNS.findIndex((each) => each.key === "top1");
    return COLUMNS.toSpliced(at, 0, { key: "counted", heading: "memory", meaning: `${unit}, as ${name} counts`, counted: name });
  }
  const key = quantity === "work" ? "mult_adds" : "params";
  const heading = quantity === "work" ? unit.replace(/ \(.*/, "") : "params";
  return COLUMNS.map((each) => (each.key === key ? { ...each, heading, meaning: `${unit}, as ${name} counts`, counted: name } : each));
}

/** A quantity in four digits, or as it is printed; nothing for none. */
export function written(key: Key, value: number | undefined): string {
  if (value === undefined) return "";
  if (key === "top1" || key === "top5" || key === "year" || key === "size") return String(value);
  return key.endsWith("bytes") || key === "counted" ? humanBytes(value) : human(value);
}

/** What a cell shows. */
export function cellOf(network: Network, key: SortKey): string {
  if (key === "name") return network.label;
  if (key === "family") return network.familyTitle;
  if (key === "size") return network.input.join("×");
  if (key === "top1" && !network.accuracy) return "none";
  if (key === "recipe") return recipeOf(network);
  return written(key, network.values[key]);
}

function recipeOf({ accuracy }: Network): string {
  if (!accuracy) return "";
  return [accuracy.title, accuracy.size ? `at ${accuracy.size}` : "", accuracy.note].filter(Boolean).join(", ");
}

/** What a pointer on a cell is told: all digits of a number, the source of an accuracy. */
export function exactOf(network: Network, key: SortKey): string {
  if (key === "name") return `${network.name}: ${network.familyTitle}, ${network.authors}, ${network.values.year}`;
  if (key === "top1" || key === "recipe") return network.accuracy ? `${recipeOf(network)}: ${network.accuracy.source}` : "no published accuracy of this choice";
  const value = key === "family" || key === "year" || key === "size" ? undefined : network.values[key];
  return value === undefined ? "" : digits(value) + (key.endsWith("bytes") || key === "counted" ? " bytes" : "");
}
