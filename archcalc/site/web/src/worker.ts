/**
 * The worker of the engine: Python in WebAssembly (Pyodide) with the unmodified package archcalc, which answers
 * questions. All its files come from the folder `engine` of the site.
 *
 * It takes {id, question, given} and posts {kind: "answer", id, text}, once it has posted {kind: "ready"}; while it
 * loads, {kind: "progress", loaded, total} in bytes. {kind: "failed", message} is its last message.
 */
import { loadPyodide, type PyodideInterface } from "pyodide";
import { info } from "pyodide/pyodide-lock.json";
import { inflated, type Progress } from "./inflate";

export interface Asked {
  id: number;
  question: string;
  given: unknown;
}

export type Posted =
  | { kind: "progress"; loaded: number; total: number }
  | { kind: "ready" }
  | { kind: "answer"; id: number; text: string }
  | { kind: "failed"; message: string; id?: number };

const FOLDER = new URL("../engine/", import.meta.url).href;
/** The version of the site, so that a browser does not mix its files with those that it kept of another. */
const VERSION = self.location.search;
const WASM = "pyodide.asm.wasm";

const post = (message: Posted): void => self.postMessage(message);

/** Parts of the download, which are counted together. */
const parts = new Map<string, { loaded: number; total: number }>();

function counted(name: string): Progress {
  return (loaded, total) => {
    parts.set(name, { loaded, total });
    const sum = { loaded: 0, total: 0 };
    for (const part of parts.values()) {
      sum.loaded += part.loaded;
      sum.total += part.total;
    }
    post({ kind: "progress", ...sum });
  };
}

async function fetched(name: string): Promise<Response> {
  const response = await fetch(`${FOLDER}${name}.gz${VERSION}`);
  if (!response.ok) throw new Error(`${name}.gz of the site: HTTP status ${response.status}`);
  return inflated(response, name.endsWith(".wasm") ? "application/wasm" : "application/zip", counted(name));
}

/** Pyodide fetches its WebAssembly by itself: from now on it gets the file that is compressed. */
function serveWasm(response: Promise<Response>): void {
  const plain = self.fetch;
  self.fetch = (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    return address.endsWith(WASM) ? response : plain(input, init);
  };
}

async function started(): Promise<(text: string) => string> {
  const wasm = fetched(WASM);
  wasm.catch(() => undefined); // it is awaited by Pyodide; without it, by nobody
  serveWasm(wasm);
  const library = fetched("library.zip").then((response) => response.blob());
  const address = URL.createObjectURL(await library);
  await wasm;
  python = await loadPyodide({
    indexURL: FOLDER,
    stdLibURL: address,
    packageBaseUrl: FOLDER,
    lockFileContents: JSON.stringify({ info, packages: {} }), // there are no packages to load
  });
  URL.revokeObjectURL(address);
  return python.runPython("from archcalc.site.engine import answer\nanswer") as (text: string) => string;
}

/** Milliseconds after which the engine imports what the first change on a page will need. */
const PAUSE = 20;

let python: PyodideInterface;
const engine = started();
engine.then(
  () => {
    post({ kind: "ready" });
    setTimeout(prepare, PAUSE);
  },
  (error: unknown) => post({ kind: "failed", message: said(error) }),
);

function prepare(): void {
  try {
    python.runPython("import archcalc.site.network_page");
  } catch {
    // the answer to the question that needs it says so
  }
}

/** The last line of an error: of one of Python, its type and its message. */
function said(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split("\n").at(-1) ?? text;
}

const mounted = new Set<number>();

/** A question's arguments, in which a file of the reader's lies in Python's file system, where it is read as need be. */
function placed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(placed);
  if (typeof value !== "object" || value === null) return value;
  const { blob, key, ...rest } = value as Record<string, unknown>;
  if (blob instanceof Blob && typeof key === "number") return { ...rest, path: mount(blob, key) };
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, placed(each)]));
}

function mount(blob: Blob, key: number): string {
  const folder = `/files/${key}`;
  if (!mounted.has(key)) {
    const { FS } = python;
    FS.mkdirTree(folder);
    FS.mount(FS.filesystems.WORKERFS, { blobs: [{ name: "data", data: blob }] }, folder);
    mounted.add(key);
  }
  return `${folder}/data`;
}

self.onmessage = async ({ data }: MessageEvent<Asked>): Promise<void> => {
  const answer = await engine;
  try {
    const text = answer(JSON.stringify({ question: data.question, given: placed(data.given) }));
    post({ kind: "answer", id: data.id, text });
  } catch (error) {
    // Python answers with an error: what comes here is the end of the interpreter, such as of its memory
    post({ kind: "failed", id: data.id, message: said(error) });
  }
};
