// Buttons that copy a table of the page that compares networks.
import { useState } from "preact/hooks";
import { copyTable, type Format, toClipboard } from "./catalogue_copy";

const FORMATS: [Format, string][] = [
  ["csv", "CSV"],
  ["markdown", "Markdown"],
  ["latex", "LaTeX"],
];

interface CopyProps {
  /** What is copied, for a screen reader. */
  caption: string;
  headings: string[];
  rows: () => string[][];
}

export function Copy({ caption, headings, rows }: CopyProps) {
  const [said, setSaid] = useState("");
  return (
    <p class="copies">
      {FORMATS.map(([format, name]) => (
        <button
          key={format}
          type="button"
          onClick={() =>
            void toClipboard(copyTable(format, headings, rows())).then(
              () => setSaid(`copied as ${name}`),
              () => setSaid("this browser does not let a page copy"),
            )
          }
        >
          Copy {name}
          <span class="hidden">: {caption}</span>
        </button>
      ))}
      <span role="status">{said}</span>
    </p>
  );
}
