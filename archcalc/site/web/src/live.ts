// A network whose numbers follow the state: from the tape at once, from the engine where the tape says nothing.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { NetworkPage, Times } from "./data";
import { ask, EngineError, Superseded } from "./engine";
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

/** The network to ask the engine about: `{name}` of the catalogue, or `{file}` of one's own. */
export type Asked = { name: string } | { file: { name: string; text?: string; blob?: Blob } };

/** `begun` gives the state to begin with in the browser; before that, a page is as it was written, without one. */
export function useLive(first: NetworkPage, asked: Asked, begun: () => State): Live {
  const [page, setPage] = useState(first);
  const [made, setMade] = useState(keyOf({ values: {}, settings: {} }));
  const [state, setState] = useState<State>({ values: {}, settings: {} });
  const [begins, setBegins] = useState(false);
  const [problem, setProblem] = useState<EngineError | null>(null);
  const tape = useMemo(() => new Tape(page.tape), [page]);
  const fits = made === keyOf(state) && inRange(page, state);
  const now = useMemo(() => (fits ? tape.run(state.values) : null), [tape, state, fits]);
  const last = useRef<Values | null>(null);
  last.current = now ?? last.current ?? tape.run({})!;

  useEffect(() => {
    setState(begun());
    setBegins(true);
  }, []);

  useEffect(() => {
    if (now) {
      setProblem(null);
      return;
    }
    let waiting = true;
    ask<NetworkPage>("network", { ...asked, ...requestOf(first, state) })
      .then((answer) => {
        if (!waiting) return;
        last.current = null;
        setPage(answer);
        setMade(keyOf(state));
        setProblem(null);
      })
      .catch((error: unknown) => {
        if (waiting && !(error instanceof Superseded)) setProblem(asEngineError(error));
      });
    return () => {
      waiting = false;
    };
  }, [state, now]);

  return {
    page,
    state,
    begun: begins,
    change: (change) => setState((before) => ({ ...before, ...change })),
    values: last.current,
    behind: now === null,
    problem: now ? null : problem,
  };
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

/** What the tape of a page is made for: all of a state but sizes, and what is only shown otherwise. */
function keyOf(state: State): string {
  return JSON.stringify([state.settings, state.dtype ?? "", state.convention ?? ""]);
}

function inRange(page: NetworkPage, state: State): boolean {
  return Object.entries(state.values).every(([name, value]) => {
    const variable = page.variables[name];
    return variable !== undefined && value >= variable.low && value <= variable.high;
  });
}
