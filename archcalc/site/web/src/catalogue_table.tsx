// The table of the catalogue: headings that sort, rows that can be selected.
import { Component } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { cellOf, exactOf, type Column } from "./catalogue_columns";
import type { Network } from "./catalogue_data";
import type { CatalogueState } from "./catalogue_state";

interface TableProps {
  networks: readonly Network[];
  /** What the networks answer: another object for another search. */
  asked: unknown;
  columns: readonly Column[];
  sort: CatalogueState["sort"];
  sortBy: (sort: CatalogueState["sort"]) => void;
  selected: ReadonlySet<string>;
  select: (name: string, on: boolean) => void;
  /** False in the page as it is written, in which nothing can be selected yet. */
  live: boolean;
  lit: string;
  light: (name: string) => void;
}

export function Table(props: TableProps) {
  const { networks, asked, columns, sort, sortBy, selected, select, live, lit, light } = props;
  const { rest, ready } = useRest(networks, asked);
  const row = (network: Network) => (
    <Row key={network.name} network={network} columns={columns} live={live} selected={selected.has(network.name)} select={select} lit={lit === network.name} />
  );
  return (
    <div class="frame" tabIndex={0} role="region" aria-label="Networks">
      <table class="catalogue" id="catalogue" onMouseOver={(event) => explain(event.target as HTMLElement, networks, columns, light)} onMouseLeave={() => light("")}>
        <thead>
          <tr>
            <td></td>
            {columns.map((column) => (
              <Heading key={column.key} column={column} sort={sort} sortBy={sortBy} />
            ))}
          </tr>
        </thead>
        <tbody>{networks.slice(0, FIRST).map(row)}</tbody>
        {live && <tbody hidden={!ready}>{rest.map(row)}</tbody>}
      </table>
    </div>
  );
}

/** The title of the cell under the pointer, which no cell carries with it: 318 networks would weigh twice as much. */
function explain(target: HTMLElement, networks: readonly Network[], columns: readonly Column[], light: (name: string) => void): void {
  const cell = target.closest<HTMLTableCellElement>("tbody th, tbody td");
  if (!cell) return;
  const row = cell.parentElement as HTMLTableRowElement;
  const network = networks.find((each) => each.name === row.dataset["row"]);
  const column = columns[cell.cellIndex - 1];
  if (!network) return;
  if (column) cell.title = exactOf(network, column.key);
  light(network.name);
}

/** Rows that follow each key at once: those of the first screens, and of the page as it is written. */
export const FIRST = 40;
/** Rows that are added at a time afterwards, and milliseconds without a change before the first are. */
const MORE = 70;
const CALM = 150;

/** The rows after the first: the last ones, hidden, until nothing is `asked` anew, so that no key waits for rows that nobody sees. */
function useRest(all: readonly Network[], asked: unknown): { rest: readonly Network[]; ready: boolean } {
  const [shown, show] = useState({ asked: null as unknown, number: 0 });
  const rest = useRef<readonly Network[]>([]);
  const current = shown.asked === asked;
  const whole = all.length - FIRST;
  if (current) rest.current = all.slice(FIRST, FIRST + shown.number);
  const ready = current && shown.number >= whole;
  useEffect(() => {
    if (ready) return;
    const later = setTimeout(() => show({ asked, number: (current ? shown.number : 0) + MORE }), current ? 0 : CALM);
    return () => clearTimeout(later);
  }, [asked, shown, ready]);
  return { rest: rest.current, ready };
}

interface HeadingProps {
  column: Column;
  sort: CatalogueState["sort"];
  sortBy: (sort: CatalogueState["sort"]) => void;
}

function Heading({ column, sort, sortBy }: HeadingProps) {
  const { key, heading, meaning, largest } = column;
  const on = sort?.key === key;
  const next = { key, descending: on ? !sort.descending : largest === true };
  return (
    <th scope="col" aria-sort={on ? (sort.descending ? "descending" : "ascending") : undefined}>
      <button type="button" title={meaning} onClick={() => sortBy(next)}>
        {heading}
      </button>
    </th>
  );
}

interface RowProps {
  network: Network;
  columns: readonly Column[];
  live: boolean;
  selected: boolean;
  lit: boolean;
  select: (name: string, on: boolean) => void;
}

/** A row, which is made anew only if something of it has changed: typing must not wait for 318 of them. */
class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { network, columns, live, selected, lit } = this.props;
    return network !== next.network || columns !== next.columns || live !== next.live || selected !== next.selected || lit !== next.lit;
  }

  override render() {
    const { network, columns, live, selected, lit, select } = this.props;
    const { name, label } = network;
    return (
      <tr data-row={name} class={lit ? "lit" : undefined}>
        <td>{live && <input type="checkbox" aria-label={`Select ${label}`} checked={selected} onChange={(event) => select(name, event.currentTarget.checked)} />}</td>
        <th scope="row">
          <a href={`networks/${name}.html`}>{label}</a>
        </th>
        {columns.slice(1).map(({ key }) => (
          <td>{cellOf(network, key)}</td>
        ))}
      </tr>
    );
  }
}
