// What the page that compares networks says for some networks, as JSON: for tests that compare it with the API.
import { readFileSync } from "node:fs";
import type { Alignment } from "../src/compare_data";
import { amountOf, layerRows, ratioText, rowsIn, signedHuman, totalRows, written } from "../src/compare_text";
import type { NetworkPage } from "../src/data";
import { Tape } from "../src/tape";

interface Case {
  pages: NetworkPage[];
  values: Record<string, number>;
  alignment: Alignment;
}

const { cases, ratios } = JSON.parse(readFileSync(0, "utf8")) as { cases: Case[]; ratios: [number, number][] };

function answered({ pages, values, alignment }: Case) {
  const shown = pages.map((page) => {
    const own = Object.fromEntries(Object.entries(values).filter(([name]) => name in page.variables));
    const found = new Tape(page.tape).run(own);
    if (!found) throw new Error(`the tape of ${page.name} says nothing`);
    return { page, values: found };
  });
  return {
    totals: totalRows(shown).map((row) => ({
      key: row.key,
      values: row.values.map(String),
      texts: row.values.map((value) => written(value!, row.unit)),
      ratios: row.values.map((value) => ratioText(value!, row.values[0]!)),
    })),
    layers: layerRows(alignment.pairs ?? [], shown).map(({ change, first, second, deltas }) => ({
      change,
      first: first?.name ?? null,
      second: second?.name ?? null,
      deltas: Object.fromEntries(Object.entries(deltas).map(([key, delta]) => [key, String(delta)])),
      texts: Object.values(deltas).map(signedHuman),
    })),
    stages: alignment.stages.groups.map(({ label, parts }) => ({
      label,
      amounts: parts.map((ranges, place) => {
        const { page, values } = shown[place]!;
        const rows = rowsIn(page.levels.layer!, ranges);
        return (["params", "mult_adds", "activations"] as const).map((key) =>
          String(rows.reduce((sum, row) => sum + amountOf(row, key, values), 0n)),
        );
      }),
    })),
  };
}

process.stdout.write(JSON.stringify({ cases: cases.map(answered), ratios: ratios.map(([a, b]) => ratioText(a, b)) }));
