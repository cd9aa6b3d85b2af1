// Networks layer by layer where they are alike, as `archcalc diff` pairs them, and stage by stage.
import type { Alignment } from "./compare_data";
import { CopyTable } from "./compare_copy";
import type { Answered, Compared } from "./compare_live";
import type { CompareState, Quantity, Rows } from "./compare_state";
import { amountOf, type Change, largest, type LayerRow, layerRows, rowsIn, signedDigits, signedHuman } from "./compare_text";
import type { NetworkPage, Row } from "./data";
import { digits, human, percent } from "./format";
import type { Values } from "./tape";

type Shown = NonNullable<Compared["shown"]>;

interface LayersProps {
  networks: Compared[];
  names: string[];
  found: Answered<Alignment>;
  state: CompareState;
  change: (change: Partial<CompareState>) => void;
}

const MARKS: Record<Change, [string, string]> = {
  same: ["=", "the same"],
  resized: ["~", "the same operation on other sizes or channels"],
  changed: ["!", "another operation"],
  added: ["+", "added"],
  removed: ["−", "removed"],
};
const WORDS: Record<Rows, string> = { layers: "layers that differ", all: "all layers", stages: "stages" };
const QUANTITIES: Record<Quantity, string> = { mult_adds: "mult-adds", params: "params", activations: "activations" };

