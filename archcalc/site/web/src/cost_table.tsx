// The cost table of a network, by stage, block, layer or operation.
import { useEffect, useRef } from "preact/hooks";
import type { Field, Level, NetworkPage, Ref, Row, Times } from "./data";
import { digits, human, humanBytes, humanSeconds, percent } from "./format";
import { lightTable } from "./lit";
import type { Values } from "./tape";

export const LEVELS: Level[] = ["stage", "block", "layer", "operation"];
/** The most rows that a table shows unasked: a longer one is shown by block or stage. */
const MANY = 120;

/** The level at which a table is shown unless another is asked for: the layers, unless these are very many. */
export function ownLevel(page: NetworkPage): Level {
  const known = LEVELS.filter((level) => page.levels[level]);
  const short = known.filter((level) => level !== "operation" && page.levels[level]!.length <= MANY);
  return short.at(-1) ?? known[0]!;
}

interface CostTableProps {
  page: NetworkPage;
  values: Values;
  level: Level;
  /** The times on a device; null without one. */
  times: Times | null;
  /** True once the page runs: then cells have all digits of their numbers, which a page as it is loaded does without. */
  exact: boolean;
  /** The row that an error is about. */
  faulty?: string | undefined;
}

export function CostTable({ page, values, level, times, exact, faulty }: CostTableProps) {
  const table = useRef<HTMLTableElement>(null);
  useEffect(() => lightTable(table.current!, page, level), [page, level]);
  const rows = page.levels[level] ?? page.levels[ownLevel(page)]!;
  const seconds = times && secondsOf(rows, times);
  const width = BigInt(page.element_bytes) * BigInt(values.of(batchOf(page)));
  const counted = page.convention;
  const work = counted?.quantity === "work" ? counted.unit.split(" (")[0]! : "mult-adds";
  const total = {
    activations: values.of(page.totals["activation_sum"]!),
    params: values.of(counted?.quantity === "parameters" ? counted.total : page.totals["params"]!),
    work: values.of(counted?.quantity === "work" ? counted.total : page.totals["mult_adds"]!),
  };
  const memory = counted?.quantity === "memory" ? values.of(counted.total) : BigInt(total.activations) * width;
  const most = Math.max(...rows.map((row) => Number(values.of(countedRef(row, page, "work") ?? row.mult_adds))));
  return (
    <div class="frame" tabIndex={0} role="region" aria-label="Cost table">
      <table class="costs" id="costs" ref={table}>
        <thead>
          <tr>
            <th scope="col">layer</th>
            <th scope="col">operation</th>
            <th scope="col" class="right">output</th>
            <th scope="col" class="right">activations</th>
            <th scope="col" class="right">memory</th>
            <th scope="col" class="right">params</th>
            <th scope="col" class="right">{work}</th>
            <th scope="col" class="right share">%</th>
            <th scope="col" class="right">field</th>
            {times && <th scope="col" class="right">time</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name} data-row={row.name} class={isIn(faulty, row.name) ? "faulty" : undefined}>
              <th scope="row">{row.name}</th>
              <td>{row.operation}</td>
              <td class="right" data-column="output">
                {row.shape.map((ref) => String(values.of(ref))).join("×")}
              </td>
              <Count exact={exact} column="activations" value={values.of(row.activations)} aside={row.in_place} />
              <Bytes
                exact={exact}
                value={
                  counted?.quantity === "memory" ? values.of(row.counted ?? 0) : BigInt(values.of(row.activations)) * width
                }
                aside={row.in_place && counted?.quantity !== "memory"}
              />
              <Count exact={exact} column="params" value={values.of(countedRef(row, page, "parameters") ?? row.params)} />
              <Count exact={exact} column="mult_adds" value={values.of(countedRef(row, page, "work") ?? row.mult_adds)} />
              <td class="right share">
                <Share part={values.of(countedRef(row, page, "work") ?? row.mult_adds)} total={total.work} most={most} />
              </td>
              <td class="right" data-column="field">
                {fieldText(row.field, values)}
              </td>
              {seconds && <td class="right">{seconds.get(row.name) ? humanSeconds(seconds.get(row.name)!) : ""}</td>}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">total</th>
            <td />
            <td />
            <Count exact={exact} column="activations" value={total.activations} />
            <Bytes exact={exact} value={memory} />
            <Count exact={exact} column="params" value={total.params} />
            <Count exact={exact} column="mult_adds" value={total.work} />
            <td class="share" />
            <td />
            {times && <td class="right">{humanSeconds(times.seconds)}</td>}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

/** True if a layer is that of a row, or among those that a row stands for. */
function isIn(layer: string | undefined, row: string): boolean {
  return Boolean(layer) && (layer === row || layer!.startsWith(`${row}.`) || layer!.startsWith(`${row}_`));
}

/** The time of each row: that of the layers whose names begin with its own. */
function secondsOf(rows: readonly Row[], times: Times): Map<string, number> {
  const found = new Map<string, number>();
  const names = new Set(rows.map((row) => row.name));
  for (const layer of times.layers) {
    let name = layer.name;
    while (!names.has(name) && name.includes(".")) name = name.slice(0, name.lastIndexOf("."));
    if (!names.has(name)) name = [...names].find((each) => layer.name.startsWith(`${each}_`)) ?? name;
    found.set(name, (found.get(name) ?? 0) + layer.seconds);
  }
  return found;
}

function countedRef(row: Row, page: NetworkPage, quantity: string): Ref | undefined {
  return page.convention?.quantity === quantity ? (row.counted ?? 0) : undefined;
}

export function batchOf(page: NetworkPage): Ref {
  const place = page.tape.variables.findIndex(([name]) => name === "N");
  return place < 0 ? 1 : [place];
}

interface CountProps {
  exact: boolean;
  column: string;
  value: number | bigint;
  aside?: boolean | undefined;
}

/** A cell with a count: four digits, and all of them in its title. In parentheses: not part of the total. */
export function Count({ exact, column, value, aside }: CountProps) {
  const text = human(value);
  return (
    <td class="right" data-column={column} {...(exact && { "data-value": String(value), title: digits(value) })}>
      {aside ? `(${text})` : text}
    </td>
  );
}

function Bytes({ exact, value, aside }: Omit<CountProps, "column">) {
  const text = humanBytes(value);
  return (
    <td
      class="right"
      data-column="memory"
      {...(exact && { "data-value": String(value), title: `${digits(value)} bytes` })}
    >
      {aside ? `(${text})` : text}
    </td>
  );
}

interface ShareProps {
  part: number | bigint;
  total: number | bigint;
  /** The largest part, whose bar is the longest. */
  most: number;
}

function Share({ part, total, most }: ShareProps) {
  const share = most ? (100 * Number(part)) / most : 0;
  return (
    <span class="bar" style={{ "--share": `${share}%` }}>
      {percent(part, total)}
    </span>
  );
}

/** The size of a receptive field as text, or the reason why there is none. */
export function fieldText(field: Field, values: Values): string {
  const sides = (refs: Ref[]) => {
    const all = refs.map((ref) => String(values.of(ref)));
    return new Set(all).size === 1 ? all[0]! : all.join("×");
  };
  if (field.size) return sides(field.size);
  return (field.is ?? "") + (field.local?.size ? ` (${sides(field.local.size)})` : "");
}
