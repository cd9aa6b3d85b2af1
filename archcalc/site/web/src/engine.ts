// The engine: archcalc itself, in a worker. (Replaced by the engine helper's file; this one only states the contract.)

export class EngineError extends Error {
  constructor(
    message: string,
    readonly about?: string,
    readonly row?: string,
  ) {
    super(message);
  }
}

export type EngineState = "off" | "loading" | "ready" | "failed";

/** The answer of archcalc to a question; a newer question of the same topic drops the older's answer. */
export function ask<T>(question: string, given: object, topic = question): Promise<T> {
  return Promise.reject(new EngineError(`the engine is not there yet (${question}, ${topic}, ${Object.keys(given)})`));
}

/** Begin to load the engine. */
export function warm(): void {}

/** Call a function now and whenever the state of the engine changes; returns a function that ends that. */
export function onEngineState(tell: (state: EngineState, progress: number) => void): () => void {
  tell("off", 0);
  return () => {};
}
