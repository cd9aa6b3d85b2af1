// Amounts and ranges as people write them: 300M, 1.5 G, 4 GB, 25,557,032, 75 %.

export type Kind = "count" | "bytes" | "percent" | "plain";

export class WordError extends Error {}

const COUNTS: Record<string, number> = {
  "": 1,
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  million: 1e6,
  millions: 1e6,
  g: 1e9,
  b: 1e9,
  billion: 1e9,
  billions: 1e9,
  t: 1e12,
  trillion: 1e12,
};
const BYTES: Record<string, number> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12, ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30, ti: 2 ** 40 };
const EXAMPLES: Record<Kind, string> = {
  count: "300M, 1.5G or 25,557,032",
  bytes: "4 GB, 300MB or 2 GiB",
  percent: "75 or 75.5 %",
  plain: "224",
};

/** The number that a text means; null for an empty text. Throws WordError with a sentence for any other. */
export function amountOf(text: string, kind: Kind): number | null {
  const given = text.trim();
  if (!given) return null;
  const found = /^(\d{1,3}(?:[, _'\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)(e[+-]?\d{1,2})?\s*([a-z%]*)$/i.exec(given);
  const unit = found ? unitOf(found[3]!.toLowerCase(), kind) : undefined;
  if (!found || unit === undefined) throw new WordError(`"${given}" is no ${nounOf(kind)}: write ${EXAMPLES[kind]}`);
  // Decimals times a power of ten are rounded, so that 1.1K is 1100 and no neighbour of it.
  const value = Number(found[1]!.replace(/[, _'\u202f]/g, "") + (found[2] ?? "")) * unit;
  return kind === "percent" ? value : Number(value.toPrecision(15));
}

function unitOf(word: string, kind: Kind): number | undefined {
  if (kind === "percent") return word === "" || word === "%" ? 1 : undefined;
  if (kind === "plain") return word === "" || word === "px" ? 1 : undefined;
  if (kind === "count") return Object.hasOwn(COUNTS, word) ? COUNTS[word] : undefined;
  const unit = word.replace(/(?:bytes?|b)$/, "");
  return Object.hasOwn(BYTES, unit) ? BYTES[unit] : undefined;
}

function nounOf(kind: Kind): string {
  return kind === "bytes" ? "amount of memory" : "number";
}

/** A range as its two ends are typed; either may be empty. */
export interface Range {
  from: string;
  to: string;
}

/** The numbers of a range: ends that are not given are infinite. Throws WordError. */
export function boundsOf(range: Range, kind: Kind): [number, number] {
  return [amountOf(range.from, kind) ?? -Infinity, amountOf(range.to, kind) ?? Infinity];
}

/** A range in an address: `1M..25M`, `..300M`. */
export function writeRange(range: Range): string {
  const [from, to] = [range.from, range.to].map((end) => end.replace(/\s+/g, ""));
  return from || to ? `${from}..${to}` : "";
}

/** The range of an address; a single amount is both ends of one. */
export function readRange(text: string): Range {
  const at = text.indexOf("..");
  return at < 0 ? { from: text.trim(), to: text.trim() } : { from: text.slice(0, at).trim(), to: text.slice(at + 2).trim() };
}
