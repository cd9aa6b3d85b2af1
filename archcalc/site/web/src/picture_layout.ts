// Where the boxes, frames and arrows of a picture are.
//
// The contents of each frame are laid out by dagre, from top to bottom, and then stand in the frame around as one box. An
// arrow into a frame enters at a port of its upper edge, so that it goes around the boxes there. A long column is cut
// into several beside each other, where one arrow leads on.
import { Graph, layout } from "@dagrejs/dagre";
import { columns } from "./columns";
import { boxesIn, type Folded, type Item } from "./fold";

export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Arrow {
  begin: string;
  end: string;
  points: Point[];
}

export interface Placed {
  width: number;
  height: number;
  boxes: Map<string, Place>;
  frames: Map<string, Place>;
  arrows: Arrow[];
}

export type Sizes = ReadonlyMap<string, readonly [width: number, height: number]>;

const RANKS = 20;
const NODES = 14;
/** The room above what is in a frame, for its title, and on the other sides. */
export const TITLE = 24;
const PADDING = 8;
/** The shape that a frame should have at most: height by width. */
const TALLEST = 900;

/** The contents of a frame, laid out: from its own upper left corner. */
export interface Sheet {
  width: number;
  height: number;
  items: Map<string, Place>;
  /** Arrows between items and ports; a port above is named by the box outside that it leads from, one below by the box inside. */
  lines: Map<string, Point[]>;
}

/** `sizes` are the widths and heights of boxes, and the least widths of frames; `ratio` is the view's width by its height. */
export function placed(folded: Folded, sizes: Sizes, ratio: number): Placed {
  const sheets = new Map<string, Sheet>();
  const top = sheetOf("", folded.items, folded, sizes, sheets, ratio);
  const found: Placed = { width: top.width, height: top.height, boxes: new Map(), frames: new Map(), arrows: [] };
  const origins = new Map<string, Point>([["", { x: 0, y: 0 }]]);
  const chains = new Map<string, string[]>();
  const put = (frame: string, items: Item[], chain: string[]) => {
    const { x, y } = origins.get(frame)!;
    for (const item of items) {
      const place = sheets.get(frame)!.items.get(item.id)!;
      const moved = { ...place, x: place.x + x, y: place.y + y };
      if (!item.items) {
        found.boxes.set(item.id, moved);
        chains.set(item.id, [...chain, item.id]);
        continue;
      }
      found.frames.set(item.id, moved);
      origins.set(item.id, inner(moved, sheets.get(item.id)!));
      put(item.id, item.items, [...chain, item.id]);
    }
  };
  put("", folded.items, [""]);
  for (const [begin, end] of folded.edges) {
    found.arrows.push({ begin, end, points: pieces(begin, end, chains, sheets, origins, found) });
  }
  return found;
}

/** The corner of what is in a frame, which is wider where its title is. */
function inner(frame: Place, sheet: Sheet): Point {
  return { x: frame.x + (frame.width - sheet.width) / 2, y: frame.y + TITLE };
}

function sheetOf(
  frame: string,
  items: Item[],
  folded: Folded,
  sizes: Sizes,
  sheets: Map<string, Sheet>,
  ratio: number,
): Sheet {
  const graph = new Graph();
  graph.setGraph({ rankdir: "TB", ranksep: RANKS, nodesep: NODES, edgesep: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  const owner = new Map<string, string>();
  for (const item of items) {
    for (const box of boxesIn(item)) owner.set(box, item.id);
    const [width, height] = sizes.get(item.id) ?? [0, 0];
    if (item.items) {
      const sheet = sheetOf(item.id, item.items, folded, sizes, sheets, 1.5);
      const wide = Math.max(width, sheet.width + 2 * PADDING);
      graph.setNode(item.id, { width: wide, height: sheet.height + TITLE + PADDING });
    } else graph.setNode(item.id, { width, height });
  }
  for (const [begin, end] of folded.edges) {
    const from = owner.get(begin);
    const to = owner.get(end);
    if (from && to && from !== to) graph.setEdge(from, to, { weight: 2 });
    else if (!from && to) graph.setEdge(port(graph, "in", begin), to, { weight: 1 });
    else if (from && !to) graph.setEdge(from, port(graph, "out", begin), { weight: 1 });
  }
  layout(graph);
  const sheet = columns(read(graph, items), frame === "" ? { ratio } : { ratio, above: TALLEST });
  sheets.set(frame, sheet);
  return sheet;
}

/** A port, held at the upper or lower edge. */
function port(graph: Graph, side: "in" | "out", box: string): string {
  const name = `${side} ${box}`;
  if (graph.hasNode(name)) return name;
  graph.setNode(name, { width: 1, height: 0 });
  if (!graph.hasNode(side)) graph.setNode(side, { width: 1, height: 0 });
  if (side === "in") graph.setEdge(side, name, { weight: 9 });
  else graph.setEdge(name, side, { weight: 9 });
  return name;
}

function read(graph: Graph, items: Item[]): Sheet {
  const found: Sheet = { width: 0, height: 0, items: new Map(), lines: new Map() };
  for (const { id } of items) {
    const { x, y, width, height } = graph.node(id) as Place;
    found.items.set(id, { x: x - width / 2, y: y - height / 2, width, height });
  }
  for (const { v, w } of graph.edges()) {
    if (v === "in" || w === "out") continue;
    found.lines.set(`${v}\n${w}`, [...(graph.edge(v, w) as { points: Point[] }).points]);
  }
  return found;
}

/** The points of an arrow through all frames on its way. */
function pieces(
  begin: string,
  end: string,
  chains: Map<string, string[]>,
  sheets: Map<string, Sheet>,
  origins: Map<string, Point>,
  found: Placed,
): Point[] {
  const from = chains.get(begin)!;
  const to = chains.get(end)!;
  let common = 0;
  while (from[common + 1] === to[common + 1]) common++;
  const points: Point[] = [];
  const add = (frame: string, v: string, w: string) => {
    const { x, y } = origins.get(frame)!;
    const line = sheets.get(frame)!.lines.get(`${v}\n${w}`) ?? [];
    const moved = line.map((point) => ({ x: point.x + x, y: point.y + y }));
    const edges = found.frames.get(frame);
    if (v.startsWith("in ")) moved[0]!.y = edges!.y;
    if (w.startsWith("out ")) moved.at(-1)!.y = edges!.y + edges!.height;
    join(points, edges ? moved.map((point) => within(point, edges)) : moved, v.startsWith("in "));
  };
  for (let level = from.length - 2; level > common; level--) add(from[level]!, from[level + 1]!, `out ${begin}`);
  add(from[common]!, from[common + 1]!, to[common + 1]!);
  for (let level = common + 1; level < to.length - 1; level++) add(to[level]!, `in ${begin}`, to[level + 1]!);
  return points;
}

function within({ x, y }: Point, frame: Place): Point {
  return { x, y: Math.min(Math.max(y, frame.y), frame.y + frame.height) };
}

/** Go on with a line at the edge of a frame, there where the inner one of the two passes it. */
function join(points: Point[], next: Point[], enters: boolean): void {
  const outer = enters ? points : next;
  const port = enters ? next[0] : points.at(-1);
  const [edge, bend] = enters ? [outer.at(-1), outer.at(-2)] : [outer[0], outer[1]];
  if (!points.length || !port || !edge) {
    points.push(...next);
    return;
  }
  // A line that leaves the middle of the frame upright leaves the port upright.
  if (bend && outer.length > 2 && bend.x === edge.x) bend.x = port.x;
  if (enters) points.splice(-1, 1, ...next);
  else points.push(...next.slice(1));
}
