import assert from "node:assert/strict";
import { test } from "node:test";
import { cellsText } from "../src/table_text";

const headings = ["name", "share (%)"];
const rows = [
  ['a "b", c', 12],
  ["d_e|f 0.5×", null],
];

test("CSV quotes commas and quotation marks, and a missing value is empty", () => {
  assert.equal(cellsText("csv", headings, rows), 'name,share (%)\n"a ""b"", c",12\nd_e|f 0.5×,\n');
});

test("Markdown has numbers right, and no cell ends early", () => {
  assert.equal(cellsText("markdown", headings, rows), '| name | share (%) |\n| :--- | ---: |\n| a "b", c | 12 |\n| d_e\\|f 0.5× |  |\n');
});

test("LaTeX has its special characters escaped", () => {
  assert.equal(
    cellsText("latex", headings, rows),
    '\\begin{tabular}{lr}\n\\toprule\nname & share (\\%) \\\\\n\\midrule\na "b", c & 12 \\\\\nd\\_e|f 0.5$\\times$ &  \\\\\n\\bottomrule\n\\end{tabular}\n',
  );
});
