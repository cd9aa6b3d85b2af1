// Says that an answer is on its way: that the engine is loading, or that it computes.
import { useEffect, useState } from "preact/hooks";
import { type EngineState, onEngineState } from "./engine";

export function Waiting({ what }: { what: string }) {
  const [engine, setEngine] = useState<[EngineState, number]>(["off", 0]);
  useEffect(() => onEngineState((state, progress) => setEngine([state, progress])), []);
  const [state, progress] = engine;
  return (
    <p class="remark" role="status">
      {state === "ready" ? `${what} is computed …` : `${what} comes from archcalc, which is loading: ${Math.round(100 * progress)} % …`}
    </p>
  );
}
