// Texts and sums of the page that compares networks, as `archcalc compare`, `diff` and `reconcile` write them.
import type { Pair } from "./compare_data";
import type { Quantity } from "./compare_state";
import type { NetworkPage, Row } from "./data";
import { digits, human, humanBytes } from "./format";
import type { Values } from "./tape";

type Whole = number | bigint;

/** A quotient in three significant digits, as Python's `.3g` writes it: 5.41, 0.897, 1.23e+03; empty without one. */
export function ratioText(part: Whole, whole: Whole): string {
  const value = Number(part) / Number(whole);
  if (!Number(whole)) return "";
  if (!value) return "0";
  const [number, power] = threeDigits(value);
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 3) {
    const sign = exponent < 0 ? "-" : "+";
    return `${trimmed(number)}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  return trimmed(Number(`${number}e${exponent}`).toFixed(Math.max(0, 2 - exponent)));
}

/** The first three digits of a number, `1.23`, and its power of ten; halves go to the even digit. */
function threeDigits(value: number): [string, string] {
  const [exact, power] = value.toExponential(60).split("e") as [string, string];
  const rest = exact.slice(4);
  const kept = exact.slice(0, 4);
  if (/^50*$/.test(rest) && Number(kept.at(-1)) % 2 === 0) return [kept, power];
  return value.toExponential(2).split("e") as [string, string];
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** A difference of counts with its sign, in four digits: +1.344G, -25.60K; empty for none. */
export function signedHuman(difference: Whole): string {
  if (!difference) return "";
  return difference < 0 ? `-${human(-difference)}` : `+${human(difference)}`;
}

/** A difference with its sign and all its digits. */
export function signedDigits(difference: Whole): string {
  return difference > 0 ? `+${digits(difference)}` : digits(difference);
}

/** A total of the networks that are compared, with its value in each; null where it has none yet. */
export interface TotalRow {
  key: string;
  label: string;
  unit: string;
  meaning: string;
  values: (Whole | null)[];
}

interface Counted {
  page: NetworkPage;
  values: Values;
}

const COUNTED: Record<string, string> = { parameters: "params", work: "mult_adds", memory: "peak_inference_bytes" };

/** The totals of networks; a convention replaces the total that it counts. */
export function totalRows(networks: (Counted | null)[]): TotalRow[] {
  const first = networks.find((each) => each !== null);
  if (!first) return [];
  const { page } = first;
  return Object.keys(page.totals).map((key) => {
    const label = page.labels[key]!;
    const convention = page.convention && COUNTED[page.convention.quantity] === key ? page.convention : null;
    return {
      key,
      label: convention ? convention.unit.split(" (")[0]! : label.label,
      unit: convention?.quantity === "memory" ? "bytes" : label.unit,
      meaning: convention ? `${convention.name}: ${convention.summary}` : label.meaning,
      values: networks.map((each) => {
        const ref = convention ? each?.page.convention?.total : each?.page.totals[key];
        return ref === undefined ? null : each!.values.of(ref);
      }),
    };
  });
}

export function written(value: Whole, unit: string): string {
  return unit === "bytes" ? humanBytes(value) : human(value);
}

/** The places with the largest of some values; none if all are the same. */
export function largest(values: (Whole | null)[]): boolean[] {
  const known = values.filter((each) => each !== null).map(BigInt);
  const top = known.reduce((one, other) => (other > one ? other : one), 0n);
  const differ = known.some((each) => each !== known[0]);
  return values.map((each) => differ && each !== null && BigInt(each) === top);
}

/** What a layer adds to a total: activations of a layer in place are none. */
export function amountOf(row: Row | undefined, quantity: Quantity, values: Values): bigint {
  if (!row || (quantity === "activations" && row.in_place)) return 0n;
  return BigInt(values.of(row[quantity]));
}

/** The layers in some ranges of places. */
export function rowsIn(rows: readonly Row[], ranges: readonly number[]): Row[] {
  const found: Row[] = [];
  for (let at = 0; at + 1 < ranges.length; at += 2) found.push(...rows.slice(ranges[at], ranges[at + 1]));
  return found;
}

export type Change = "same" | "resized" | "changed" | "added" | "removed";

export interface LayerRow {
  change: Change;
  first: Row | undefined;
  second: Row | undefined;
  deltas: Record<Quantity, bigint>;
}

/** The layers of two networks side by side, with what the second has more. */
export function layerRows(pairs: readonly Pair[], networks: readonly Counted[]): LayerRow[] {
  const [one, other] = networks as [Counted, Counted];
  return pairs.map(([at, to, alike]) => {
    const first = at === null ? undefined : one.page.levels.layer![at];
    const second = to === null ? undefined : other.page.levels.layer![to];
    const delta = (quantity: Quantity) =>
      amountOf(second, quantity, other.values) - amountOf(first, quantity, one.values);
    const deltas = { params: delta("params"), mult_adds: delta("mult_adds"), activations: delta("activations") };
    return { change: changeOf(first, second, alike, one.values, other.values), first, second, deltas };
  });
}

function changeOf(first: Row | undefined, second: Row | undefined, alike: boolean, one: Values, other: Values): Change {
  if (!first) return "added";
  if (!second) return "removed";
  if (!alike) return "changed";
  const sizes = (row: Row, values: Values) =>
    [...row.shape, row.params, row.mult_adds, row.activations].map((ref) => String(values.of(ref))).join();
  return sizes(first, one) === sizes(second, other) ? "same" : "resized";
}

/** The numbers to which a sum of steps leads: the first is 0. */
export function levelsOf(amounts: readonly bigint[]): bigint[] {
  const levels = [0n];
  for (const amount of amounts) levels.push(levels.at(-1)! + amount);
  return levels;
}
