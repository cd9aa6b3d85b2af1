// The data of lessons, as archcalc.site.lessons writes them.
import type { Answer as Derived } from "./derivation_blocks";

export interface Listed {
  name: string;
  title: string;
  summary: string;
}

export interface LessonsData {
  lessons: Listed[];
  version: string;
}

export type Answer = number | string | number[];

export interface Hint {
  value: Answer;
  text: string;
}

export interface Printed {
  id: string;
  document: string;
  line: number;
  text: string;
  comment: string;
  verdict: string;
  computed: string | null;
  reading: string;
  reason: string;
}

export interface Question {
  key: string;
  ask: string;
  /** A shape is channels, height and width; a ratio is two numbers, the upper first. */
  kind: "number" | "shape" | "ratio";
  answer: Answer;
  unit: string;
  hints: Hint[];
  derivation: Derived | null;
  printed: Printed[];
}

export type Cell = string | number | { blank: string };

export interface Sheet {
  name: string;
  title: string;
  summary: string;
  seed: number;
  text: string[];
  network: string;
  sources: { document: string; title: string; line: number; text: string }[];
  grid: { caption: string; columns: string[]; rows: Cell[][] } | null;
  steps: { label: string; operation: string; shape: number[]; key: string }[];
  questions: Question[];
}

export interface LessonData {
  sheet: Sheet;
  lessons: Listed[];
  /** Sheets 1 to this one are files; the engine makes the others. */
  prepared: number;
  version: string;
}
