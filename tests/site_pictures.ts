// Answers questions about the functions of the pictures' scripts, on the standard input, for test_site_pictures.py.
import { readFileSync } from "node:fs";
import type { NetworkPage } from "./src/data";
import { boxesIn, fold, type PictureData } from "./src/fold";
import { layersOf } from "./src/lit";
import { placed } from "./src/picture_layout";
import { Tape } from "./src/tape";
import { layerField } from "./src/units";

const questions: Record<string, (...given: any[]) => unknown> = {
  fold(data: PictureData, open: string[]) {
    const { boxes, edges } = fold(data, new Set(open));
    const rows = [...boxes].map(([id, box]) => [id, box.rows.map((row) => data.rows[row]![0]).sort()]);
    return [Object.fromEntries(rows), edges];
  },
  /** The boxes with their places, the frames with theirs and the boxes in them, and the arrows from their first to their last point. */
  place(data: PictureData, open: string[], ratio: number) {
    const folded = fold(data, new Set(open));
    const sizes = new Map([...folded.boxes.keys()].map((id, number) => [id, [90 + (number % 7) * 12, 44] as const]));
    const { boxes, frames, arrows } = placed(folded, sizes, ratio);
    const inside: Record<string, string[]> = {};
    const visit = (items: typeof folded.items) => {
      for (const item of items) {
        if (!item.items) continue;
        inside[item.id] = boxesIn(item);
        visit(item.items);
      }
    };
    visit(folded.items);
    const corners = (of: typeof boxes) => Object.fromEntries([...of].map(([id, p]) => [id, [p.x, p.y, p.width, p.height]]));
    return [corners(boxes), corners(frames), inside, arrows.map((each) => [each.begin, each.end, each.points.map(({ x, y }) => [x, y])])];
  },
  layers: (page: NetworkPage, level: "stage" | "block" | "layer" | "operation") => Object.fromEntries(layersOf(page, level)),
  /** For each row and axis the fields of its first, middle and last units, or of all: null where no window is drawn. */
  fields(page: NetworkPage, values: Record<string, number>, all: boolean) {
    const now = new Tape(page.tape).run(values)!;
    const found: Record<string, unknown> = {};
    for (const row of page.levels.layer!) {
      const layer = layerField(page, row, now);
      found[row.name] = layer.axes && layer.axes.map((axis, number) => {
        const side = layer.sides[number]!;
        const units = all ? Array.from({ length: side }, (_, unit) => unit) : [0, 1, 2, 3, side >> 1, side - 1].filter((unit) => unit < side);
        return Object.fromEntries(units.map((unit) => [unit, axis.of(unit)]));
      });
    }
    return found;
  },
};

const asked = JSON.parse(readFileSync(0, "utf8")) as [string, ...unknown[]][];
process.stdout.write(JSON.stringify(asked.map(([name, ...given]) => questions[name]!(...given))));
