// What others printed and measured of a network: see archcalc/site/evidence.py for the data.

export interface PrintedClaim {
  id: string;
  document: string;
  line: number;
  section: string;
  says: string;
  what: string;
  printed: string;
  computed: string;
  verdict: string;
  words: string;
}

export interface PrintedAccuracy {
  dataset: string;
  top1: number | null;
  top5: number | null;
  size: number | null;
  evaluation: string;
  runs: string;
  extra_data: string;
  recipe: string;
  training: string;
  source: string;
  address: string;
}

export interface PrintedRate {
  images_per_second: number;
  device: string;
  size: number;
  batch: number;
  precision: string;
  runtime: string;
  model: string;
  source: string;
}

export interface ValidatedOn {
  device: string;
  date: string;
  checks: { check: string; reference: string; status: string; compared: number; against: string; note: string }[];
}

export interface EvidenceData {
  claims: PrintedClaim[];
  accuracies: PrintedAccuracy[];
  rates: PrintedRate[];
  validated: ValidatedOn[];
}

/** How much there is of each kind. */
export interface EvidenceCounts {
  claims: Record<string, number>;
  accuracies: number;
  rates: number;
  validated: Record<string, number>;
}

/** Numbers of something in words: "12 exact, 2 contradicted". */
export function tally(counts: Record<string, number>, order: readonly string[] = []): string {
  const rank = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  return Object.entries(counts)
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([key, number]) => `${number} ${key}`)
    .join(", ");
}

export function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, each) => sum + each, 0);
}
