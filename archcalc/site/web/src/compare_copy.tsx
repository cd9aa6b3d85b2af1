// Buttons that copy a table. (A stand-in for copying.tsx, with the same `copyTable`.)
import { useState } from "preact/hooks";

type Format = "csv" | "markdown" | "latex";
const FORMATS: [Format, string][] = [
  ["csv", "CSV"],
  ["markdown", "Markdown"],
  ["latex", "LaTeX"],
];

interface CopyProps {
  caption: string;
  headings: string[];
  rows: string[][];
}

export function Copy({ caption, headings, rows }: CopyProps) {
  const [said, setSaid] = useState("");
  return (
    <p class="copying">
      {FORMATS.map(([format, name]) => (
        <button
          key={format}
          type="button"
          onClick={() =>
            void copyTable(format, headings, rows, caption).then(
              () => setSaid(`copied as ${name}`),
              () => setSaid("this browser does not let a page copy"),
            )
          }
        >
          Copy {name}
        </button>
      ))}
      <span role="status">{said}</span>
    </p>
  );
}

/** Copy a table as text. */
export async function copyTable(format: Format, headings: string[], rows: string[][], caption: string): Promise<void> {
  await navigator.clipboard.writeText(tableText(format, headings, rows, caption));
}

export function tableText(format: Format, headings: string[], rows: string[][], caption: string): string {
  if (format === "csv") return lines([headings, ...rows].map((row) => row.map(quoted).join(",")));
  if (format === "markdown") {
    const line = (row: string[]) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    return lines([caption, "", line(headings), line(headings.map(() => "---")), ...rows.map(line)]);
  }
  const line = (row: string[]) => `${row.map(tex).join(" & ")} \\\\`;
  return lines([
    "\\begin{table}",
    `\\caption{${tex(caption)}}`,
    `\\begin{tabular}{l${"r".repeat(headings.length - 1)}}`,
    "\\toprule",
    line(headings),
    "\\midrule",
    ...rows.map(line),
    "\\bottomrule",
    "\\end{tabular}",
    "\\end{table}",
  ]);
}

function lines(all: string[]): string {
  return `${all.join("\n")}\n`;
}

function quoted(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function tex(cell: string): string {
  return cell.replace(/[\\{}$&#^_~%]/g, (sign) => (sign === "\\" ? "\\textbackslash{}" : sign === "^" || sign === "~" ? `\\${sign}{}` : `\\${sign}`)).replaceAll("×", "$\\times$");
}
