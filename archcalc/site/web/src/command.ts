// The command line that prints what a page shows.
import type { NetworkPage } from "./data";
import type { Asked } from "./live";
import { sizesOf, type State } from "./state";

/** `archcalc WORD NAME ...` for a network in a state; `more` stands behind the name. */
export function commandOf(word: string, asked: Asked, page: NetworkPage, state: State, more: string[] = []): string {
  const name = "name" in asked ? asked.name : asked.file.name;
  return ["archcalc", word, name, ...more, ...optionsOf(page, state)].map(quoted).join(" ");
}

function optionsOf(page: NetworkPage, state: State): string[] {
  const { values, settings } = state;
  const axes = sizesOf(page);
  const options: string[] = [];
  const sizes = axes.map((axis) => values[axis] ?? page.variables[axis]!.value);
  if (axes.some((axis) => values[axis] !== undefined && values[axis] !== page.variables[axis]!.value)) {
    options.push("--size", new Set(sizes).size === 1 ? String(sizes[0]) : sizes.join("x"));
  }
  if (values["N"] !== undefined && values["N"] !== 1) options.push("--batch", String(values["N"]));
  if (state.dtype) options.push("--dtype", state.dtype);
  for (const [key, value] of Object.entries(settings)) options.push("--set", `${key}=${value}`);
  if (values["K"] !== undefined) options.push("--classes", String(values["K"]));
  if (values["C"] !== undefined) options.push("--set", `in_channels=${values["C"]}`);
  return options;
}

/** A word for a POSIX shell. */
function quoted(word: string): string {
  return /^[\w.,:=/+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
