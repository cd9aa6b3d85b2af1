// A long column of boxes cut into several beside each other, where one arrow leads on, or few if that is worth it.
import type { Place, Point, Sheet } from "./picture_layout";

const GAP = 40;
/** The room for the first arrow below and above a column, and for each further one. */
const TURN = 12;
const LANE = 5;
/** The most arrows that lead on at a cut, and how much larger the boxes must be for more than one. */
const MOST = 6;
const WORTH = 1.5;

interface Wanted {
  /** The width of the view by its height. */
  ratio: number;
  /** Only what is higher than this is cut. */
  above?: number;
}

/** The sheet in as many columns as make it largest in a view; moved so that its corner is at 0, 0. */
export function columns(sheet: Sheet, { ratio, above = 0 }: Wanted): Sheet {
  const one = joined(sheet, []);
  if (one.height <= above) return one;
  const single = cut(sheet, one, ratio, 1);
  const several = cut(sheet, one, ratio, MOST);
  return scale(several, ratio) > scale(single, ratio) * WORTH ? several : single;
}

function cut(sheet: Sheet, one: Sheet, ratio: number, most: number): Sheet {
  const places = cuts(sheet, most);
  let best = one;
  for (let count = 2; count <= Math.min(12, places.length + 1); count++) {
    const found = joined(sheet, chosen(sheet, places, count));
    if (scale(found, ratio) > scale(best, ratio) * 1.05) best = found;
  }
  return best;
}

function scale(sheet: Sheet, ratio: number): number {
  return Math.min(ratio / sheet.width, 1 / sheet.height);
}

/** The heights at which no box is and at most some arrows pass. */
function cuts(sheet: Sheet, most: number): number[] {
  const places = [...sheet.items.values()];
  const ends = [...new Set(places.map((place) => place.y + place.height))].sort((a, b) => a - b).slice(0, -1);
  return ends
    .map((end) => {
      const next = Math.min(...places.filter((place) => place.y + place.height > end).map((place) => place.y));
      return next > end ? (end + next) / 2 : NaN;
    })
    .filter((y) => !Number.isNaN(y) && crossing(sheet, y) <= most);
}

function crossing(sheet: Sheet, y: number): number {
  return [...sheet.lines.values()].filter((line) => line[0]!.y < y && line.at(-1)!.y > y).length;
}

/** Cuts into at most some columns, whose highest is as low as may be. */
function chosen(sheet: Sheet, places: number[], count: number): number[] {
  const tops = [...sheet.items.values()].map((place) => place.y);
  const ends = [...sheet.items.values()].map((place) => place.y + place.height);
  const first = Math.min(...tops);
  const last = Math.max(...ends);
  const within = (height: number): number[] | null => {
    const found: number[] = [];
    let begin = first;
    for (let at = 0; at <= places.length; at++) {
      const end = places[at] ?? last;
      if (end - begin <= height) continue;
      const cut = places[at - 1];
      if (cut === undefined || cut <= begin || end - cut > height) return null;
      found.push(cut);
      begin = cut;
    }
    return found.length < count ? found : null;
  };
  let low = (last - first) / count;
  let high = last - first;
  for (let step = 0; step < 24; step++) {
    const middle = (low + high) / 2;
    if (within(middle)) high = middle;
    else low = middle;
  }
  return within(high) ?? [];
}

interface Column {
  top: number;
  left: number;
  right: number;
  bottom: number;
  /** The move of what is in it. */
  x: number;
  y: number;
}

function joined(sheet: Sheet, at: number[]): Sheet {
  const found = at.concat(Infinity).map((bottom, number) => bounds(sheet, at[number - 1] ?? -Infinity, bottom));
  const of = (y: number) => at.filter((cut) => cut < y).length;
  const lanes = lanesOf(sheet, of);
  const room = lanes.size ? TURN + LANE * Math.max(...lanes.values()) : 0;
  let left = 0;
  for (const column of found) {
    column.x = left - column.left;
    column.y = room - column.top;
    left += column.right - column.left + GAP + room;
  }
  const tallest = Math.max(...found.map((column) => column.bottom - column.top));
  const height = tallest + 2 * room;
  const moved = (point: Point, column: Column) => ({ x: point.x + column.x, y: point.y + column.y });
  const items = new Map<string, Place>();
  for (const [id, place] of sheet.items) items.set(id, { ...place, ...moved(place, found[of(place.y)]!) });
  const lines = new Map<string, Point[]>();
  for (const [name, line] of sheet.lines) {
    const [begin, end] = [of(line[0]!.y), of(line.at(-1)!.y)];
    if (begin === end) {
      lines.set(name, line.map((point) => moved(point, found[begin]!)));
      continue;
    }
    // Below the boxes, up between the columns, and from above; each arrow on a lane of its own.
    const lane = TURN / 2 + LANE * lanes.get(name)!;
    const low = (end === begin + 1 ? found[begin]!.bottom + found[begin]!.y : height - room) + lane;
    const between = found[end]!.left + found[end]!.x - GAP / 2 - room / 2 + lane;
    const over = room - lane;
    const before = line.filter((point) => point.y < at[begin]!).map((point) => moved(point, found[begin]!));
    const after = line.filter((point) => point.y > at[end - 1]!).map((point) => moved(point, found[end]!));
    const across = [before.at(-1)!.x, between, between, after[0]!.x] as const;
    lines.set(name, [...before, ...across.map((x, number) => ({ x, y: number < 2 ? low : over })), ...after]);
  }
  return { width: left - GAP - room, height, items, lines };
}

/** For each arrow between columns its number among those that lead to the same column. */
function lanesOf(sheet: Sheet, of: (y: number) => number): Map<string, number> {
  const counts = new Map<number, number>();
  const found = new Map<string, number>();
  for (const [name, line] of sheet.lines) {
    const end = of(line.at(-1)!.y);
    if (of(line[0]!.y) === end) continue;
    found.set(name, counts.get(end) ?? 0);
    counts.set(end, (counts.get(end) ?? 0) + 1);
  }
  return found;
}

function bounds(sheet: Sheet, top: number, bottom: number): Column {
  const places = [...sheet.items.values()].filter((place) => place.y >= top && place.y < bottom);
  const points = [...sheet.lines.values()].flat().filter((point) => point.y > top && point.y < bottom);
  return {
    top: Math.min(...places.map((place) => place.y)),
    bottom: Math.max(...places.map((place) => place.y + place.height)),
    left: Math.min(...places.map((place) => place.x), ...points.map((point) => point.x)),
    right: Math.max(...places.map((place) => place.x + place.width), ...points.map((point) => point.x)),
    x: 0,
    y: 0,
  };
}
