// The receptive field of one unit of a layer, drawn on the input.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { NetworkPage } from "./data";
import { FieldDrawing, MapDrawing, type Plane } from "./field_drawing";
import { fixed } from "./format";
import { choose, onLit, shown } from "./lit";
import type { Live } from "./live";
import { clipped, type LayerField, layerField, shareSeen } from "./units";

const AXES: Record<number, string[]> = { 1: ["position"], 2: ["row", "column"], 3: ["depth", "row", "column"] };

export function FieldView({ live }: { live: Live }) {
  const { page, values, state } = live;
  const rows = page.levels.layer!;
  const [own, ownUnit] = readField(state.field);
  const [under, setUnder] = useState("");
  const [moved, setMoved] = useState<number[] | null>(null);
  const [plane, setPlane] = useState(0);
  const [image, setImage] = useState("");
  const first = useMemo(() => usualLayer(live), [page]);
  const name = [under, own, first].find((each) => rows.some((row) => row.name === each))!;
  const layer = layerField(page, rows.find((row) => row.name === name)!, values);
  useFollowing(page, setUnder);
  useEffect(() => setMoved(null), [name]);
  const given = moved ?? (name === own ? ownUnit : null);
  const unit = layer.sides.map((side, axis) => Math.min(given?.[axis] ?? Math.floor((side - 1) / 2), side - 1));
  const names = AXES[layer.input.length] ?? layer.input.map((_, axis) => `axis ${axis + 1}`);
  const planes = planesOf(layer.input.length, names);
  const shownPlane = planes[plane] ?? planes[0]!;
  const keep = (next: number[], layerName = name) => {
    setMoved(next);
    live.change({ field: `${layerName}@${next.join(",")}` });
  };
  return (
    <section class="field-view" aria-labelledby="field" aria-busy={live.behind}>
      <h2 id="field">Receptive field</h2>
      <div class="controls">
        <label>
          layer
          <select
            value={name}
            onChange={(event) => {
              const chosen = event.currentTarget.value;
              setUnder("");
              choose([chosen]);
              live.change({ field: chosen });
            }}
          >
            {rows.map((row) => (
              <option key={row.name} value={row.name}>
                {row.name}
              </option>
            ))}
          </select>
        </label>
        {layer.axes &&
          layer.sides.map((side, axis) => (
            <label key={axis}>
              {names[axis]}, 0 to {side - 1}
              <input
                type="number"
                min={0}
                max={side - 1}
                value={unit[axis]}
                onInput={(event) => {
                  const value = event.currentTarget.valueAsNumber;
                  if (Number.isInteger(value) && value >= 0 && value < side) keep(unit.map((each, i) => (i === axis ? value : each)));
                }}
              />
            </label>
          ))}
        {planes.length > 1 && (
          <label>
            drawn
            <select value={plane} onChange={(event) => setPlane(Number(event.currentTarget.value))}>
              {planes.map((each, number) => (
                <option key={each.said} value={number}>
                  {each.said}
                </option>
              ))}
            </select>
          </label>
        )}
        {layer.input.length === 2 && <ImageChoice image={image} setImage={setImage} />}
      </div>
      <div class={`field-panels ${live.behind ? "behind" : ""}`}>
        {layer.axes ? (
          <>
            <FieldDrawing layer={layer} axes={layer.axes} unit={unit} plane={shownPlane} image={image} move={setMoved} keep={keep} />
            <MapDrawing layer={layer} unit={unit} plane={shownPlane} move={setMoved} keep={keep} />
          </>
        ) : (
          <FieldDrawing layer={layer} axes={null} unit={[]} plane={shownPlane} image={image} move={setMoved} keep={keep} />
        )}
      </div>
      <p class="field-words" aria-live="polite">
        {words(layer, unit, names, inputsOf(page))}
      </p>
    </section>
  );
}

/** Opens an image of the reader's to draw the field on; it stays on this machine. */
function ImageChoice({ image, setImage }: { image: string; setImage: (url: string) => void }) {
  return (
    <label title="It is only drawn here: it does not leave this machine.">
      on an image of yours
      <input
        type="file"
        accept="image/*"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (image) URL.revokeObjectURL(image);
          setImage(file ? URL.createObjectURL(file) : "");
        }}
      />
    </label>
  );
}

