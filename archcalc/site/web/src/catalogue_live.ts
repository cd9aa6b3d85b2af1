// The state of the catalogue with the address of the page, and the data that the state needs.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { withAccuracies, withCounts, type Accuracies, type Counts, type Network } from "./catalogue_data";
import { FIRST, readState, writeState, type CatalogueState } from "./catalogue_state";

type Changed = Partial<CatalogueState> | ((before: CatalogueState) => Partial<CatalogueState>);

export interface LiveCatalogue {
  state: CatalogueState;
  /** `typed` changes replace the address; the others are steps that the browser goes back by. */
  change: (change: Changed, typed?: boolean) => void;
  networks: Network[];
  counts: Counts | null;
  accuracies: Accuracies | null;
  /** True in the browser, once the state is that of the address. */
  live: boolean;
  problem: string;
}

export function useCatalogue(first: Network[], search: (() => string) | undefined): LiveCatalogue {
  const [state, setState] = useState(FIRST);
  const [live, setLive] = useState(false);
  const [counts, setCounts] = useState<Counts | null>(null);
  const [accuracies, setAccuracies] = useState<Accuracies | null>(null);
  const [problem, setProblem] = useState("");
  const last = useRef(state);
  last.current = state;

  useLayoutEffect(() => {
    const begin = () => setState(readState(search?.() ?? ""));
    begin();
    setLive(true);
    addEventListener("popstate", begin);
    return () => removeEventListener("popstate", begin);
  }, []);

  useEffect(() => {
    const wanted = state.convention;
    if (wanted === "mult_adds" || counts?.name === wanted) {
      if (wanted === "mult_adds") setCounts(null);
      setProblem("");
      return;
    }
    let waiting = true;
    fetched<Counts>(`data/counts/${encodeURIComponent(wanted)}.json`)
      .then((answer) => waiting && (setCounts(answer), setProblem("")))
      .catch(() => waiting && (setCounts(null), setProblem(`the totals of the convention ${wanted} cannot be read`)));
    return () => {
      waiting = false;
    };
  }, [state.convention]);

  const asks = live && (state.dataset !== FIRST.dataset || state.recipe !== FIRST.recipe);
  useEffect(() => {
    if (!live || accuracies) return;
    const read = () => void fetched<Accuracies>("data/accuracies.json").then(setAccuracies).catch(() => setProblem("the accuracies cannot be read"));
    if (asks) return read();
    const later = setTimeout(read, 1500); // what the page begins with is there; recipes and sources may wait
    return () => clearTimeout(later);
  }, [live, asks]);

  const networks = useMemo(() => {
    const counted = counts ? withCounts(first, counts) : first;
    if (!accuracies) return asks ? withAccuracies(counted, [], [], []) : counted;
    return withAccuracies(counted, accuracies.points[state.dataset]?.[state.recipe] ?? [], accuracies.recipes, accuracies.sources);
  }, [first, counts, accuracies, asks, state.dataset, state.recipe]);

  const change = useCallback((given: Changed, typed = false) => {
    const next = { ...last.current, ...(typeof given === "function" ? given(last.current) : given) };
    last.current = next;
    setState(next);
    const address = location.pathname + writeState(next);
    if (typed) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
  }, []);

  return { state, change, networks, counts, accuracies, live, problem };
}

async function fetched<T>(address: string): Promise<T> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.statusText);
  return (await answer.json()) as T;
}
