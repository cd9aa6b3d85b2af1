// The state of a network's page, in the words of the command line, and in the address of the page.
import type { Level, NetworkPage } from "./data";

export interface State {
  /** Values of the tape's variables that are given: H, W, L, D, C, K, N. */
  values: Record<string, number>;
  dtype?: string;
  convention?: string;
  /** A device whose time is shown. */
  device?: string;
  /** Hyperparameters that are given, as text. */
  settings: Record<string, string>;
  level?: Level;
  /** The picture: its view, the blocks that are open, and the layer and unit whose receptive field is drawn. */
  view?: string | undefined;
  open?: string | undefined;
  field?: string | undefined;
}

/** What an address says as it is. */
const KEPT = ["dtype", "convention", "device", "level", "view", "open", "field"] as const;

/** Words of the address for single variables. */
const WORDS: Record<string, string> = { N: "batch", K: "classes", C: "channels" };
const SIZES = ["L", "D", "H", "W"];

/** The axes of the input that are variables, in order. */
export function sizesOf(page: NetworkPage): string[] {
  return SIZES.filter((name) => name in page.variables);
}

/** The state that an address asks for; what a page does not know stays out. */
export function readState(page: NetworkPage, search: string): State {
  const asked = new URLSearchParams(search);
  const state: State = { values: {}, settings: {} };
  const axes = sizesOf(page);
  const sizes = (asked.get("size") ?? "").split("x").filter(Boolean);
  axes.forEach((axis, place) => put(state.values, axis, sizes[sizes.length === 1 ? 0 : place]));
  for (const [name, word] of Object.entries(WORDS)) put(state.values, name, asked.get(word));
  for (const each of asked.getAll("set")) {
    const at = each.indexOf("=");
    if (at > 0) state.settings[each.slice(0, at)] = each.slice(at + 1);
  }
  for (const key of KEPT) {
    const value = asked.get(key);
    if (value !== null) Object.assign(state, { [key]: value });
  }
  return state;
}

function put(values: Record<string, number>, name: string, text: string | null | undefined): void {
  if (text && /^\d{1,12}$/.test(text)) values[name] = Number(text);
}

/** The query of a state, beginning with `?`; empty for the network as it is. `kept` has further words of the address. */
export function writeState(page: NetworkPage, state: State, kept: Record<string, string> = {}): string {
  const asked = new URLSearchParams(kept);
  const axes = sizesOf(page);
  if (axes.some((axis) => changed(page, state, axis))) {
    const sizes = axes.map((axis) => state.values[axis] ?? page.variables[axis]!.value);
    asked.set("size", new Set(sizes).size === 1 ? String(sizes[0]) : sizes.join("x"));
  }
  for (const [name, word] of Object.entries(WORDS)) {
    if (changed(page, state, name)) asked.set(word, String(state.values[name]));
  }
  for (const [key, value] of Object.entries(state.settings)) asked.append("set", `${key}=${value}`);
  for (const key of KEPT) {
    const value = state[key];
    if (value !== undefined) asked.set(key, value);
  }
  const text = asked.toString().replaceAll("%3D", "=").replaceAll("%2C", ",");
  return text ? `?${text}` : "";
}

function changed(page: NetworkPage, state: State, name: string): boolean {
  const given = state.values[name];
  return given !== undefined && given !== page.variables[name]?.value;
}

/** The question `network` to the engine for a state: the arguments of network_page in Python. */
export function requestOf(page: NetworkPage, state: State): Record<string, unknown> {
  const { K, N, C } = state.values;
  const axes = sizesOf(page);
  const given: Record<string, unknown> = {};
  const settings: Record<string, unknown> = { ...state.settings };
  if (K !== undefined) settings["classes"] = K;
  if (C !== undefined) settings["in_channels"] = C;
  if (N !== undefined) given["batch"] = N;
  if (state.dtype) given["dtype"] = state.dtype;
  if (state.convention) given["convention"] = state.convention;
  if (axes.some((axis) => state.values[axis] !== undefined)) {
    const input = page.input.map((ref) => (Array.isArray(ref) ? null : Number(ref)));
    for (const axis of axes) input[page.axes[axis]!] = state.values[axis] ?? page.variables[axis]!.value;
    const channels = input.indexOf(null);
    if (channels >= 0) input[channels] = C ?? page.variables["C"]?.value ?? null;
    given["input"] = input;
  }
  return { ...given, settings };
}
