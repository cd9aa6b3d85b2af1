// The data of the catalogue: what catalogue_page.py and accuracies.py write, read into one object for each network.

export type Key =
  | "params"
  | "mult_adds"
  | "activation_sum"
  | "peak_inference_bytes"
  | "training_step_bytes"
  | "counted"
  | "top1"
  | "top5"
  | "year"
  | "size";

/** [place of the network, top-1, top-5, size of the test image (0: the network's own), recipe, source, note] */
export type AccuracyLine = [number, number, number | null, number, number, number?, string?];

export interface CatalogueData {
  version: string;
  /** File of the zoo, title, authors. */
  families: [string, string, string][];
  columns: string[];
  networks: (string | number | number[])[][];
  /** Name, what it counts, unit. */
  conventions: [string, Quantity, string][];
  /** What the page begins with; the rest, with sources, is in Accuracies. */
  accuracy: { recipes: [string, string][]; points: AccuracyLine[] };
}

export type Quantity = "work" | "memory" | "parameters";

export interface Accuracies {
  default: Record<string, string>;
  recipes: [string, string, string][];
  sources: string[];
  points: Record<string, Record<string, AccuracyLine[]>>;
}

export interface Counts {
  name: string;
  unit: string;
  quantity: Quantity;
  summary: string;
  left_out: string;
  totals: (number | string)[];
}

export interface Accuracy {
  top1: number;
  top5: number | null;
  /** Height and width of the test image; 0 for the network's own. */
  size: number;
  recipe: string;
  title: string;
  source: string;
  note: string;
}

export interface Network {
  place: number;
  name: string;
  label: string;
  family: string;
  familyTitle: string;
  authors: string;
  aliases: string[];
  input: number[];
  /** Every quantity that has a value. */
  values: Partial<Record<Key, number>>;
  accuracy: Accuracy | null;
}

export const HIGHEST = "highest";
export const DATASETS: [string, string][] = [
  ["imagenet", "ImageNet"],
  ["cifar10", "CIFAR-10"],
  ["cifar100", "CIFAR-100"],
  ["mnist", "MNIST"],
  ["stanford_dogs", "Stanford Dogs"],
];

/** The networks of the data as the page begins: mult-adds as the papers count, each network's highest accuracy. */
export function networksOf(data: CatalogueData): Network[] {
  const networks = data.networks.map((cells, place): Network => {
    const [name, label, at, year, given, params, mult_adds, activation_sum, peak, step, ...aliases] = cells;
    const [family, familyTitle, authors] = data.families[at as number]!;
    const input = typeof given === "number" ? [3, given, given] : (given as number[]);
    const values = {
      year: Number(year),
      size: Math.max(...input.slice(1)),
      params: Number(params),
      mult_adds: Number(mult_adds),
      activation_sum: Number(activation_sum),
      peak_inference_bytes: Number(peak),
      training_step_bytes: Number(step),
    };
    const names = aliases as string[];
    return { place, name: String(name), label: String(label || name), family, familyTitle, authors, aliases: names, input, values, accuracy: null };
  });
  return withAccuracies(networks, data.accuracy.points, data.accuracy.recipes, []);
}

/** The networks with the accuracies of some lines; the others have none. */
export function withAccuracies(
  networks: Network[],
  lines: readonly AccuracyLine[],
  recipes: readonly (readonly string[])[],
  sources: readonly string[],
): Network[] {
  const found = new Map(lines.map((line) => [line[0], line]));
  return networks.map((network) => {
    const { top1: _, top5: __, ...others } = network.values;
    const line = found.get(network.place);
    if (!line) return { ...network, values: others, accuracy: null };
    const [, top1, top5, size, at, source, note] = line;
    const [recipe = "", title = ""] = recipes[at] ?? [];
    const accuracy = { top1, top5, size, recipe, title, source: sources[source ?? -1] ?? "", note: note ?? "" };
    return { ...network, values: { ...others, top1, ...(top5 === null ? {} : { top5 }) }, accuracy };
  });
}

/** The networks with their totals under a convention in the place of the quantity that it counts. */
export function withCounts(networks: Network[], counts: Counts): Network[] {
  const key = keyOf(counts.quantity);
  return networks.map((network) => ({
    ...network,
    values: { ...network.values, [key]: Number(counts.totals[network.place]) },
  }));
}

/** The quantity whose place the totals of a convention take. */
export function keyOf(quantity: Quantity): Key {
  return quantity === "work" ? "mult_adds" : quantity === "parameters" ? "params" : "counted";
}
