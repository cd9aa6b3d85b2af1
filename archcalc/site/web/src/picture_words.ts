// The words and numbers of a picture's boxes, from the page's live values.
import type { NetworkPage, Ref, Row } from "./data";
import { type Box, type Item, type PictureData, summary } from "./fold";
import { human } from "./format";
import type { Values } from "./tape";

export type Cost = "mult_adds" | "params" | "activations";

export interface Words {
  name: string;
  what: string;
  size: string;
  cost: string;
  /** As a share of that of the box with the largest. */
  share: number;
}

/** The words of all boxes. */
export function wordsOf(
  data: PictureData,
  boxes: ReadonlyMap<string, Box>,
  page: NetworkPage,
  values: Values,
  cost: Cost,
): Map<string, Words> {
  const rows = new Map(page.levels.layer!.map((row) => [row.name, row]));
  const rowAt = (place: number) => rows.get(data.rows[place]![0]);
  const amounts = new Map([...boxes].map(([id, box]) => [id, sum(box.rows.map(rowAt), page, values, cost)]));
  const most = Number([...amounts.values()].reduce((a, b) => (a > b ? a : b), 0n)) || 1;
  const found = new Map<string, Words>();
  for (const [id, box] of boxes) {
    const amount = amounts.get(id)!;
    const shapes = box.outputs.map((place) => shapeText(rowAt(place), values));
    const what = box.folded ? summary(data, box.rows.slice(0, box.part.rows.length)) : (rowAt(box.rows[0]!)?.operation ?? "");
    found.set(id, {
      name: box.label + timesOf(box),
      what: what === box.label ? "" : what,
      size: shapes[0] === shapes.at(-1) ? shapes[0]! : `${shapes[0]} to ${shapes.at(-1)}`,
      cost: amount ? human(amount) : "",
      share: Number(amount) / most,
    });
  }
  return found;
}

/** The number of copies that a box or a frame stands for. */
export function timesOf(item: Item): string {
  return item.copies > 1 ? ` (×\u202f${item.copies})` : "";
}

function shapeText(row: Row | undefined, values: Values): string {
  return row ? row.shape.map((ref) => String(values.of(ref))).join("×") : "";
}

function sum(rows: (Row | undefined)[], page: NetworkPage, values: Values, cost: Cost): bigint {
  let total = 0n;
  for (const row of rows) if (row) total += BigInt(values.of(refOf(row, page, cost)));
  return total;
}

/** The number of a row that a picture shows: that of the convention, where this counts work or parameters. */
function refOf(row: Row, page: NetworkPage, cost: Cost): Ref {
  const quantity = page.convention?.quantity;
  const counted = (quantity === "work" && cost === "mult_adds") || (quantity === "parameters" && cost === "params");
  return counted ? (row.counted ?? 0) : row[cost];
}

let context: CanvasRenderingContext2D | null | undefined;

/** The width of a text in the page's typeface, in CSS pixels. */
export function textWidth(text: string, size: number, bold = false): number {
  context ??= document.createElement("canvas").getContext("2d");
  if (!context) return text.length * size * 0.55;
  context.font = `${bold ? 600 : 400} ${size}px ${getComputedStyle(document.body).fontFamily}`;
  return context.measureText(text).width;
}
