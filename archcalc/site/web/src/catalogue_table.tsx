// The table of the catalogue: headings that sort, rows that can be selected.
import { Component } from "preact";
import { cellOf, exactOf, type Column } from "./catalogue_columns";
import type { Network } from "./catalogue_data";
import type { CatalogueState, SortKey } from "./catalogue_state";

interface TableProps {
  networks: readonly Network[];
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
  const { networks, columns, sort, sortBy, selected, select, live, lit, light } = props;
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
        <tbody>
          {networks.map((network) => (
            <Row key={network.name} network={network} columns={columns} live={live} selected={selected.has(network.name)} select={select} lit={lit === network.name} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The title of the cell under the pointer, which no cell carries with it: 318 networks would weigh twice as much. */
function explain(target: HTMLElement, networks: readonly Network[], columns: readonly Column[], light: (name: string) => void): void {
  const cell = target.closest<HTMLTableCellElement>("tbody th, tbody td");
  if (!cell) return;
  const row = cell.parentElement as HTMLTableRowElement;
  const network = networks[row.sectionRowIndex];
  const column = columns[cell.cellIndex - 1];
  if (!network) return;
  if (column) cell.title = exactOf(network, column.key);
  light(network.name);
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
        {columns.map(({ key }) => (key === "name" ? <Name key={key} network={network} /> : <Cell key={key} network={network} column={key} />))}
      </tr>
    );
  }
}

function Name({ network: { name, label } }: { network: Network }) {
  return (
    <th scope="row">
      <a href={`networks/${name}.html`}>{label}</a>
    </th>
  );
}

function Cell({ network, column }: { network: Network; column: SortKey }) {
  return <td>{cellOf(network, column)}</td>;
}
