// The rows that are lit: those under the pointer or with the focus, in the picture and in the table alike.
import type { Level, NetworkPage } from "./data";

/** Rows are named as those of the table of layers. */
export type Rows = ReadonlySet<string>;

export interface Lit {
  /** Under the pointer or with the focus. */
  rows: Rows;
  /** Chosen by a click; stays when the pointer leaves. */
  chosen: Rows;
}

const NONE: Rows = new Set();
let now: Lit = { rows: NONE, chosen: NONE };
const listeners = new Set<(lit: Lit) => void>();

export function lit(): Lit {
  return now;
}

/** Light rows, and no others; without any, the chosen ones stay. */
export function light(rows: Iterable<string>): void {
  tell({ ...now, rows: new Set(rows) });
}

/** Choose rows: they are lit until others are chosen. */
export function choose(rows: Iterable<string>): void {
  const chosen = new Set(rows);
  tell({ rows: chosen, chosen });
}

/** Call a function now and whenever other rows are lit; returns a function that ends that. */
export function onLit(listener: (lit: Lit) => void): () => void {
  listeners.add(listener);
  listener(now);
  return () => listeners.delete(listener);
}

function tell(next: Lit): void {
  if (same(next.rows, now.rows) && same(next.chosen, now.chosen)) return;
  now = next;
  for (const listener of listeners) listener(now);
}

function same(some: Rows, others: Rows): boolean {
  return some.size === others.size && [...some].every((each) => others.has(each));
}

/** The rows that are lit, or else the chosen ones. */
export function shown({ rows, chosen }: Lit): Rows {
  return rows.size ? rows : chosen;
}

/** For each row of the table at a level the rows of the table of layers that it stands for. */
export function layersOf(page: NetworkPage, level: Level): ReadonlyMap<string, readonly string[]> {
  const layers = page.levels.layer!.map((row) => row.name);
  const rows = (page.levels[level] ?? page.levels.layer!).map((row) => row.name);
  if (level === "layer" || rows === undefined) return new Map(layers.map((name) => [name, [name]]));
  const found = new Map<string, string[]>(rows.map((name) => [name, []]));
  if (level === "operation") {
    const known = new Set(layers);
    for (const name of rows) found.get(name)!.push(beginningIn(known, name) ?? name);
    return found;
  }
  const known = new Set(rows);
  for (const name of layers) found.get(beginningIn(known, name) ?? name)?.push(name);
  return found;
}

/** The longest beginning of a name that is one of some names and ends where a part of the name ends. */
export function beginningIn(names: ReadonlySet<string>, name: string): string | undefined {
  for (let end = name.length; end > 0; end--) {
    if ((end === name.length || /[._]/.test(name[end]!)) && names.has(name.slice(0, end))) return name.slice(0, end);
  }
  return undefined;
}

/**
 * Light a table together with the picture: its rows with `data-row` get the class `lit`, and those under the pointer or
 * with the focus light the picture. Returns a function that ends that.
 */
export function lightTable(table: HTMLElement, page: NetworkPage, level: Level): () => void {
  const layers = layersOf(page, level);
  const rowAt = (event: Event) => (event.target as Element).closest<HTMLElement>("tr[data-row]")?.dataset["row"];
  const over = (event: Event) => light(layers.get(rowAt(event) ?? "") ?? []);
  const out = () => light([]);
  const click = (event: Event) => {
    const row = rowAt(event);
    if (row !== undefined) choose(layers.get(row) ?? []);
  };
  const ends: [string, (event: Event) => void][] = [
    ["pointerover", over],
    ["focusin", over],
    ["pointerleave", out],
    ["focusout", out],
    ["click", click],
  ];
  for (const [name, act] of ends) table.addEventListener(name, act);
  const end = onLit((state) => {
    const rows = shown(state);
    for (const element of table.querySelectorAll<HTMLElement>("tr[data-row]")) {
      const on = rows.size > 0 && (layers.get(element.dataset["row"]!) ?? []).some((name) => rows.has(name));
      element.classList.toggle("lit", on);
    }
  });
  return () => {
    end();
    for (const [name, act] of ends) table.removeEventListener(name, act);
  };
}

/** Bring the first row of the table that stands for one of some rows into sight. */
export function scrollToRow(rows: Iterable<string>): void {
  const wanted = [...rows];
  const all = [...document.querySelectorAll<HTMLElement>("#costs tr[data-row]")];
  const names = new Set(all.map((element) => element.dataset["row"]!));
  // At the level of operations, a row's name begins with that of its layer; at others it is the other way round.
  const row =
    all.find((element) => wanted.some((name) => beginningIn(names, name) === element.dataset["row"])) ??
    all.find((element) => wanted.some((name) => element.dataset["row"]!.startsWith(`${name}.`)));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  row?.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
}