export function Layers({ networks, names, found, state, change }: LayersProps) {
  const { answer, behind, problem } = found;
  const shown = networks.map((each) => each.shown);
  const ready = shown.every((each) => each !== null);
  const pairs = answer?.pairs ?? null;
  const rows = pairs ? state.rows || (answer!.stages.by === "name" ? "layers" : "stages") : "stages";
  return (
    <section aria-labelledby="layers">
      <h2 id="layers">{rows === "stages" ? "Stage by stage" : "Layer by layer"}</h2>
      <div class="controls">
        {pairs && (
          <label>
            rows
            <select name="rows" value={rows} onChange={(event) => change({ rows: event.currentTarget.value as Rows })}>
              {Object.entries(WORDS).map(([key, word]) => (
                <option key={key} value={key}>
                  {word}
                </option>
              ))}
            </select>
          </label>
        )}
        {rows === "stages" && (
          <label>
            of
            <select name="quantity" value={state.quantity} onChange={(event) => change({ quantity: event.currentTarget.value as Quantity })}>
              {Object.entries(QUANTITIES).map(([key, word]) => (
                <option key={key} value={key}>
                  {word}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {problem && <p class="problem" role="alert">{problem}</p>}
      {!answer && behind && <p class="remark">The layers that stand for each other are being found.</p>}
      {answer && ready && rows === "stages" && (
        <StageTable stages={answer.stages} networks={shown as Shown[]} names={names} quantity={state.quantity} />
      )}
      {answer && ready && pairs && rows !== "stages" && (
        <LayerTable rows={layerRows(pairs, shown as Shown[])} networks={shown as Shown[]} names={names} all={rows === "all"} />
      )}
    </section>
  );
}

interface StageTableProps {
  stages: Alignment["stages"];
  networks: Shown[];
  names: string[];
  quantity: Quantity;
}

function StageTable({ stages, networks, names, quantity }: StageTableProps) {
  const sums = stages.groups.map(({ label, parts }) => ({
    label,
    counts: parts.map((ranges) => (ranges.length ? ranges.length : null)),
    amounts: parts.map((ranges, place) =>
      rowsIn(networks[place]!.page.levels.layer!, ranges).reduce(
        (sum, row) => sum + amountOf(row, quantity, networks[place]!.values),
        0n,
      ),
    ),
  }));
  const totals = names.map((_, place) => sums.reduce((sum, each) => sum + each.amounts[place]!, 0n));
  const what = QUANTITIES[quantity];
  return (
    <>
      <div class="frame" tabIndex={0} role="region" aria-label="Table of stages">
        <table class="compare-stages" id="compare-stages">
          <thead>
            <tr>
              <th scope="col">{stages.by === "name" ? "stage" : "scale"}</th>
              {names.map((name, place) => (
                <th scope="col" class="right" key={place}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sums.map(({ label, counts, amounts }) => {
              const top = largest(amounts.map((each, place) => (counts[place] ? each : null)));
              return (
                <tr key={label} data-row={label}>
                  <th scope="row">{label}</th>
                  {amounts.map((amount, place) => (
                    <td
                      key={place}
                      class={`right${top[place] ? " largest" : ""}`}
                      data-value={counts[place] ? String(amount) : undefined}
                      title={counts[place] ? `${digits(amount)} ${what}` : "no such layers"}
                    >
                      {counts[place] ? (
                        <>
                          <span class="figure">{human(amount)}</span>
                          <span class="ratio">{amount ? `${percent(amount, totals[place]!)} %` : ""}</span>
                          {top[place] && <span class="hidden"> largest</span>}
                          <span class="length" aria-hidden="true" style={{ "--share": shareOf(amount, totals[place]!) }} />
                        </>
                      ) : (
                        <span class="none" aria-label="none">
                          –
                        </span>
                      )}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">total</th>
              {totals.map((total, place) => (
                <td class="right" key={place} data-value={String(total)} title={digits(total)}>
                  {human(total)}
                </td>
              ))}
            </tr>
          </tfoot>
        </table>
      </div>
      <p class="remark">
        {stages.by === "name"
          ? `The ${what} of each stage, and its share of the network's.`
          : `The stages of these networks differ in name or stride, so their layers are added up by the scale of their outputs: /4 has a quarter of the input's positions on an axis; vectors have none.`}
        {" Bars are shares of the network's total. The largest of a row is bold."}
      </p>
      <CopyTable
        caption={`${what} of ${names.join(", ")} by ${stages.by === "name" ? "stage" : "scale"}`}
        headings={[stages.by === "name" ? "stage" : "scale", ...names]}
        rows={() => [
          ...sums.map(({ label, counts, amounts }) => [label, ...amounts.map((each, place) => (counts[place] ? String(each) : ""))]),
          ["total", ...totals.map(String)],
        ]}
      />
    </>
  );
}

function shareOf(part: bigint, total: bigint): string {
  return total ? `${((100 * Number(part)) / Number(total)).toFixed(1)}%` : "0%";
}

/** The most rows that are drawn unasked. */
const MANY = 300;

interface LayerTableProps {
  rows: LayerRow[];
  networks: Shown[];
  names: string[];
  all: boolean;
}

function LayerTable({ rows, networks, names, all }: LayerTableProps) {
  const differ = rows.filter((each) => each.change !== "same");
  const chosen = all ? rows : differ;
  const [one, other] = networks as [Shown, Shown];
  const same = rows.length - differ.length;
  const sums = (["params", "mult_adds", "activations"] as const).map((key) => rows.reduce((sum, each) => sum + each.deltas[key], 0n));
  const kinds = (Object.keys(MARKS) as Change[]).filter((kind) => kind !== "same" && rows.some((row) => row.change === kind));
  const first = chosen.slice(0, MANY);
  return (
    <>
      {chosen.length > 0 && (
        <div class="frame" tabIndex={0} role="region" aria-label="Table of layers">
          <table class="compare-layers" id="compare-layers">
            <thead>
              <tr>
                <th scope="col">layer</th>
                <th scope="col"><span class="hidden">change</span></th>
                <th scope="col">{names[0]}</th>
                <th scope="col">{names[1]}</th>
                <th scope="col" class="right">params</th>
                <th scope="col" class="right">mult-adds</th>
                <th scope="col" class="right">activations</th>
              </tr>
            </thead>
            <tbody>
              {first.map((row, place) => (
                <tr key={place} class={row.change} data-change={row.change}>
                  <th scope="row">{named(row)}</th>
                  <td title={MARKS[row.change][1]}>
                    <span aria-hidden="true">{MARKS[row.change][0]}</span>
                    <span class="hidden">{MARKS[row.change][1]}</span>
                  </td>
                  <td>{said(row.first, one)}</td>
                  <td>{row.change === "same" ? "" : row.change === "resized" ? output(row.second!, other.values) : said(row.second, other)}</td>
                  {(["params", "mult_adds", "activations"] as const).map((key) => (
                    <Delta key={key} value={row.deltas[key]} />
                  ))}
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">total</th>
                <td />
                <td />
                <td />
                {sums.map((sum, place) => (
                  <Delta key={place} value={sum} />
                ))}
              </tr>
            </tfoot>
          </table>
        </div>
      )}
      <p class="remark">
        {differ.length ? `Numbers are what ${names[1]} has more than ${names[0]}. ` : `No layer of ${names[0]} and ${names[1]} differs. `}
        {same === 1 ? "1 layer is the same. " : `${same} layers are the same. `}
        {kinds.map((kind) => MARKS[kind].join(" ")).join("; ")}
        {kinds.length ? "." : ""}
        {chosen.length > MANY && ` The first ${MANY} of ${chosen.length} rows are shown; a copy has them all.`}
      </p>
      <CopyTable
        caption={`${names[0]} and ${names[1]}: what ${names[1]} has more`}
        headings={["layer", "change", names[0]!, names[1]!, "params", "mult-adds", "activations"]}
        rows={() => [
          ...chosen.map((row) => [
            named(row),
            row.change,
            said(row.first, one),
            said(row.second, other),
            ...(["params", "mult_adds", "activations"] as const).map((key) => String(row.deltas[key])),
          ]),
          ["total", "", "", "", ...sums.map(String)],
        ]}
      />
    </>
  );
}

function named({ first, second }: LayerRow): string {
  return [...new Set([first, second].flatMap((row) => (row ? [row.name] : [])))].join(" > ");
}

function said(row: Row | undefined, { values }: { page: NetworkPage; values: Values }): string {
  return row ? `${row.operation}, ${output(row, values)}` : "";
}

function output(row: Row, values: Values): string {
  return row.shape.map((ref) => String(values.of(ref))).join("×");
}

function Delta({ value }: { value: bigint }) {
  return (
    <td class={`right ${value > 0n ? "gain" : value < 0n ? "loss" : ""}`} data-value={String(value)} title={signedDigits(value)}>
      {signedHuman(value)}
    </td>
  );
}