/** Follow the layer that is lit in the table or in the picture; of a block, the last. */
function useFollowing(page: NetworkPage, setUnder: (name: string) => void): void {
  useEffect(
    () =>
      onLit((state) => {
        const lit = shown(state);
        setUnder(lit.size ? (page.levels.layer!.findLast((row) => lit.has(row.name))?.name ?? "") : "");
      }),
    [page],
  );
}

/** The layer whose field is drawn at first: the last one whose units see a window that is smaller than the input. */
function usualLayer({ page, values }: Live): string {
  const rows = page.levels.layer!;
  const windows = rows.filter((row) => layerField(page, row, values).reason === null);
  const found = windows.findLast((row) => {
    const { axes, input } = layerField(page, row, values);
    return axes!.every((axis, i) => axis.size < input[i]!);
  });
  return (found ?? windows.at(-1) ?? rows[0]!).name;
}

/** The layer and the unit in the address: layer3.0.add@6,7. */
function readField(text: string | undefined): [string, number[] | null] {
  const at = text?.lastIndexOf("@") ?? -1;
  if (!text || at < 0) return [text ?? "", null];
  const unit = text.slice(at + 1).split(",");
  return unit.every((each) => /^\d{1,9}$/.test(each)) ? [text.slice(0, at), unit.map(Number)] : [text, null];
}

/** The pairs of axes that can be drawn. */
function planesOf(count: number, names: string[]): Plane[] {
  if (count === 1) return [{ row: null, column: 0, said: names[0]! }];
  const found: Plane[] = [];
  for (let row = 0; row < count; row++) {
    for (let column = row + 1; column < count; column++) found.push({ row, column, said: `${names[row]} and ${names[column]}` });
  }
  return found.reverse();
}

function inputsOf(page: NetworkPage): number {
  return page.levels.layer!.filter((row) => row.operation === "input").length;
}

function sides(numbers: (number | string)[]): string {
  return new Set(numbers).size === 1 && numbers.length > 1 ? String(numbers[0]) : numbers.join("×");
}

/** What is drawn, in words. */
function words(layer: LayerField, unit: number[], names: string[], inputs: number): string {
  const { axes, reason, input, name } = layer;
  const said: string[] = [];
  if (reason === "whole") said.push(`Every unit of ${name} depends on the whole input.`);
  if (reason === "varies") said.push(`Units of ${name} see parts of the input that are no windows of one size and stride.`);
  if (reason === "none") said.push(`Units of ${name} see no part of the first input, or their field in it is not computed.`);
  if (reason === "other") said.push(`${name} has no map over the input's axes, so its units have no place there.`);
  if (axes) {
    if (reason) said.push("Drawn is the field without the branches that see more, such as gates:");
    const fields = axes.map((axis, i) => axis.of(unit[i]!));
    if (fields.includes(null)) said.push(`this unit of ${name} sees no input.`);
    else {
      const ranges = fields.map((field, i) => `${names[i]}s ${minus(field![0])} to ${minus(field![1])}`);
      said.push(`${reason ? "its" : `The`} unit at ${unit.join(", ")}${reason ? "" : ` of ${name}`} sees ${ranges.join(" and ")} of the input:`);
      const seen = fields.map((field, i) => clipped(field, input[i]!));
      const sizes = fields.map((field) => field![1] - field![0] + 1);
      const inside = seen.map((field) => (field ? field[1] - field[0] + 1 : 0));
      const share = fixed(100 * shareSeen(fields, input), 1);
      const rest = sizes.some((size, i) => size !== inside[i]) ? `, of which ${inside.join("×")} lie in it; the rest is padding` : "";
      said.push(`${sizes.join("×")} positions${rest}. That is ${share} % of the input.`);
      said.push(`Size ${sides(axes.map((axis) => axis.size))}, stride ${sides(axes.map((axis) => axis.stride))}, offset ${sides(axes.map((axis) => minus(axis.offset)))}.`);
      if (axes.some((axis) => axis.stride.includes("/"))) said.push("After upsampling, units see windows of different sizes; the size is the largest.");
    }
  }
  if (inputs > 1) said.push(`The network has ${inputs} inputs: drawn is the first, and inputs of its size.`);
  return said.join(" ");
}

function minus(value: number): string {
  return String(value).replace("-", "−");
}
