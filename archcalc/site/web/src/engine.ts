/**
 * The client of the engine: asks the worker, which starts when it is first needed, and starts it again after a crash,
 * or when an answer that nobody waits for any more takes too long.
 */
import type { Asked, Posted } from "./worker";

/** An error of archcalc: `message` is the sentence that the command line prints. */
export class EngineError extends Error {
  override readonly name: string = "EngineError";

  constructor(
    message: string,
    /** The argument at fault: `input`, `batch`, `hyperparameters.width`. */
    readonly about = "",
    /** The row of the cost table at which a rule of the network broke. */
    readonly row = "",
    /** The class of the error in Python; empty for an error of the engine itself. */
    readonly kind = "",
  ) {
    super(message);
  }
}

/** A question that a newer one of its topic replaced, or that was cancelled: nobody waits for its answer. */
export class Superseded extends EngineError {
  override readonly name = "Superseded";
}

export type EngineState = "off" | "loading" | "ready" | "failed";

export interface EngineReport {
  state: EngineState;
  /** Bytes of the engine that have come, and all; 0 of 0 before the first. */
  loaded: number;
  total: number;
  /** True while a question is answered. */
  busy: boolean;
  /** Why it failed, in a sentence; empty if it did not. */
  message: string;
}

export interface AskOptions {
  /** A newer question of the same topic takes the place of an older one. */
  topic?: string;
  signal?: AbortSignal;
  /** After this many seconds the question is given up and the engine starts again. */
  limit?: number;
}

interface Waiting {
  asked: Asked;
  topic: string | undefined;
  limit: number;
  resolve(text: string): void;
  reject(error: Error): void;
}

/** A Worker, as far as the client needs it; tests have one of their own. */
export type WorkerLike = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror">;

const LIMIT_SECONDS = 120;
/** How long an answer that nobody waits for may hold up others. */
const PATIENCE_SECONDS = 2;

export class Engine {
  private worker: WorkerLike | undefined;
  private current: Waiting | undefined;
  private readonly queue: Waiting[] = [];
  private readonly listeners = new Set<(report: EngineReport) => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private count = 0;
  private abandoned = false;
  private now: EngineReport = { state: "off", loaded: 0, total: 0, busy: false, message: "" };

  constructor(private readonly start: () => WorkerLike) {}

  get report(): EngineReport {
    return this.now;
  }

  /** Call a function with the report of every change, and now with the present one; returns what ends that. */
  subscribe(listener: (report: EngineReport) => void): () => void {
    this.listeners.add(listener);
    listener(this.now);
    return () => this.listeners.delete(listener);
  }

  /** Load the engine, if that has not begun. */
  warm(): void {
    if (this.worker) return;
    this.change({ state: "loading", loaded: 0, total: 0, message: "" });
    try {
      const worker = this.start();
      worker.onmessage = ({ data }: MessageEvent<Posted>) => this.take(data);
      worker.onerror = (event) => this.fail(event.message || "its script could not be loaded");
      this.worker = worker;
    } catch (error) {
      this.fail(String(error));
    }
  }

  /** The result of a question. Rejects with EngineError, or with Superseded if nobody waits for it any more. */
  async ask<T>(question: string, given: object, options: AskOptions = {}): Promise<T> {
    const text = await new Promise<string>((resolve, reject) => {
      options.signal?.throwIfAborted();
      const asked = { id: ++this.count, question, given: withFiles(given) };
      const limit = options.limit ?? LIMIT_SECONDS;
      const waiting = { asked, topic: options.topic, limit, resolve, reject };
      if (options.topic !== undefined) this.drop((each) => each.topic === options.topic);
      options.signal?.addEventListener("abort", () => this.drop((each) => each === waiting), { once: true });
      this.queue.push(waiting);
      this.warm();
      this.next();
    });
    return read<T>(text);
  }

  /** End the worker, and what it is doing; the next question starts another. */
  stop(): void {
    this.drop(() => true);
    this.end();
    this.change({ state: "off" });
  }

