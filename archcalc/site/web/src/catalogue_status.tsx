// The line above the table: how many networks there are, what their numbers mean, what can be done with them.
import type { Column } from "./catalogue_columns";
import { cellOf } from "./catalogue_columns";
import type { Change } from "./catalogue_controls";
import { DATASETS, HIGHEST, type Accuracies, type Counts, type Network } from "./catalogue_data";
import type { Found } from "./catalogue_filter";
import { FIRST, type CatalogueState, type Shown } from "./catalogue_state";
import { Copying, tableWays } from "./copying";
import { type Cell, cellsText, type TextFormat } from "./table_text";

interface StatusProps {
  state: CatalogueState;
  change: Change;
  found: Found;
  all: readonly Network[];
  columns: readonly Column[];
  counts: Counts | null;
  accuracies: Accuracies | null;
  problem: string;
}

/** The most networks that can be compared. */
const MOST = 6;

export function Status(props: StatusProps) {
  const { state, change, found, all, counts, problem } = props;
  const filtered = state.query.trim() !== "" || state.families.length > 0 || Object.keys(state.ranges).length > 0;
  const { query, families, ranges } = FIRST;
  return (
    <>
      <div class="catalogue-status">
        <p aria-live="polite" class="matches">
          <strong>{found.networks.length}</strong> of {all.length} networks
          {found.withoutAccuracy > 0 && `; ${found.withoutAccuracy} more have no such published accuracy`}
        </p>
        {filtered && (
          <button type="button" onClick={() => change({ query, families, ranges })}>
            Clear filters
          </button>
        )}
        <Comparison state={state} change={change} />
        <Views state={state} change={change} />
        <Copies {...props} />
      </div>
      <p class="remark">
        {counts && `${counts.unit} as ${counts.name} counts: ${counts.summary}. `}
        {accuracyRemark(props)}
      </p>
      {counts?.left_out && counts.left_out !== "Nothing is left out." && (
        <details class="remark">
          <summary>What {counts.name} leaves out</summary>
          {counts.left_out}
        </details>
      )}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

/** What the accuracies of the table are. */
function accuracyRemark({ state, all, accuracies }: StatusProps): string {
  const dataset = DATASETS.find(([name]) => name === state.dataset)?.[1] ?? state.dataset;
  const number = all.filter((each) => each.accuracy).length;
  const none = `${all.length - number} networks have no published accuracy here`;
  if (state.recipe === HIGHEST) {
    return `Top-1 on ${dataset}: each network's highest published one of single images without further training data. Recipes differ: choose one to compare networks trained alike. ${none}.`;
  }
  const recipe = accuracies?.recipes.find(([name]) => name === state.recipe);
  if (!recipe || !number) return `There is no accuracy on ${dataset} by ${state.recipe}.`;
  return `Top-1 on ${dataset} by ${recipe[1]}; training: ${recipe[2]}. ${none}.`;
}

function Comparison({ state, change }: Pick<StatusProps, "state" | "change">) {
  const { names } = state;
  if (!names.length) return null;
  const fits = names.length >= 2 && names.length <= MOST;
  return (
    <span class="comparison">
      {fits ? <a href={`compare.html?names=${names.join(",")}`}>Compare ({names.length})</a> : <span>{names.length} selected: compare takes two to six</span>}{" "}
      <button type="button" onClick={() => change({ names: [] })}>
        Clear selection
      </button>
    </span>
  );
}

function Views({ state, change }: Pick<StatusProps, "state" | "change">) {
  const views: Shown[] = ["both", "table", "plot"];
  return (
    <span role="group" aria-label="Show" class="views">
      {views.map((each) => (
        <button key={each} type="button" aria-pressed={state.shown === each} onClick={() => change({ shown: each })}>
          {each === "both" ? "Table and plot" : each === "table" ? "Table" : "Plot"}
        </button>
      ))}
    </span>
  );
}

function Copies({ found, columns, state }: StatusProps) {
  const table = tableWays("the table", (format) => shownText(format, found.networks, columns, state));
  return <Copying ways={[...table, { label: "Link", what: "the link to this table", text: () => location.href }]} />;
}

/** The table that is shown, as text: every digit and the sources in CSV, four digits otherwise. */
export function shownText(format: TextFormat, networks: readonly Network[], columns: readonly Column[], state: CatalogueState): string {
  if (format !== "csv") {
    const shown = columns.map((column) => column.heading);
    return cellsText(format, shown, networks.map((each) => columns.map(({ key }) => (key === "top1" ? each.values.top1 : cellOf(each, key)))));
  }
  const headings = ["name", ...columns.map(headingOf), "dataset", "test_size", "notes", "source"];
  const rows = networks.map((network): Cell[] => {
    const { accuracy } = network;
    const own = columns.map(({ key }) => exact(network, key));
    const size = accuracy && (accuracy.size || Math.max(...network.input.slice(1)));
    return [network.name, ...own, accuracy && state.dataset, size, accuracy?.note, accuracy?.source];
  });
  return cellsText("csv", headings, rows);
}

function headingOf({ key, counted }: Column): string {
  if (key === "name") return "label";
  if (key === "size") return "input";
  if (key === "top1") return "top1_percent";
  return counted ?? key;
}

function exact(network: Network, key: Column["key"]): Cell {
  if (key === "name") return network.label;
  if (key === "family") return network.family;
  if (key === "size") return network.input.join("x");
  if (key === "recipe") return network.accuracy?.recipe;
  return network.values[key];
}
