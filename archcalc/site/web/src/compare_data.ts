// The data of the page that compares networks: see compare_page.py for what each means.

/** The place of a layer in each of two cost tables, and true for the same operation. */
export type Pair = [number | null, number | null, boolean];

export interface Stages {
  by: "name" | "scale";
  /** For each network, ranges of places in its cost table: [1, 3, 5, 6] are the layers 1, 2 and 5. */
  groups: { label: string; parts: number[][] }[];
}

export interface Alignment {
  pairs: Pair[] | null;
  stages: Stages;
}

export interface ConventionLine {
  name: string;
  total: number | string;
  unit: string;
  summary: string;
  bugs: number | string;
  left_out: string;
}

export interface Step {
  words: string;
  amount: number | string;
  why: string;
  reason: string;
  bug: boolean;
}

export interface Reconciliation {
  name: string;
  settings: string[];
  input: string;
  example: string;
  start: string;
  quantity: string;
  /** All conventions, with what they count. */
  starts: Record<string, string>;
  /** The conventions with the same quantity as the start, which is the first; on implementations too. */
  names: string[];
  /** All of them, or only the start and the one that was asked for. */
  lines: ConventionLine[];
  models: string[];
  waterfalls: Record<string, Step[]>;
}

export interface ComparePage {
  names: string[];
  alignment: Alignment;
  reconciliation: Reconciliation;
}
