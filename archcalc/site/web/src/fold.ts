// A network folded for a picture: which rows are one box, and how the boxes are joined.
//
// The same folding as archcalc.pictures.folding makes, for blocks that a reader opens one by one. A block is opened
// further where folding it would make a cycle: FractalNet's columns read each other's outputs.

/** The data of archcalc.site.pictures.picture. */
export interface PictureData {
  /** Name, kind, op and inputs of each row. */
  rows: [string, string, string, number[]][];
  /** Path of the first block, blocks of a copy, number of copies, in parallel. */
  runs: [string, number, number, boolean][];
  open: string[];
  /** Fill, outline, dashes and word of each kind. */
  key: Record<string, [string, string, string, string]>;
}

export interface Part {
  path: string;
  name: string;
  /** The places of its rows. */
  rows: number[];
  parts: Part[];
}

/** A box of the picture, or a frame around several. */
export interface Item {
  id: string;
  label: string;
  /** The block or row that a box stands for; of a frame, the block that is open, or null for copies of several blocks. */
  part: Part | null;
  items: Item[] | null;
  /** Copies that it stands for. */
  copies: number;
  /** The run that `spread` shows one by one. */
  run: string;
}

export interface Box extends Item {
  part: Part;
  folded: boolean;
  /** The places of all rows that it stands for, those of copies too. */
  rows: number[];
  /** The last row of each copy: its outputs. */
  outputs: number[];
}

export interface Folded {
  items: Item[];
  boxes: Map<string, Box>;
  edges: [string, string][];
  /** The blocks that had to be open, beside those asked for. */
  forced: string[];
}

export function treeOf(data: PictureData): Part {
  const root: Part = { path: "", name: "", rows: [], parts: [] };
  const parts = new Map([["", root]]);
  data.rows.forEach(([name], place) => {
    const words = name.split(".");
    let parent = root;
    for (let count = 1; count < words.length; count++) {
      const path = words.slice(0, count).join(".");
      let part = parts.get(path);
      if (!part) {
        part = { path, name: words[count - 1]!, rows: [], parts: [] };
        parts.set(path, part);
        parent.parts.push(part);
      }
      parent = part;
      part.rows.push(place);
    }
    parent.parts.push({ path: name, name: words.at(-1)!, rows: [place], parts: [] });
  });
  return root;
}

/** All blocks, of equal ones the first. */
export function allOpen(data: PictureData): ReadonlySet<string> {
  const open = new Set<string>();
  for (;;) {
    const closed = [...fold(data, open).boxes.values()].filter((box) => box.folded);
    if (!closed.length) return open;
    for (const { part } of closed) open.add(part.path);
  }
}

/** The picture with some blocks open, and some runs of equal blocks shown one by one. */
export function fold(data: PictureData, open: ReadonlySet<string>, spread: ReadonlySet<string> = new Set()): Folded {
  const root = treeOf(data);
  const forced: string[] = [];
  for (;;) {
    const found = new Folding(data, root, new Set([...open, ...forced]), spread);
    const cyclic = inCycles(found.edges)
      .map((id) => found.boxes.get(id)!)
      .filter((box) => box.folded);
    if (!cyclic.length) return { items: found.items, boxes: found.boxes, edges: found.edges, forced };
    forced.push(...cyclic.map((box) => box.part.path));
  }
}

type Copies = readonly (readonly [run: string, number: number])[];

class Folding {
  readonly boxes = new Map<string, Box>();
  readonly items: Item[];
  readonly edges: [string, string][];
  private readonly places: { box: string; copies: Copies }[] = [];
  private readonly runs: Map<string, [number, number, boolean]>;

  constructor(
    private readonly data: PictureData,
    root: Part,
    private readonly open: ReadonlySet<string>,
    private readonly spread: ReadonlySet<string>,
  ) {
    this.runs = new Map(data.runs.map(([path, ...rest]) => [path, rest]));
    this.items = this.opened(root, []);
    this.edges = this.joins();
  }

  private opened(block: Part, copies: Copies): Item[] {
    const items: Item[] = [];
    for (let at = 0; at < block.parts.length; ) {
      const first = block.parts[at]!;
      const [period, times, parallel] = this.runs.get(first.path) ?? [1, 1, false];
      const all = block.parts.slice(at, at + period * times);
      at += all.length;
      if (times === 1 || this.spread.has(first.path)) {
        const run = times > 1 ? first.path : "";
        items.push(...all.map((part) => Object.assign(this.item(part, labelOf(part.path), copies), { run })));
        continue;
      }
      const inner: Copies = [...copies, [first.path, 0]];
      const drawn = all.slice(0, period).map((part, place) => {
        const names = Array.from({ length: times }, (_, copy) => all[copy * period + place]!.name);
        const above = /^\d/.test(part.name) ? labelOf(part.path).slice(0, -part.name.length) : "";
        return this.item(part, above + namesOf(names), inner);
      });
      for (let copy = 1; copy < times; copy++) {
        this.repeat(all.slice(0, period), all.slice(copy * period, (copy + 1) * period), copies.length, copy);
      }
      const words = parallel ? " in parallel" : "";
      const run = { copies: times, run: first.path };
      if (period === 1) items.push(Object.assign(drawn[0]!, run, { label: drawn[0]!.label + words }));
      else items.push({ id: `${first.path} x`, label: words.trim(), part: null, items: drawn, ...run });
    }
    return items;
  }

