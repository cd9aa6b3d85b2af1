// A table as CSV, Markdown or LaTeX: the marks of archcalc/present/markup.py.

export interface TextTable {
  caption: string;
  headings: string[];
  /** For each column, whether it has numbers, which are aligned to the right. */
  right: boolean[];
  rows: string[][];
  totals?: string[][];
  remarks?: string[];
}

export type TextFormat = "csv" | "markdown" | "latex";

/** The text of a table. CSV has neither caption, totals nor remarks. */
export function tableText(format: TextFormat, table: TextTable): string {
  return { csv, markdown, latex }[format](table);
}

export type Cell = string | number | null | undefined;

/** A table without caption, in a format: a cell without a value is empty, and columns of numbers stand right. */
export function cellsText(format: TextFormat, headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map((cell) => (cell === null || cell === undefined ? "" : String(cell))));
  const right = headings.map((_, column) => isNumeric(texts.map((row) => row[column] ?? "")));
  const lines = format === "csv" ? texts : texts.map((row) => row.map((cell) => cell.replace(/\r?\n/g, " ")));
  return `${tableText(format, { caption: "", headings: [...headings], right, rows: lines })}\n`;
}

/** True if a column has nothing but numbers, with units perhaps. */
function isNumeric(cells: readonly string[]): boolean {
  const given = cells.filter(Boolean);
  return given.length > 0 && given.every((cell) => /^[\d×]/.test(cell) && /^[-+]?[\d.,×]+ ?[A-Za-z%]{0,2}$/.test(cell));
}

function csv({ headings, rows }: TextTable): string {
  return [headings, ...rows].map((cells) => cells.map(csvCell).join(",")).join("\n");
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function markdown({ caption, headings, right, rows, totals = [], remarks = [] }: TextTable): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const escaped = (cells: string[]) => cells.map(markdownEscape);
  const body = [
    line(escaped(headings)),
    line(right.map((numbers) => (numbers ? "---:" : ":---"))),
    ...rows.map((cells) => line(escaped(cells))),
    ...totals.map((cells) => line(escaped(cells).map((cell) => (cell ? `**${cell}**` : "")))),
  ];
  const head = caption ? [`**${markdownEscape(caption)}**`] : [];
  return [head, body, remarks.map(markdownEscape)]
    .filter((part) => part.length)
    .map((part) => part.join("\n"))
    .join("\n\n");
}

/** Text with Markdown's marks made harmless; an underscore within a word is none. */
export function markdownEscape(text: string): string {
  return text.replace(/[\\`*<|]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (mark) => `\\${mark}`);
}

function latex({ caption, headings, right, rows, totals = [], remarks = [] }: TextTable): string {
  const line = (cells: string[]) => `${cells.map(latexEscape).join(" & ")} \\\\`;
  const notes = [caption, ...remarks].filter(Boolean).map((each) => `% ${each}`);
  return [
    ...notes,
    `\\begin{tabular}{${right.map((numbers) => (numbers ? "r" : "l")).join("")}}`,
    "\\toprule",
    ...(headings.some(Boolean) ? [line(headings), "\\midrule"] : []),
    ...rows.map(line),
    ...(totals.length ? ["\\midrule", ...totals.map(line)] : []),
    "\\bottomrule",
    "\\end{tabular}",
  ].join("\n");
}

const NAMES: Record<string, string> = {
  "\\": "backslash",
  "~": "asciitilde",
  "^": "asciicircum",
  "<": "less",
  ">": "greater",
};
const SIGNS: Record<string, string> = { "×": "$\\times$" };

/** Text with LaTeX's special characters made harmless. */
export function latexEscape(text: string): string {
  return text.replace(/[\\~^<>×&%$#_{}]/g, (mark) => SIGNS[mark] ?? (NAMES[mark] ? `\\text${NAMES[mark]}{}` : `\\${mark}`));
}
