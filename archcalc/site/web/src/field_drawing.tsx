// Drawings of a receptive field: the input with the field of a unit, and the layer's map with the unit.
import { type Axis, clipped, type Interval, type LayerField, nearestUnit } from "./units";

/** The axes that are drawn down and across; a sequence has only the latter. */
export interface Plane {
  row: number | null;
  column: number;
  said: string;
}

interface MapProps {
  layer: LayerField;
  unit: number[];
  plane: Plane;
  move: (unit: number[]) => void;
  keep: (unit: number[]) => void;
}

interface FieldProps extends MapProps {
  /** Null: all of the input is drawn as seen, or none of it. */
  axes: Axis[] | null;
  image: string;
}

/** Beyond the input at most so many times its side is drawn. */
const OUTSIDE = 1;

interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The interval of positions that is drawn along an axis: the input, and the fields of all units as far as may be. */
function drawn(axis: Axis | undefined, units: number, size: number): Interval {
  const ends = Array.from({ length: Math.min(units, 64) }, (_, unit) => unit).flatMap((unit) => [unit, units - 1 - unit]);
  const fields = ends.map((unit) => axis?.of(unit)).filter((field) => field != null);
  const first = Math.min(0, ...fields.map((field) => field[0]));
  const last = Math.max(size - 1, ...fields.map((field) => field[1]));
  const most = Math.ceil(size * OUTSIDE);
  return [Math.max(first, -most), Math.min(last, size - 1 + most)];
}

function outline({ x, y, width, height }: Rectangle): string {
  return `M${x} ${y}h${width}v${height}h${-width}z`;
}

export function FieldDrawing({ layer, axes, unit, plane, image, move, keep }: FieldProps) {
  const { input, sides } = layer;
  const of = (axis: number) => drawn(axes?.[axis], sides[axis] ?? 1, input[axis]!);
  const across = of(plane.column);
  const wide = across[1] - across[0] + 1;
  const flat: Interval = [0, Math.max(Math.round(wide / 14), 1) - 1];
  const down = plane.row === null ? flat : of(plane.row);
  const field = (axis: number, at: number) => axes?.[axis]?.of(at) ?? null;
  const shape = (column: Interval | null, row: Interval | null): Rectangle | null =>
    column && row && { x: column[0], y: row[0], width: column[1] - column[0] + 1, height: row[1] - row[0] + 1 };
  const rowAt = (at: number) => (plane.row === null ? flat : field(plane.row, at));
  const now = [unit[plane.column] ?? 0, plane.row === null ? 0 : (unit[plane.row] ?? 0)] as const;
  const whole = shape([0, input[plane.column]! - 1], plane.row === null ? flat : [0, input[plane.row]! - 1])!;
  const seen = axes && shape(field(plane.column, now[0]), rowAt(now[1]));
  const inside = axes
    ? shape(clipped(field(plane.column, now[0]), input[plane.column]!), plane.row === null ? flat : clipped(rowAt(now[1]), input[plane.row]!))
    : layer.reason === "whole" ? whole : null;
  const next = axes && now[0] + 1 < sides[plane.column]! ? shape(field(plane.column, now[0] + 1), rowAt(now[1])) : null;
  const pick = (event: PointerEvent) => {
    const at = positionOf(event, across, down);
    return axes && unit.map((each, axis) =>
      axis === plane.column ? nearestUnit(axes[axis]!, sides[axis]!, at.x)
      : axis === plane.row ? nearestUnit(axes[axis]!, sides[axis]!, at.y) : each);
  };
  const high = down[1] - down[0] + 1;
  return (
    <figure>
      <svg
        class="field-drawing"
        viewBox={`${across[0]} ${down[0]} ${wide} ${high}`}
        role="img"
        aria-label={`The input, ${input.join("×")}, with the receptive field`}
        onPointerMove={(event) => {
          const unitThere = event.pointerType === "mouse" ? pick(event) : null;
          if (unitThere) move(unitThere);
        }}
        onClick={(event) => {
          const unitThere = pick(event as unknown as PointerEvent);
          if (unitThere) keep(unitThere);
        }}
      >
        <defs>
          <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform={`rotate(45) scale(${(Math.max(wide, high) / 420).toFixed(4)})`}>
            <path d="M0 0V6" />
          </pattern>
        </defs>
        <rect class="input-area" {...whole} />
        {image && <image href={image} {...whole} preserveAspectRatio="none" />}
        {seen && <path class="padding-area" fill-rule="evenodd" d={outline(seen) + (inside ? outline(inside) : "")} />}
        {inside && <rect class="seen-area" {...inside} />}
        {next && <rect class="next-area" {...next} />}
        {seen && <rect class="seen-edge" {...seen} />}
        <rect class="input-edge" {...whole} />
      </svg>
      <figcaption>
        input {input.join("×")}
        {axes && <span class="key-of-field"> · filled: seen · hatched: padding · dashed: the next unit</span>}
      </figcaption>
    </figure>
  );
}