  private item(part: Part, label: string, copies: Copies): Item {
    const item = { id: `${part.path}/`, label, part, copies: 1, run: "" };
    if (part.parts.length && this.open.has(part.path)) return { ...item, items: this.opened(part, copies) };
    const box: Box = {
      ...item,
      items: null,
      id: part.parts.length ? `${part.path}.*` : part.path,
      folded: part.parts.length > 0,
      rows: [...part.rows],
      outputs: [part.rows.at(-1)!],
    };
    this.boxes.set(box.id, box);
    for (const row of part.rows) this.places[row] = { box: box.id, copies };
    return box;
  }

  /** Give the rows of a copy the places of the first copy's rows. */
  private repeat(first: Part[], copy: Part[], depth: number, number: number): void {
    first.forEach((one, at) => {
      const last = new Map<string, number>();
      one.rows.forEach((drawn, place) => {
        const row = copy[at]!.rows[place]!;
        const { box, copies } = this.places[drawn]!;
        const moved = copies.map((each, level) => (level === depth ? ([each[0], number] as const) : each));
        this.places[row] = { box, copies: moved };
        this.boxes.get(box)!.rows.push(row);
        last.set(box, row);
      });
      for (const [box, row] of last) this.boxes.get(box)!.outputs.push(row);
    });
  }

  /** The joins, each once. A join into a run enters its first copy; between copies there are none. */
  private joins(): [string, string][] {
    const found = new Map<string, [string, string]>();
    this.data.rows.forEach(([, , , inputs], row) => {
      const { box: end, copies } = this.places[row]!;
      for (const source of inputs) {
        const { box: begin, copies: around } = this.places[source]!;
        const numbers = new Map(around);
        if (begin === end || copies.some(([run, number]) => (numbers.get(run) ?? 0) !== number)) continue;
        found.set(`${begin}\n${end}`, [begin, end]);
      }
    });
    return [...found.values()];
  }
}

/** The nodes that lie on cycles, or on a path from one cycle to another. */
function inCycles(edges: readonly [string, string][]): string[] {
  const after = cyclicEnds(edges);
  const before = cyclicEnds(edges.map(([begin, end]) => [end, begin]));
  return [...after].filter((node) => before.has(node));
}

/** The nodes that are left if those without edges into them are taken away again and again. */
function cyclicEnds(edges: readonly (readonly [string, string])[]): Set<string> {
  const after = new Map<string, string[]>();
  const waits = new Map<string, number>();
  for (const [begin, end] of edges) {
    after.set(begin, [...(after.get(begin) ?? []), end]);
    waits.set(begin, waits.get(begin) ?? 0);
    waits.set(end, (waits.get(end) ?? 0) + 1);
  }
  const ready = [...waits].filter(([, count]) => !count).map(([node]) => node);
  const left = new Set(waits.keys());
  for (const node of ready) {
    left.delete(node);
    for (const each of after.get(node) ?? []) {
      waits.set(each, waits.get(each)! - 1);
      if (!waits.get(each)) ready.push(each);
    }
  }
  return left;
}

/** The name of a part, with that of the block around it if it is only a number: conv1, layer1.0. */
function labelOf(path: string): string {
  const words = path.split(".");
  let first = words.length - 1;
  while (first > 0 && /^\d+$/.test(words[first]!)) first--;
  return words.slice(first).join(".");
}

/** The names of equal blocks: denselayer1 to 6. */
function namesOf(names: string[]): string {
  const stem = names[0]!.replace(/\d+$/, "");
  const numbers = names.map((name) => name.slice(stem.length));
  const begin = Number(numbers[0]);
  const counted = numbers[0] !== "" && names.every((name, i) => name.startsWith(stem) && numbers[i] === String(begin + i));
  if (names.length > 2 && counted) return `${names[0]} to ${numbers.at(-1)}`;
  return names.length <= 3 ? names.join(", ") : `${names[0]}, ${names[1]}, … ${names.at(-1)}`;
}

/** The contents of a block that is one box: 3 conv, add. */
export function summary(data: PictureData, rows: readonly number[]): string {
  const kinds = new Map<string, number>();
  for (const row of rows) {
    const op = data.rows[row]![2];
    if (op) kinds.set(op, (kinds.get(op) ?? 0) + 1);
  }
  const words = [...kinds].sort((a, b) => b[1] - a[1]).map(([op, count]) => (count > 1 ? `${count} ${op}` : op));
  return [...words.slice(0, 4), ...(words.length > 4 ? ["…"] : [])].join(", ");
}

/** The boxes inside an item. */
export function boxesIn(item: Item): string[] {
  return item.items ? item.items.flatMap(boxesIn) : [item.id];
}
