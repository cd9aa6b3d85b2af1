// The data that archcalc.site writes, as JSON: see network_page.py and catalogue_page.py for what each means.
import type { EvidenceCounts } from "./evidence_data";

/** A number: itself, the digits of one that a double does not hold, or a place on the tape. */
export type Ref = number | string | readonly [number];

export interface TapeData {
  variables: [string, number][];
  constants: (number | string)[];
  signs: string;
  operands: number[];
  guards: [number, "<" | "=", boolean][];
}

export interface Field {
  size?: Ref[];
  stride?: (number | string)[];
  offset?: Ref[];
  is?: "whole" | "varies" | "";
  local?: Field;
}

/** Unit `q * units.length + p` sees the positions from first to last of `units[p]`, moved by `q * jump`. */
export interface UnitField {
  jump: Ref;
  units: (readonly [Ref, Ref] | null)[];
}

export interface Row {
  name: string;
  operation: string;
  shape: Ref[];
  activations: Ref;
  params: Ref;
  mult_adds: Ref;
  counted?: Ref;
  in_place?: true;
  field: Field;
}

export type Level = "stage" | "block" | "layer" | "operation";

export interface Variable {
  value: number;
  low: number;
  high: number;
  meaning: string;
}

export interface Hyperparameter {
  name: string;
  value: unknown;
  default: unknown;
  kind: "whole" | "real" | "choice" | "switch" | "blocks" | string;
  range: string;
  low: number | null;
  high: number | null;
  choices: unknown[];
  meaning: string;
}

export interface Convention {
  name: string;
  unit: string;
  quantity: "work" | "memory" | "parameters";
  summary: string;
  total: Ref;
}

export interface Label {
  label: string;
  unit: string;
  scope: "image" | "batch" | "network";
  meaning: string;
}

export interface NetworkPage {
  name: string;
  settings: string[];
  input: Ref[];
  /** The place in the input of each axis that is a variable. */
  axes: Record<string, number>;
  example: string;
  variables: Record<string, Variable>;
  dtype: string;
  element_bytes: number;
  convention: Convention | null;
  hyperparameters: Hyperparameter[];
  tape: TapeData;
  totals: Record<string, Ref>;
  labels: Record<string, Label>;
  levels: Partial<Record<Level, Row[]>>;
  /** For each row whose units see windows that differ, those of a period along each axis. */
  units: Record<string, (UnitField | null)[]>;
  remarks: string[];
}

/** The times of a network on a device, as archcalc.latency states them. */
export interface Times {
  device: string;
  device_name: string;
  seconds: number;
  images_per_second: number;
  layers: { name: string; seconds: number; bound: string }[];
  remarks: string[];
}

/** What is known of a network of the catalogue beside its costs. */
export interface About {
  name: string;
  title: string;
  summary: string;
  paper: string;
  authors: string;
  year: number;
  source: string;
  address: string;
  bibtex: string;
  family: string;
  confirmed: string;
  notes: string[];
  variants: string[];
  /** Titles of the lecture documents that have the network, by number. */
  documents: Record<string, string>;
  evidence: EvidenceCounts;
}
