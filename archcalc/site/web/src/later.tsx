// A part of a page that is loaded after the first paint.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

interface LaterProps<P> {
  load: () => Promise<ComponentType<P>>;
  with: P;
  /** The height that is kept free until the part is there, so that nothing jumps. */
  height?: string;
}

export function Later<P extends object>({ load, with: given, height }: LaterProps<P>) {
  const [Part, set] = useState<ComponentType<P> | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    load().then(
      (part) => set(() => part),
      (error: unknown) => setProblem(`This part could not be loaded: ${String(error)}`),
    );
  }, []);
  if (problem) return <p class="problem">{problem}</p>;
  return Part ? <Part {...given} /> : <div class="later" style={{ minHeight: height ?? "0" }} />;
}
