// The table of all networks. (A first form.)
import { digits, human, humanBytes } from "./format";

export interface CatalogueRow {
  name: string;
  label: string;
  summary: string;
  family: string;
  year: number;
  input: number[];
  totals: Record<string, number | string>;
}

export interface CatalogueData {
  rows: CatalogueRow[];
  version: string;
}

export function CatalogueView({ data }: { data: CatalogueData }) {
  return (
    <>
      <h1>Networks</h1>
      <div class="frame" tabIndex={0} role="region" aria-label="All networks">
        <table class="catalogue" id="catalogue">
          <thead>
            <tr>
              <th scope="col">network</th>
              <th scope="col" class="right">year</th>
              <th scope="col" class="right">input</th>
              <th scope="col" class="right">params</th>
              <th scope="col" class="right">mult-adds</th>
              <th scope="col" class="right">peak</th>
            </tr>
          </thead>
          <tbody>
            {data.rows.map((row) => (
              <tr key={row.name} data-row={row.name}>
                <th scope="row">
                  <a href={`networks/${row.name}.html`}>{row.label}</a>
                </th>
                <td class="right">{row.year}</td>
                <td class="right">{row.input.join("×")}</td>
                {["params", "mult_adds", "peak_inference_bytes"].map((key) => {
                  const value = BigInt(row.totals[key]!);
                  return (
                    <td key={key} class="right" data-column={key} data-value={String(value)} title={digits(value)}>
                      {key.endsWith("bytes") ? humanBytes(value) : human(value)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
