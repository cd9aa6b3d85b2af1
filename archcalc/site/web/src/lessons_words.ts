/** A line of a document, which has marks of Markdown and formulas in LaTeX, as plain words. */
export function plainLine(line: string): string {
  return line
    .replace(/\$+([^$]*)\$+/g, (_, formula: string) => plainFormula(formula))
    .replace(/\*\*(?=\S)|(?<=\S)\*\*/g, "")
    .replace(/^\s*[-▶]\s+/, "")
    .replace(/\s+/g, " ")
    .trim();
}

const SIGNS: Record<string, string> = { times: "×", approx: "≈", rightarrow: "→", cdot: "·", sim: "∼" };

function plainFormula(formula: string): string {
  return formula
    .replace(/\\(?:text|mathbf|mathrm)\{([^}]*)\}/g, "$1")
    .replace(/\\([a-z]+)/g, (all, name: string) => SIGNS[name] ?? all)
    .replace(/\{|\}/g, "");
}
