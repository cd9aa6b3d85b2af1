// A reader's own network: what is read, and what archcalc makes of it.
import { useEffect, useRef, useState } from "preact/hooks";
import type { NetworkPage } from "./data";
import { ask, engine, EngineError, Superseded } from "./engine";
import type { Asked } from "./live";
import type { NetworkData } from "./network_view";
import { rootOf } from "./frame";
import { formOf } from "./own_text";

/** What is read: a text, which is one of the examples where it has a key, or a file. */
export type Source = { text: string; example?: string } | { file: File };

export interface Reading {
  /** The last network that could be read, and what the engine is asked about it. */
  data: NetworkData;
  asked: Asked;
  /** Counts what was chosen anew: a network that only grew out of the one before keeps the settings of the page. */
  generation: number;
  /** The sentence of archcalc for what cannot be read; what is shown then is older. */
  problem: EngineError | null;
  /** True while a newer text or file is read. */
  working: boolean;
}

const EAGER = 250;
const PATIENT = 2000;

export function askedOf(source: Source): Asked {
  if ("file" in source) return { file: { name: source.file.name, blob: source.file } };
  return { file: { name: formOf(source.text).file, text: source.text } };
}

/** The network of a source; `fresh` counts the sources that were chosen, not typed. `first` is the network of `source`. */
export function useReading(source: Source, fresh: number, first: NetworkData): Reading {
  const begun = useRef(false);
  const cost = useRef(0);
  const [reading, setReading] = useState<Reading>({
    data: first,
    asked: askedOf(source),
    generation: 0,
    problem: null,
    working: false,
  });
  useEffect(() => {
    if (!begun.current) {
      begun.current = true;
      return;
    }
    const given = new AbortController();
    setReading((before) => ({ ...before, working: true }));
    const begin = async () => {
      const started = performance.now();
      const warm = engine.report.state === "ready";
      const measure = () => {
        if (warm && !("example" in source)) cost.current = performance.now() - started;
      };
      try {
        const page = await pageOf(source, given.signal);
        measure();
        if (given.signal.aborted) return;
        const data = { ...first, page };
        setReading({ data, asked: askedOf(source), generation: fresh, problem: null, working: false });
      } catch (error) {
        if (given.signal.aborted) return;
        measure();
        const stopped = new EngineError("it was stopped before it was read");
        const problem = error instanceof Superseded ? stopped : error instanceof EngineError ? error : new EngineError(String(error));
        setReading((before) => ({ ...before, problem, working: false }));
      }
    };
    // A network that takes long is read when its reader has stopped typing.
    const wait = "example" in source || "file" in source ? 0 : Math.min(PATIENT, Math.max(EAGER, cost.current));
    const timer = setTimeout(() => void begin(), wait);
    return () => {
      clearTimeout(timer);
      given.abort();
    };
  }, [source]);
  return reading;
}

async function pageOf(source: Source, signal: AbortSignal): Promise<NetworkPage> {
  if ("example" in source) {
    const answer = await fetch(`${rootOf()}data/own/${source.example}.json`, { signal });
    if (answer.ok) return (await answer.json()) as NetworkPage;
  }
  return ask<NetworkPage>("network", askedOf(source), "own", { signal });
}
