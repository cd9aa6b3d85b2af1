// A network whose numbers follow the state: from the tape at once, from the engine where the tape says nothing.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { NetworkPage, Row, Times } from "./data";
import { ask, EngineError, Superseded } from "./engine";
import { rootOf } from "./frame";
import { requestOf, type State } from "./state";
import { Tape, type Values } from "./tape";

export interface Live {
  page: NetworkPage;
  state: State;
  /** True once the state is that of the address. */
  begun: boolean;
  change: (change: Partial<State>) => void;
  values: Values;
  /** True while the numbers shown are those of an earlier state, because the engine works or the state has none. */
  behind: boolean;
  /** The sentence of archcalc for a state that has no numbers. */
  problem: EngineError | null;
}

/** The most answers of the engine that a page keeps. */
const MOST = 50;

/** The network to ask the engine about: `{name}` of the catalogue, or `{file}` of one's own. */
export type Asked = { name: string } | { file: { name: string; text?: string; blob?: Blob } };

/** `begun` gives the state to begin with in the browser; before that, a page is as it was written, without one. */
export function useLive(first: NetworkPage, asked: Asked, begun: () => State): Live {
  const [state, setState] = useState<State>({ values: {}, settings: {} });
  const [begins, setBegins] = useState(false);
  const [problem, setProblem] = useState<EngineError | null>(null);
  // All that the engine has answered: going back to an earlier state needs it no more.
  const [known, setKnown] = useState<Known[]>(() => [{ made: state, page: first, tape: new Tape(first.tape) }]);
  const [given, setGiven] = useState(first);
  if (given !== first) {
    // A reader changed the text of a network: it is another one, under the settings that it still has.
    setGiven(first);
    setKnown([{ made: { values: {}, settings: {} }, page: first, tape: new Tape(first.tape) }]);
    setState(kept(first, state));
  }
  const now = useMemo(() => found(known, state), [known, state]);
  const last = useRef(now);
  last.current = now ?? last.current;

  useEffect(() => {
    setState(begun());
    setBegins(true);
  }, []);

  useEffect(() => {
    setProblem(null);
    if (now) return;
    let waiting = true;
    ask<NetworkPage>("network", { ...asked, ...requestOf(first, state) })
      .then((page) => {
        if (waiting) setKnown((before) => [{ made: state, page, tape: new Tape(page.tape) }, ...before].slice(0, MOST));
      })
      .catch((error: unknown) => {
        if (waiting && !(error instanceof Superseded)) setProblem(asEngineError(error));
      });
    return () => {
      waiting = false;
    };
  }, [state, now === null]);

  const shown = last.current!;
  const waits = state.level === "operation" && shown.page === first && !first.levels.operation && "name" in asked;
  useOperations(first, asked, waits, (page) =>
    setKnown((before) => before.map((each) => (each.page === first ? { ...each, page } : each))),
  );
  return {
    page: shown.page,
    state,
    begun: begins,
    change: (change) => setState((before) => ({ ...before, ...change })),
    values: shown.values,
    behind: now === null || waits,
    problem: now ? null : problem,
  };
}

/** Fetch the rows of single operations, which the page of a network of the catalogue begins without, once asked for. */
function useOperations(page: NetworkPage, asked: Asked, wanted: boolean, take: (page: NetworkPage) => void): void {
  useEffect(() => {
    if (!wanted || !("name" in asked)) return;
    void fetch(`${rootOf()}data/operations/${asked.name}.json`)
      .then((response) => response.json() as Promise<Row[]>)
      .then((operation) => take({ ...page, levels: { ...page.levels, operation } }));
  }, [wanted, page]);
}

/** Of a state, what another network has too. */
function kept(page: NetworkPage, state: State): State {
  const settings = new Set(page.hyperparameters.map((each) => each.name));
  const of = <T>(given: Record<string, T>, has: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(given).filter(([name]) => has(name)));
  return {
    ...state,
    values: of(state.values, (name) => name in page.variables),
    settings: of(state.settings, (name) => settings.has(name)),
  };
}

interface Known {
  /** The state for which the engine made the page. */
  made: State;
  page: NetworkPage;
  tape: Tape;
}

/** The page and its numbers for a state, if some tape has them. */
function found(known: readonly Known[], state: State): { page: NetworkPage; values: Values } | null {
  for (const each of known) {
    const values = holds(each, state) ? each.tape.run(state.values) : null;
    if (values) return { page: each.page, values };
  }
  return null;
}

/** The times on the device of the state, from the engine; null without a device, or until they are there. */
export function useTimes(live: Live, asked: Asked): { times: Times | null; problem: string } {
  const [times, setTimes] = useState<Times | null>(null);
  const [problem, setProblem] = useState("");
  const { device } = live.state;
  useEffect(() => {
    let waiting = true;
    if (!device) setTimes(null);
    else {
      const { convention, ...given } = requestOf(live.page, live.state);
      ask<Times>("latency", { ...asked, ...given, device })
        .then((answer) => waiting && (setTimes(answer), setProblem("")))
        .catch((error: unknown) => {
          if (!waiting || error instanceof Superseded) return;
          setTimes(null);
          setProblem(asEngineError(error).message);
        });
    }
    return () => {
      waiting = false;
    };
  }, [device, live.state, live.page]);
  return { times: device ? times : null, problem: device ? problem : "" };
}

function asEngineError(error: unknown): EngineError {
  return error instanceof EngineError ? error : new EngineError(String(error));
}

/** All of a state that its tape is made for, but sizes; a level or a device only shows its numbers otherwise. */
function keyOf({ settings, dtype, convention }: State): string {
  return JSON.stringify([settings, dtype ?? "", convention ?? ""]);
}

/** True if a page is for a state, whose numbers are variables of its tape within their ranges, or as they were. */
function holds({ made, page }: Known, state: State): boolean {
  if (keyOf(made) !== keyOf(state)) return false;
  const names = new Set([...Object.keys(made.values), ...Object.keys(state.values)]);
  return [...names].every((name) => {
    const [variable, value] = [page.variables[name], state.values[name]];
    if (variable === undefined) return value === made.values[name];
    return value === undefined || (value >= variable.low && value <= variable.high);
  });
}