  private drop(which: (waiting: Waiting) => boolean): void {
    for (const each of this.queue.filter(which)) each.reject(new Superseded("another question took its place"));
    this.queue.splice(0, this.queue.length, ...this.queue.filter((each) => !which(each)));
    if (this.current && !this.abandoned && which(this.current)) {
      this.current.reject(new Superseded("another question took its place"));
      this.abandoned = true;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.restart(), PATIENCE_SECONDS * 1000);
    }
  }

  private next(): void {
    if (this.now.state !== "ready" || this.current || !this.worker) return;
    const waiting = this.queue.shift();
    if (!waiting) {
      this.change({ busy: false });
      return;
    }
    this.current = waiting;
    this.abandoned = false;
    this.timer = setTimeout(() => this.giveUp(waiting), waiting.limit * 1000);
    this.change({ busy: true });
    this.worker.postMessage(waiting.asked);
  }

  private giveUp(waiting: Waiting): void {
    waiting.reject(new EngineError(`the answer took more than ${waiting.limit} s in this browser and was given up`));
    this.restart();
  }

  /** Begin anew, with the questions that wait. */
  private restart(): void {
    this.end();
    if (this.queue.length) this.warm();
    else this.change({ state: "off" });
  }

  private take(data: Posted): void {
    if (data.kind === "progress") {
      this.change({ loaded: data.loaded, total: data.total });
    } else if (data.kind === "ready") {
      this.change({ state: "ready" });
      this.next();
    } else if (data.kind === "failed") {
      this.fail(data.message);
    } else if (data.id === this.current?.asked.id) {
      const { current } = this;
      this.settle();
      current.resolve(data.text);
      this.next();
    }
  }

  /** A crash ends the question that caused it; the others are asked again. A failure to load ends them all. */
  private fail(said: string): void {
    const { current } = this;
    const reason = said.trim().split("\n").at(-1);
    const loading = this.now.state === "loading";
    if (loading || !current) {
      const message = `the engine could not be loaded: ${reason}`;
      this.end();
      this.change({ state: "failed", message });
      for (const each of this.queue.splice(0)) each.reject(new EngineError(message));
      return;
    }
    current.reject(new EngineError(`the engine stopped while it computed the answer: ${reason}`));
    this.restart();
  }

  private settle(): void {
    clearTimeout(this.timer);
    this.current = undefined;
    this.abandoned = false;
  }

  private end(): void {
    this.settle();
    if (this.worker) {
      this.worker.onmessage = null;
      this.worker.onerror = null;
      this.worker.terminate();
      this.worker = undefined;
    }
    this.change({ busy: false });
  }

  private change(some: Partial<EngineReport>): void {
    this.now = { ...this.now, ...some };
    for (const listener of this.listeners) listener(this.now);
  }
}

/** The result in an answer. Throws EngineError for an error. */
export function read<T>(text: string): T {
  const answer = JSON.parse(text) as
    | { result: T }
    | { error: { message: string; about: string; row: string; kind: string } };
  if ("result" in answer) return answer.result;
  const { message, about, row, kind } = answer.error;
  throw new EngineError(message, about, row, kind);
}

const keys = new WeakMap<Blob, number>();
let keyed = 0;

/** The arguments of a question, in which every file of the reader's has a key, so that the worker opens it once. */
function withFiles(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFiles);
  if (typeof value !== "object" || value === null || value instanceof Blob) return value;
  const { blob } = value as { blob?: unknown };
  if (blob instanceof Blob) {
    if (!keys.has(blob)) keys.set(blob, ++keyed);
    return { ...value, key: keys.get(blob) };
  }
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withFiles(each)]));
}

/** The worker beside this script, of the version that `<meta name="engine" content="...">` of the page says. */
function worker(): Worker {
  const address = new URL("./worker.js", import.meta.url);
  const version = document.querySelector<HTMLMetaElement>('meta[name="engine"]')?.content;
  if (version) address.searchParams.set("v", version);
  return new Worker(address, { type: "module" });
}

/** The engine of the page. */
export const engine = new Engine(worker);

/**
 * The result of a question to the page's engine: see `archcalc/site/engine.py` for the questions. A reader's file is
 * `{file: {name: "model.onnx", blob}}`, with a Blob or a File: it is opened in the worker, not copied. A newer question
 * of the same topic, by default of the same name, takes the place of an older one.
 */
export function ask<T>(question: string, given: object, topic = question, options: AskOptions = {}): Promise<T> {
  return engine.ask<T>(question, given, { topic, ...options });
}

/** Load the engine when the page has nothing else to do. */
export function warm(): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback(() => engine.warm());
  else setTimeout(() => engine.warm(), 1000);
}

/** Call a function now and whenever the engine changes, with its state, the part of it that is loaded, and all of it. */
export function onEngineState(tell: (state: EngineState, progress: number, report: EngineReport) => void): () => void {
  return engine.subscribe((report) => tell(report.state, report.total ? report.loaded / report.total : 0, report));
}
