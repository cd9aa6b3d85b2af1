// Which networks are shown, and in which order.
import type { Network } from "./catalogue_data";
import { RANGES, type CatalogueState, type RangeKey, type SortKey } from "./catalogue_state";
import { boundsOf, WordError } from "./catalogue_words";

export interface Found {
  networks: Network[];
  /** Ends of ranges that are no amounts, by quantity; they do not filter. */
  problems: Partial<Record<RangeKey, string>>;
  /** Networks that everything else lets through, without the published accuracy that a range asks for. */
  withoutAccuracy: number;
}

/** The networks that a state shows, in its order. */
export function find(networks: readonly Network[], state: Pick<CatalogueState, "query" | "ranges" | "families" | "sort">): Found {
  const problems: Found["problems"] = {};
  const bounds = Object.entries(state.ranges).flatMap(([name, range]) => {
    const key = name as RangeKey;
    try {
      const [low, high] = boundsOf(range, RANGES[key].kind);
      return low === -Infinity && high === Infinity ? [] : [{ key, low, high }];
    } catch (error) {
      if (!(error instanceof WordError)) throw error;
      problems[key] = error.message;
      return [];
    }
  });
  const words = wordsOf(state.query);
  const whole = squashed(state.query);
  let withoutAccuracy = 0;
  const found = networks.filter((network) => {
    if (state.families.length && !state.families.includes(network.family)) return false;
    if (words.length && !matches(network, words, whole)) return false;
    let unpublished = false;
    for (const { key, low, high } of bounds) {
      const value = network.values[key];
      if (value === undefined) unpublished = true;
      else if (value < low || value > high) return false;
    }
    if (unpublished) withoutAccuracy += 1;
    return !unpublished;
  });
  return { networks: sorted(found, state.sort), problems, withoutAccuracy };
}

const texts = new Map<string, { text: string; squashed: string }>();

/** True if a network's names, family, authors or year hold every word, or its names the whole query without separators. */
function matches(network: Network, words: readonly string[], whole: string): boolean {
  let known = texts.get(network.name);
  if (!known) {
    const { name, label, aliases, family, familyTitle, authors, values } = network;
    const all = [name, label, ...aliases, family, familyTitle, authors, String(values.year)];
    const plainText = plain(all.join(" "));
    known = { text: `${plainText} ${all.map(squashed).join(" ")}`, squashed: [name, label, ...aliases].map(squashed).join(" ") };
    texts.set(network.name, known);
  }
  return words.every((word) => known.text.includes(word)) || known.squashed.includes(whole);
}

function wordsOf(query: string): string[] {
  return plain(query).split(/[\s,]+/).filter(Boolean);
}

/** Small letters without accents; the times sign is an x. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("×", "x").toLowerCase();
}

function squashed(text: string): string {
  return plain(text).replace(/[^a-z0-9]/g, "");
}

const names = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Networks in an order; those without a value stand last, in either direction. */
export function sorted(networks: readonly Network[], order: CatalogueState["sort"]): Network[] {
  const copy = [...networks];
  if (!order) return copy;
  const { key, descending } = order;
  const sign = descending ? -1 : 1;
  return copy.sort((a, b) => {
    const [left, right] = [valueOf(a, key), valueOf(b, key)];
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined) || a.place - b.place;
    const difference = typeof left === "string" ? names.compare(left, String(right)) : left - Number(right);
    return sign * difference || a.place - b.place;
  });
}

function valueOf(network: Network, key: SortKey): string | number | undefined {
  if (key === "name") return network.label;
  if (key === "family") return network.familyTitle;
  if (key === "recipe") return network.accuracy?.title;
  return network.values[key];
}

/** The networks that none beats in both quantities: smaller is better in costs and in years, larger in accuracy. */
export function frontOf(networks: readonly Network[], x: keyof Network["values"], y: keyof Network["values"]): Network[] {
  const benefit = (key: string) => key === "top1" || key === "top5";
  const at = (network: Network, key: keyof Network["values"]) => (benefit(key) ? -1 : 1) * network.values[key]!;
  const known = networks.filter((each) => each.values[x] !== undefined && each.values[y] !== undefined);
  known.sort((a, b) => at(a, x) - at(b, x) || at(a, y) - at(b, y) || a.place - b.place);
  const front: Network[] = [];
  for (const each of known) {
    const last = front.at(-1);
    if (!last || at(each, y) < at(last, y)) front.push(each);
  }
  return front;
}