/** The most units along an axis of which each is drawn. */
const MOST = 64;

export function MapDrawing({ layer, unit, plane, move, keep }: MapProps) {
  const wide = layer.sides[plane.column]!;
  const high = plane.row === null ? Math.max(wide / 14, 1) : layer.sides[plane.row]!;
  const [x, y] = [unit[plane.column]!, plane.row === null ? 0 : unit[plane.row]!];
  const grid = wide <= MOST && high <= MOST;
  const least = Math.max(wide, high) / 60;
  const cell = {
    x: Math.min(x, wide - least), y: plane.row === null ? 0 : Math.min(y, high - least),
    width: Math.max(1, least), height: plane.row === null ? high : Math.max(1, least),
  };
  const pick = (event: PointerEvent) => {
    const at = positionOf(event, [0, wide - 1], [0, high - 1]);
    const within = (position: number, side: number) => Math.min(Math.max(Math.floor(position), 0), side - 1);
    return unit.map((each, axis) => (axis === plane.column ? within(at.x, wide) : axis === plane.row ? within(at.y, high) : each));
  };
  const key = (event: KeyboardEvent) => {
    const [axis, step] = { ArrowLeft: [plane.column, -1], ArrowRight: [plane.column, 1], ArrowUp: [plane.row, -1], ArrowDown: [plane.row, 1] }[event.key] ?? [null, 0];
    if (axis === null || axis === undefined) return;
    event.preventDefault();
    keep(unit.map((each, i) => (i === axis ? Math.min(Math.max(each + step!, 0), layer.sides[i]! - 1) : each)));
  };
  return (
    <figure>
      <svg
        class="field-drawing map"
        viewBox={`0 0 ${wide} ${high}`}
        tabindex={0}
        role="group"
        aria-label={`Map of ${layer.name}: unit ${unit.join(", ")}. The arrow keys choose another.`}
        onPointerMove={(event) => event.pointerType === "mouse" && move(pick(event))}
        onClick={(event) => keep(pick(event as unknown as PointerEvent))}
        onKeyDown={key}
      >
        {grid && (
          <path
            class="grid"
            d={[
              ...Array.from({ length: wide - 1 }, (_, i) => `M${i + 1} 0V${high}`),
              ...Array.from({ length: plane.row === null ? 0 : high - 1 }, (_, i) => `M0 ${i + 1}H${wide}`),
            ].join("")}
          />
        )}
        <rect class="map-area" x={0} y={0} width={wide} height={high} />
        <rect class="unit" {...cell} />
      </svg>
      <figcaption>
        units of {layer.name}, {layer.sides.join("×")}
      </figcaption>
    </figure>
  );
}

/** Where an event is, in the coordinates of the drawing. */
function positionOf(event: PointerEvent, across: Interval, down: Interval): { x: number; y: number } {
  const box = (event.currentTarget as Element).getBoundingClientRect();
  const [wide, high] = [across[1] - across[0] + 1, down[1] - down[0] + 1];
  const scale = Math.min(box.width / wide, box.height / high);
  const [left, top] = [(box.width - wide * scale) / 2, (box.height - high * scale) / 2];
  return { x: across[0] + (event.clientX - box.left - left) / scale, y: down[0] + (event.clientY - box.top - top) / scale };
}
