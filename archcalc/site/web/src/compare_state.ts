// The state of the page that compares networks, in the address: `?names=vgg16,vgg19&size=224&batch=8&set=2.depth=16`.
import type { NetworkPage } from "./data";
import { readState, type State } from "./state";

/** One of the networks. */
export interface Chosen {
  name: string;
  /** Its own size, as text; empty: the size of all. */
  size: string;
  settings: Record<string, string>;
}

export type Quantity = "mult_adds" | "params" | "activations";
export type Rows = "layers" | "all" | "stages";

export interface CompareState {
  networks: Chosen[];
  /** The size of all, as text, `224` or `320x256`; empty: each network's own. */
  size: string;
  batch: string;
  dtype: string;
  convention: string;
  quantity: Quantity;
  /** The rows below the totals; empty: those that fit the networks. */
  rows: Rows | "";
  /** The place of the network whose counts are reconciled, and the conventions from and to which. */
  of: number;
  from: string;
  to: string;
}

export const MOST = 6;
const QUANTITIES: Quantity[] = ["mult_adds", "params", "activations"];
const ROWS: Rows[] = ["layers", "all", "stages"];
const WORDS = ["batch", "dtype", "convention"] as const;
const PRESENT = { batch: "1", dtype: "float32", convention: "mult_adds", quantity: "mult_adds", from: "mult_adds", to: "fvcore" };

export function firstState(names: readonly string[]): CompareState {
  return {
    networks: names.map((name) => ({ name, size: "", settings: {} })),
    size: "",
    rows: "",
    of: 0,
    ...PRESENT,
    quantity: "mult_adds",
  };
}

/** The state that an address asks for; what is no such word stays out. `first` are the networks if it names none. */
export function readCompare(search: string, first: readonly string[]): CompareState {
  const asked = new URLSearchParams(search);
  const names = (asked.get("names") ?? "").split(",").filter((name) => /^[\w.-]+$/.test(name));
  const state = firstState((names.length ? names : first).slice(0, MOST));
  const sizes = (asked.get("size") ?? "").split(",").filter((size, _at, all) => all.length > 1 || size);
  if (sizes.length === 1) state.size = sizes[0]!;
  else state.networks.forEach((each, place) => (each.size = sizes[place] ?? ""));
  for (const each of asked.getAll("set")) {
    const [, place, key, value] = /^([1-6])\.(\w+)=(.*)$/.exec(each) ?? [];
    const network = state.networks[Number(place) - 1];
    if (network && key && value !== undefined) network.settings[key] = value;
  }
  for (const word of [...WORDS, "from", "to"] as const) state[word] = asked.get(word) || state[word];
  state.quantity = QUANTITIES.find((each) => each === asked.get("quantity")) ?? state.quantity;
  state.rows = ROWS.find((each) => each === asked.get("rows")) ?? "";
  state.of = Math.max(0, Math.min(state.networks.length, Number(asked.get("of")) || 1) - 1);
  return state;
}

/** The query of a state, which `readCompare` reads. */
export function writeCompare(state: CompareState): string {
  const asked = new URLSearchParams({ names: state.networks.map((each) => each.name).join(",") });
  const own = state.networks.map((each) => each.size || state.size);
  const size = state.networks.some((each) => each.size) ? own.join(",") : state.size;
  if (size) asked.set("size", size);
  for (const word of [...WORDS, "quantity"] as const) {
    if (state[word] && state[word] !== PRESENT[word]) asked.set(word, state[word]);
  }
  state.networks.forEach((each, place) => {
    for (const [key, value] of Object.entries(each.settings)) asked.append("set", `${place + 1}.${key}=${value}`);
  });
  if (state.rows) asked.set("rows", state.rows);
  if (state.of) asked.set("of", String(state.of + 1));
  for (const word of ["from", "to"] as const) if (state[word] !== PRESENT[word]) asked.set(word, state[word]);
  return `?${asked.toString().replaceAll("%2C", ",").replaceAll("%3D", "=")}`;
}

/** The state of one network's page: what all share, and its own. */
export function stateOf(page: NetworkPage, state: CompareState, place: number): State {
  const network = state.networks[place]!;
  const asked = new URLSearchParams();
  const size = network.size || state.size;
  if (size) asked.set("size", size);
  for (const word of WORDS) if (state[word] && state[word] !== PRESENT[word]) asked.set(word, state[word]);
  for (const [key, value] of Object.entries(network.settings)) {
    if (key === "classes") asked.set("classes", value);
    else if (key === "in_channels") asked.set("channels", value);
    else asked.append("set", `${key}=${value}`);
  }
  return readState(page, `?${asked}`);
}
