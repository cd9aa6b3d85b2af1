// Totals of networks side by side, and their ratios to the first, as `archcalc compare` prints them.
import { CopyTable } from "./compare_copy";
import type { Compared } from "./compare_live";
import { Scatter } from "./compare_scatter";
import { largest, ratioText, totalRows, written } from "./compare_text";
import { digits } from "./format";

export function Totals({ networks, names }: { networks: Compared[]; names: string[] }) {
  const rows = totalRows(networks.map((each) => each.shown));
  const inputs = networks.map(inputOf);
  return (
    <section aria-labelledby="totals">
      <h2 id="totals">Totals</h2>
      <p class="remark">Each number, and its ratio to {names[0]}. The largest of a row is bold.</p>
      <div class="beside">
      <div class="frame" tabIndex={0} role="region" aria-label="Table of totals">
        <table class="compare-totals" id="compare-totals">
          <thead>
            <tr>
              <th scope="col">total</th>
              {names.map((name, place) => (
                <th scope="col" class="right" key={place}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">input</th>
              {inputs.map((input, place) => (
                <td class="right" key={place} data-column="input">
                  {input}
                </td>
              ))}
            </tr>
            {rows.map((row) => {
              const top = largest(row.values);
              const most = row.values.reduce<number>((one, each) => Math.max(one, Number(each ?? 0)), 0);
              return (
                <tr key={row.key} data-total={row.key}>
                  <th scope="row" title={row.meaning}>
                    {row.label}
                  </th>
                  {row.values.map((value, place) => (
                    <td
                      key={place}
                      class={`right${top[place] ? " largest" : ""}${networks[place]!.behind ? " behind" : ""}`}
                      data-value={value === null ? undefined : String(value)}
                      title={value === null ? undefined : `${digits(value)} ${row.unit}`}
                    >
                      {value === null ? (
                        "–"
                      ) : (
                        <>
                          <span class="figure">{written(value, row.unit)}</span>
                          <span class="ratio">{place && row.values[0] !== null ? times(ratioText(value, row.values[0]!)) : ""}</span>
                          {top[place] && <span class="hidden"> largest</span>}
                          <span class="length" aria-hidden="true" style={{ "--share": `${most ? ((100 * Number(value)) / most).toFixed(1) : 0}%` }} />
                        </>
                      )}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <Scatter rows={rows} names={names} />
      </div>
      <CopyTable
        caption={`Totals, and their ratio to ${names[0]}`}
        headings={["network", "input", ...rows.flatMap((row) => [row.label + (row.unit === "bytes" ? " (bytes)" : ""), "x"])]}
        rows={() => networks.map((_, place) => [
          names[place]!,
          inputs[place]!,
          ...rows.flatMap((row) => {
            const value = row.values[place];
            const first = row.values[0];
            return value == null ? ["", ""] : [String(value), first == null ? "" : ratioText(value, first)];
          }),
        ])}
      />
    </section>
  );
}

function times(ratio: string): string {
  return ratio && `×${ratio}`;
}

function inputOf({ shown }: Compared): string {
  return shown ? shown.page.input.map((ref) => String(shown.values.of(ref))).join("×") : "–";
}
