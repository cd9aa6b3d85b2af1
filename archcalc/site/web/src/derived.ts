// What a cell of the cost table, or a total, is derived as: the layer and the quantity of `archcalc why`.
import type { Level, NetworkPage, Ref, Row } from "./data";
import type { Values } from "./tape";

/** A number of the page that was pointed at. */
export interface Target {
  /** The row of the table; `total` for the whole network. */
  row: string;
  /** The column of the table, or the key of a total. */
  column: string;
  /** True in the table, whose numbers a convention counts; false for the totals above it. */
  inTable: boolean;
}

/** The members of a row that stands for several layers, with their part of its number. */
export interface Part {
  name: string;
  value: number | bigint;
}

/** What to ask for a target: a derivation, a sum over layers, or nothing, with the reason. */
export type Plan =
  | { kind: "derive"; layer: string; quantity: string; remark: string }
  | { kind: "sum"; parts: Part[]; unit: string; total: number | bigint }
  | { kind: "none"; reason: string };

const QUANTITIES: Record<string, string> = {
  output: "output_shape",
  activations: "activations",
  memory: "memory_bytes",
  params: "params",
  mult_adds: "mult_adds",
  field: "receptive_field",
};
const OF_ALL: Record<string, string> = { ...QUANTITIES, activations: "activation_sum" };
/** The totals that `archcalc why` derives beside those of the table's columns. */
const DERIVED = [
  "params",
  "buffers",
  "mult_adds",
  "memory_bytes",
  "activation_sum",
  "parameter_bytes",
  "peak_inference_bytes",
  "training_saved_bytes",
  "weight_layers",
];
const OTHERS: Record<string, string> = {
  training_step_bytes: "A training step's peak is the largest of the sums of what is alive at each moment.",
  bytes_moved: "Each layer reads its inputs and its parameters and writes its output: the sum of these bytes.",
  counted: "This total is counted by the chosen convention, not by archcalc's own formulas.",
  latency: "A time is predicted from the device's rates, not derived from the layers alone.",
};
const UNITS: Record<string, string> = {
  activations: "values",
  memory: "bytes",
  params: "parameters",
  mult_adds: "mult-adds",
};

const COUNTED: Record<string, string> = { work: "mult_adds", memory: "memory", parameters: "params" };

/** The number that the table shows for a target by its convention; null where it shows archcalc's own. */
export function countedOf({ row, column, inTable }: Target, page: NetworkPage, values: Values): number | bigint | null {
  const { convention } = page;
  if (!inTable || !convention || COUNTED[convention.quantity] !== column) return null;
  if (row === "total") return values.of(convention.total);
  const found = Object.values(page.levels).flat().find((each) => each.name === row);
  return found ? values.of(found.counted ?? 0) : null;
}

/** How a number of the page is derived. */
export function planOf(target: Target, page: NetworkPage, values: Values): Plan {
  const { row, column } = target;
  if (row === "total") {
    const quantity = OF_ALL[column] ?? column;
    if (DERIVED.includes(quantity)) return { kind: "derive", layer: row, quantity, remark: "" };
    return { kind: "none", reason: OTHERS[column] ?? "This number has no derivation of its own." };
  }
  const quantity = QUANTITIES[column];
  if (!quantity) return { kind: "none", reason: "This number has no derivation of its own." };
  const members = membersOf(page, row);
  if (members.length < 2 || members.some((each) => each.name === row)) {
    return { kind: "derive", layer: row, quantity, remark: "" };
  }
  const last = members.at(-1)!.name;
  if (column === "output" || column === "field") {
    return { kind: "derive", layer: last, quantity, remark: `The ${column} of ${row} is that of its last layer, ${last}.` };
  }
  return sumOf(target, page, values, members);
}

function sumOf({ column }: Target, page: NetworkPage, values: Values, members: Row[]): Plan {
  const counting = column === "activations" || column === "memory" ? members.filter((each) => !each.in_place) : members;
  const place = page.tape.variables.findIndex(([name]) => name === "N");
  const batch = place < 0 ? 1n : BigInt(values.of([place]));
  const parts = counting
    .map((each) => ({ name: each.name, value: partOf(each, column, values, BigInt(page.element_bytes) * batch) }))
    .filter((part) => part.value != 0);
  const total = parts.reduce((sum, part) => sum + BigInt(part.value), 0n);
  return { kind: "sum", parts, unit: UNITS[column]!, total };
}

function partOf(row: Row, column: string, values: Values, bytes: bigint): number | bigint {
  if (column === "memory") return BigInt(values.of(row.activations)) * bytes;
  return values.of(row[column as "activations" | "params" | "mult_adds"] as Ref);
}

/** The layers that a row stands for: itself, or those of a stage or a block. */
export function membersOf(page: NetworkPage, name: string): Row[] {
  const layers = page.levels.layer ?? [];
  const own = layers.filter((each) => each.name === name);
  if (own.length) return own;
  const depth: Record<string, number> = { stage: 1, block: 2 };
  const level = (["stage", "block"] as Level[]).find((each) => page.levels[each]?.some((row) => row.name === name));
  return level ? layers.filter((each) => beginning(each.name, depth[level]!) === name) : [];
}

/** The first parts of a name: see `archcalc.analysis.parts.beginning`. */
export function beginning(name: string, parts: number): string {
  const ends = [...name.matchAll(/\.|(?<=\d)_(?=(?:\d+|dw|pw|reduce)(?:\.|$))/g)];
  return ends.length >= parts ? name.slice(0, ends[parts - 1]!.index) : name;
}
