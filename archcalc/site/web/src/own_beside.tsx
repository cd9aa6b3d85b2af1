// A reader's own network beside one of the catalogue: totals at the inputs of both, and their ratio.
import { useState } from "preact/hooks";
import type { NetworkPage } from "./data";
import { rootOf } from "./frame";
import { fixed, human, humanBytes } from "./format";
import { Tape } from "./tape";

interface Row {
  name: string;
  label: string;
  totals: Record<string, number | string>;
}

/** The rows of the catalogue's data, whose columns with a total have the total's name. */
export function rowsOf({ columns, networks }: { columns: string[]; networks: unknown[][] }): Row[] {
  return networks.map((cells) => {
    const all = Object.fromEntries(columns.map((column, place) => [column, cells[place]]));
    const { name, label, family: _family, year: _year, input: _input, ...totals } = all;
    return { name: String(name), label: String(label), totals: totals as Row["totals"] };
  });
}

/** The catalogue, which is fetched when it is first asked for. */
export function Beside({ page }: { page: NetworkPage }) {
  const [rows, setRows] = useState<Row[]>([]);
  const [chosen, choose] = useState("");
  const fetched = async () => {
    if (rows.length) return;
    const answer = await fetch(`${rootOf()}data/catalogue.json`);
    setRows(rowsOf((await answer.json()) as Parameters<typeof rowsOf>[0]));
  };
  const row = rows.find((each) => each.name === chosen);
  return (
    <details class="beside" onToggle={() => void fetched()}>
      <summary>Beside a network of the catalogue</summary>
      <label>
        network
        <select name="beside" value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">{rows.length ? "choose one" : "loading …"}</option>
          {rows.map((each) => (
            <option key={each.name} value={each.name}>
              {each.label}
            </option>
          ))}
        </select>
      </label>
      {row && <Ratios page={page} row={row} />}
    </details>
  );
}

function Ratios({ page, row }: { page: NetworkPage; row: Row }) {
  const values = new Tape(page.tape).run({})!;
  const keys = Object.keys(row.totals).filter((key) => key in page.totals && page.labels[key]);
  return (
    <div class="frame" tabIndex={0} role="region" aria-label="Totals of both networks">
      <table>
        <thead>
          <tr>
            <th scope="col">each at its own input</th>
            <th scope="col" class="right">{page.name}</th>
            <th scope="col" class="right">
              <a href={`${rootOf()}networks/${row.name}.html`}>{row.label}</a>
            </th>
            <th scope="col" class="right">ratio</th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => {
            const [own, other] = [values.of(page.totals[key]!), Number(row.totals[key])];
            const show = page.labels[key]!.unit === "bytes" ? humanBytes : human;
            return (
              <tr key={key}>
                <th scope="row">{page.labels[key]!.label}</th>
                <td class="right">{show(own)}</td>
                <td class="right">{show(other)}</td>
                <td class="right">{other ? fixed(Number(own) / other, 3) : ""}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
