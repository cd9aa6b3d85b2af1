// The catalogue: all networks in one table that is searched, filtered and sorted, and in one plot.
import { useCallback, useMemo, useState } from "preact/hooks";
import { columnsOf, type Convention } from "./catalogue_columns";
import { Controls } from "./catalogue_controls";
import { networksOf, type CatalogueData } from "./catalogue_data";
import { find } from "./catalogue_filter";
import { useCatalogue } from "./catalogue_live";
import { Scatter } from "./catalogue_scatter";
import { Status } from "./catalogue_status";
import { FIRST, Table } from "./catalogue_table";

export type { CatalogueData };

/** `search` is the query of the address; a page that is being written has none. */
export function CatalogueView({ data, search }: { data: CatalogueData; search?: () => string }) {
  const first = useMemo(() => networksOf(data), [data]);
  const { state, change, networks, counts, accuracies, live, problem } = useCatalogue(first, search);
  const [lit, light] = useState("");
  const conventions: readonly Convention[] = data.conventions;
  const convention = conventions.find(([name]) => name === counts?.name) ?? conventions[0]!;
  const columns = useMemo(() => columnsOf(convention), [convention]);
  const { query, ranges, families, sort } = state;
  const asked = useMemo(() => ({ query, ranges, families, sort }), [query, ranges, families, sort]);
  const found = useMemo(() => find(networks, asked), [networks, asked]);
  const selected = useMemo(() => new Set(state.names), [state.names]);
  const select = useCallback(
    (name: string, on: boolean) => change((before) => ({ names: on ? [...before.names, name] : before.names.filter((each) => each !== name) })),
    [change],
  );
  return (
    <div class={`catalogue-page show-${state.shown}`}>
      <h1>Networks</h1>
      <Controls state={state} change={change} networks={networks} problems={found.problems} conventions={live ? conventions : conventions.slice(0, 1)} accuracies={accuracies} />
      <Status state={state} change={change} found={found} all={networks} columns={columns} counts={counts} accuracies={accuracies} problem={problem} />
      <div class="catalogue-parts">
        {state.shown !== "plot" && (
          <Table networks={found.networks} asked={asked} columns={columns} sort={sort} sortBy={(next) => change({ sort: next })} selected={selected} select={select} live={live} lit={lit} light={light} />
        )}
        {state.shown !== "table" && <Scatter state={state} change={change} found={found.networks} all={networks} convention={convention} live={live} lit={lit} light={light} />}
      </div>
      <noscript>
        <p>
          The first {FIRST} of {data.networks.length} networks. The others, search and filters need JavaScript.
        </p>
      </noscript>
    </div>
  );
}
