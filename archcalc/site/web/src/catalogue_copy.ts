// A table as text to copy: CSV, Markdown, LaTeX.

export type Format = "csv" | "markdown" | "latex";
export type Cell = string | number | null | undefined;

/** A table in a format. Numbers stand right; a cell without a value is empty. Lines end with a line feed. */
export function copyTable(format: Format, headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = rows.map((row) => row.map((cell) => (cell === null || cell === undefined ? "" : String(cell))));
  if (format === "csv") return [headings, ...lines].map((line) => `${line.map(quoted).join(",")}\n`).join("");
  const right = headings.map((_, column) => isNumeric(lines.map((line) => line[column] ?? "")));
  return format === "markdown" ? asMarkdown(headings, lines, right) : asLatex(headings, lines, right);
}

/** True if a column has nothing but numbers, with units perhaps. */
function isNumeric(cells: readonly string[]): boolean {
  const given = cells.filter(Boolean);
  return given.length > 0 && given.every((cell) => /^[\d×]/.test(cell) && /^[-+]?[\d.,×]+ ?[A-Za-z%]{0,2}$/.test(cell));
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function asMarkdown(headings: readonly string[], rows: readonly string[][], right: readonly boolean[]): string {
  const escaped = (text: string) => text.replace(/[\\`*<|]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "\\$&").replace(/\r?\n/g, " ");
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(" | ")} |\n`;
  return line(headings) + `| ${right.map((is) => (is ? "---:" : ":---")).join(" | ")} |\n` + rows.map(line).join("");
}

const LATEX: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "×": "$\\times$",
};

/** A `tabular` in the style of the booktabs package. */
function asLatex(headings: readonly string[], rows: readonly string[][], right: readonly boolean[]): string {
  const escaped = (text: string) => text.replace(/[\\~^<>×&%$#_{}]/g, (mark) => LATEX[mark] ?? `\\${mark}`).replace(/\r?\n/g, " ");
  const line = (cells: readonly string[]) => `${cells.map(escaped).join(" & ")} \\\\\n`;
  const columns = right.map((is) => (is ? "r" : "l")).join("");
  const body = rows.map(line).join("");
  return `\\begin{tabular}{${columns}}\n\\toprule\n${line(headings)}\\midrule\n${body}\\bottomrule\n\\end{tabular}\n`;
}

/** Put text on the clipboard; rejects where the browser does not let a page do so. */
export async function toClipboard(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea"); // a page that is not served securely has no clipboard of its own
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser does not let this page copy");
}
