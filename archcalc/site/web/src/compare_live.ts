// Networks side by side whose numbers follow the state: from their tapes at once, from the engine where these say nothing.
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { type CompareState, stateOf } from "./compare_state";
import type { NetworkPage } from "./data";
import { ask, Superseded } from "./engine";
import type { NetworkData } from "./network_view";
import { requestOf, type State } from "./state";
import { Tape, type Values } from "./tape";

export interface Compared {
  name: string;
  title: string;
  /** The network as it is in the catalogue, with its hyperparameters; null until it is there. */
  base: NetworkPage | null;
  /** The state of its page. */
  state: State | null;
  /** The network as it is shown. */
  shown: { page: NetworkPage; values: Values } | null;
  /** True while the numbers are those of an earlier state. */
  behind: boolean;
  /** The sentence of archcalc for a state without numbers. */
  problem: string;
}

interface Known {
  page: NetworkPage;
  tape: Tape;
}
/** A page, the sentence why there is none, or null while it is asked for. */
type Entry = Known | string | null;

/** Milliseconds without a keystroke before the engine is asked. */
const PAUSE = 150;

/** Pages of networks by what they are made for. */
export class Pages {
  private readonly entries = new Map<string, Entry>();
  private readonly titles = new Map<string, string>();
  private readonly last: { name: string; shown: Compared["shown"] }[] = [];

  constructor(
    first: readonly NetworkData[],
    private readonly tell: () => void,
  ) {
    for (const data of first) this.keep(data);
  }

  /** The network at a place of the comparison, and what must be asked for it: a key, and the arguments of a question. */
  at(state: CompareState, place: number): [Compared, Missing | null] {
    const { name } = state.networks[place]!;
    const base = this.entries.get(name);
    const found: Compared = { name, title: this.titles.get(name) ?? name, base: null, state: null, shown: null, behind: true, problem: "" };
    if (typeof base === "string") return [{ ...found, problem: base }, null];
    if (!base) return [this.before(found, place), base === null ? null : { key: name }];
    const own = stateOf(base.page, state, place);
    Object.assign(found, { base: base.page, state: own });
    const made = `${name} ${keyOf(own)}`;
    const sized = `${made} ${JSON.stringify(own.values)}`;
    for (const entry of [keyOf(own) === PLAIN ? base : this.entries.get(made), this.entries.get(sized)]) {
      if (typeof entry === "string") return [{ ...found, behind: false, problem: entry }, null];
      const values = entry && inRange(entry.page, own) ? entry.tape.run(own.values) : null;
      if (entry && values) {
        const shown = { page: entry.page, values };
        this.last[place] = { name, shown };
        return [{ ...found, shown, behind: false }, null];
      }
    }
    const asked = this.entries.get(sized) === null;
    return [this.before(found, place), asked ? null : { key: sized, made, given: { name, ...requestOf(base.page, own) }, topic: `network ${place}` }];
  }

  /** Ask for what is missing. */
  fetch(missing: Missing): void {
    this.entries.set(missing.key, null);
    const answer = missing.given
      ? ask<NetworkPage>("network", missing.given, missing.topic).then((page) => {
          const known = { page, tape: new Tape(page.tape) };
          this.entries.set(missing.key, known);
          if (!this.entries.get(missing.made!)) this.entries.set(missing.made!, known);
        })
      : loaded(missing.key).then((data) => this.keep(data));
    answer
      .catch((error: unknown) => {
        if (error instanceof Superseded) this.entries.delete(missing.key);
        else this.entries.set(missing.key, error instanceof Error ? error.message : String(error));
      })
      .finally(this.tell);
  }

  private keep(data: NetworkData): void {
    this.entries.set(data.page.name, { page: data.page, tape: new Tape(data.page.tape) });
    this.titles.set(data.page.name, data.about?.title ?? data.page.name);
  }

  /** The numbers of the network's earlier state at this place. */
  private before(found: Compared, place: number): Compared {
    const last = this.last[place];
    return last?.name === found.name ? { ...found, shown: last.shown } : found;
  }
}

interface Missing {
  key: string;
  made?: string;
  given?: object;
  /** A newer question about the same place of the comparison takes the place of an older one. */
  topic?: string;
}

/** The data of a network of the catalogue. */
export async function loaded(name: string): Promise<NetworkData> {
  const response = await fetch(`data/networks/${name}.json`);
  if (!response.ok) throw new Error(`no architecture is called '${name}'`);
  return (await response.json()) as NetworkData;
}

const PLAIN = keyOf({ values: {}, settings: {} });

/** What a tape is made for: all of a state but sizes. */
function keyOf(state: State): string {
  return JSON.stringify([state.settings, state.dtype ?? "", state.convention ?? ""]);
}

function inRange(page: NetworkPage, state: State): boolean {
  return Object.entries(state.values).every(([name, value]) => {
    const variable = page.variables[name];
    return variable !== undefined && value >= variable.low && value <= variable.high;
  });
}

/** The networks of a state. */
export function useNetworks(first: readonly NetworkData[], state: CompareState): Compared[] {
  const [, tell] = useReducer((count: number) => count + 1, 0);
  const pages = useRef<Pages | null>(null);
  pages.current ??= new Pages(first, () => tell(undefined));
  const found = state.networks.map((_, place) => pages.current!.at(state, place));
  const missing = found.flatMap(([, each]) => (each ? [each] : []));
  const keys = missing.map((each) => each.key).join("\n");
  useEffect(() => {
    if (!keys) return;
    const ask = () => {
      for (const each of new Map(missing.map((one) => [one.key, one])).values()) pages.current!.fetch(each);
      tell(undefined);
    };
    if (missing.every((each) => !each.given)) return ask();
    const timer = setTimeout(ask, PAUSE);
    return () => clearTimeout(timer);
  }, [keys]);
  return found.map(([each]) => each);
}

/** A question to the engine: what it is about, and all of its arguments. */
export interface Question {
  name: string;
  /** Answers to an earlier question with the same identity are shown until there is a newer one. */
  identity: string;
  given: object;
}

export interface Answered<T> {
  answer: T | null;
  behind: boolean;
  problem: string;
}

/** The answer to a question that changes; null: nothing is asked. `first` is known from the start. */
export function useAnswer<T>(question: Question | null, first: T | null): Answered<T> {
  const key = question && JSON.stringify([question.name, question.given]);
  const begun = first === null ? undefined : key;
  const [known, setKnown] = useState({ key: begun, identity: question?.identity, answer: first, problem: "" });
  const done = known.key === key || question === null;
  useEffect(() => {
    if (!question || done) return;
    let waiting = true;
    const put = (answer: T | null, problem: string) =>
      waiting && setKnown({ key, identity: question.identity, answer, problem });
    const timer = setTimeout(() => {
      ask<T>(question.name, question.given).then(
        (answer) => put(answer, ""),
        (error: unknown) => {
          if (!(error instanceof Superseded)) put(null, error instanceof Error ? error.message : String(error));
        },
      );
    }, PAUSE);
    return () => {
      waiting = false;
      clearTimeout(timer);
    };
  }, [key, done]);
  const fits = question !== null && known.identity === question.identity;
  return { answer: fits ? known.answer : null, behind: !done, problem: fits && done ? known.problem : "" };
}
