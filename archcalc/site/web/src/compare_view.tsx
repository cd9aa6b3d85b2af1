// Networks side by side: which, with what settings; their totals, their layers, and the ways of counting one of them.
import { useEffect, useMemo, useState } from "preact/hooks";
import { type CatalogueData, type Network, networksOf } from "./catalogue_data";
import type { Alignment, ComparePage, Reconciliation } from "./compare_data";
import { Layers } from "./compare_layers";
import { type Compared, type Question, useAnswer, useNetworks } from "./compare_live";
import { Chooser, Shared } from "./compare_settings";
import { type CompareState, firstState, writeCompare } from "./compare_state";
import { Steps } from "./compare_steps";
import { Totals } from "./compare_totals";
import { onEngineState } from "./engine";
import type { NetworkData } from "./network_view";
import { requestOf, type State } from "./state";

interface CompareViewProps {
  /** The page as it is written, and the data of its networks. */
  page: ComparePage;
  first: NetworkData[];
  /** The state to begin with, in the browser; null: that of the page as it is written. */
  begun: CompareState | null;
}

export function CompareView({ page, first, begun }: CompareViewProps) {
  const [state, setState] = useState(() => begun ?? firstState(page.names));
  const [ready, setReady] = useState(false);
  const [rows, setRows] = useState<Network[]>([]);
  const [all, seeAll] = useState(false);
  const change = (change: Partial<CompareState>) => setState((before) => ({ ...before, ...change }));
  const networks = useNetworks(first, state);
  const names = labelled(state);
  const of = Math.min(state.of, networks.length - 1);
  const written = firstState(page.names);
  const asWritten = sameNetworks(state, written);
  const aligned = useAnswer<Alignment>(alignmentOf(networks), asWritten ? page.alignment : null);
  const counted = useAnswer<Reconciliation>(
    reconciliationOf(networks[of]!, state.from, !all && state.from === written.from && state.to === written.to ? written.to : null),
    asWritten && of === 0 && state.from === written.from && state.to === written.to ? page.reconciliation : null,
  );
  useEffect(() => {
    if (begun) history.replaceState(null, "", location.pathname + writeCompare(state) + location.hash);
  }, [state]);
  useEffect(() => setReady(true), []);
  const begin = () => {
    if (rows.length) return;
    void fetch("data/catalogue.json")
      .then((response) => response.json() as Promise<CatalogueData>)
      .then((data) => setRows(networksOf(data)));
  };
  // The longest tables do not change with every keystroke.
  const steps = useMemo(
    () => <Steps found={counted} names={names} state={{ ...state, of }} change={change} ready={ready} all={all} seeAll={seeAll} />,
    [counted.answer, counted.behind, counted.problem, names.join("\n"), of, state.from, state.to, ready, all],
  );
  return (
    <div class="compare">
      <h1>Compare networks</h1>
      <Chooser networks={networks} state={state} change={change} rows={rows} begin={begin} />
      <Shared state={state} change={change} conventions={ready ? Object.keys(page.reconciliation.starts) : [state.convention]} networks={networks} />
      <Waiting waits={networks.some((each) => each.behind && !each.problem) || aligned.behind || counted.behind} />
      <Totals networks={networks} names={names} />
      <Layers networks={networks} names={names} found={aligned} state={state} change={change} />
      {steps}
    </div>
  );
}

/** What is waited for; its line is always there, so that nothing moves. */
function Waiting({ waits }: { waits: boolean }) {
  const [said, setSaid] = useState("");
  useEffect(
    () =>
      onEngineState((engine, progress) => {
        const part = progress && progress < 1 ? `, ${Math.round(100 * progress)} %` : "";
        setSaid(engine === "loading" ? `archcalc is being loaded into this page${part} …` : "archcalc is computing …");
      }),
    [],
  );
  return (
    <p class="waiting" role="status">
      {waits ? said : ""}
    </p>
  );
}

function sameNetworks(one: CompareState, other: CompareState): boolean {
  return one.size === other.size && JSON.stringify(one.networks) === JSON.stringify(other.networks);
}

/** The names of the networks with the settings that are changed, and with their own sizes. */
function labelled(state: CompareState): string[] {
  return state.networks.map(({ name, settings, size }) =>
    [name, ...Object.entries(settings).map(([key, value]) => `${key}=${value}`), ...(size ? [size] : [])].join(" "),
  );
}

/** What a count depends on: the input and the hyperparameters. */
function counts(network: Compared): { name: string } & Record<string, unknown> {
  const { values, settings } = network.state!;
  const { N: _batch, ...sizes } = values;
  const state: State = { values: sizes, settings };
  return { name: network.name, ...requestOf(network.base!, state) };
}

function identityOf(network: Compared): string {
  return JSON.stringify([network.name, network.state!.settings]);
}

function alignmentOf(networks: Compared[]): Question | null {
  if (networks.some((each) => !each.state || each.problem)) return null;
  return {
    name: "align",
    identity: networks.map(identityOf).join(),
    given: { networks: networks.map(counts) },
  };
}

/** `only`: the convention whose steps suffice, as in the page as it is written; null: those to all. */
function reconciliationOf(network: Compared, start: string, only: string | null): Question | null {
  if (!network.state || network.problem) return null;
  const given = { ...counts(network), start, ...(only ? { only } : {}) };
  return { name: "steps", identity: identityOf(network) + start, given };
}
