import assert from "node:assert/strict";
import { test } from "node:test";
import { tableText } from "../src/table_text";

const table = {
  caption: "a_b | 50%",
  headings: ["name", "n"],
  right: [false, true],
  rows: [
    ["x, y", "1"],
    ['say "z"', "2"],
  ],
  totals: [["total", "3"]],
  remarks: ["Bytes: _one_ of 2."],
};

test("CSV quotes what has a comma or a quote", () => {
  assert.equal(tableText("csv", table), 'name,n\n"x, y",1\n"say ""z""",2');
});

test("Markdown has the caption above and the remarks below", () => {
  assert.equal(
    tableText("markdown", table),
    '**a_b \\| 50%**\n\n| name | n |\n| :--- | ---: |\n| x, y | 1 |\n| say "z" | 2 |\n| **total** | **3** |\n\nBytes: \\_one\\_ of 2.',
  );
});

test("LaTeX has a rule above the totals", () => {
  assert.match(tableText("latex", table), /^% a_b \| 50%\n% Bytes: _one_ of 2\.\n\\begin\{tabular\}\{lr\}\n\\toprule\n/);
  assert.match(tableText("latex", table), /\\midrule\ntotal & 3 \\\\\n\\bottomrule\n\\end\{tabular\}$/);
});
