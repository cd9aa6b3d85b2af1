// The receptive fields of single units: which input positions one unit of a layer sees, along each axis.
import type { Field, NetworkPage, Ref, Row, UnitField } from "./data";
import type { Values } from "./tape";

/** First and last position of an interval, both in it. */
export type Interval = readonly [first: number, last: number];

/** Why a layer has no window: its units see the whole input, or differ, or see none of the first input. */
export type Reason = "whole" | "varies" | "none" | "other";

export interface LayerField {
  name: string;
  operation: string;
  /** The sides of the layer's map: height, width. Empty for a vector. */
  sides: number[];
  /** The sides of the input. */
  input: number[];
  /** Null where the units' field is a window; else why it is not. */
  reason: Reason | null;
  /** The windows along each axis, or null; where there is a reason, those without the gates that see more. */
  axes: Axis[] | null;
}

export interface Axis {
  /** The largest of all units. */
  size: number;
  /** Input positions between neighbouring units; a fraction after upsampling: 1/2. */
  stride: string;
  offset: number;
  /** The field of a unit, not clipped to the input; null for a unit that sees no input. */
  of(unit: number): Interval | null;
}

/** The receptive field of a layer of the page at the live values. */
export function layerField(page: NetworkPage, row: Row, values: Values): LayerField {
  const input = page.input.slice(1).map((ref) => Number(values.of(ref)));
  const { field } = row;
  const window = field.size ? field : field.local;
  const axes = window?.size ? axesOf(window, page.units?.[row.name], values) : null;
  const sides = row.shape.slice(1).map((ref) => Number(values.of(ref)));
  const reason = field.size ? null : field.is === "whole" || field.is === "varies" ? field.is : "none";
  // A map with other axes than the input, such as tokens, has no grid over it.
  const fits = axes !== null && axes.length === input.length && sides.length === input.length;
  return { name: row.name, operation: row.operation, sides, input, reason: reason ?? (fits ? null : "other"), axes: fits ? axes : null };
}

function axesOf(field: Field, units: (UnitField | null)[] | undefined, values: Values): Axis[] {
  const number = (ref: Ref) => Number(values.of(ref));
  return field.size!.map((size, axis) => {
    const stride = field.stride![axis]!;
    const offset = number(field.offset![axis]!);
    const track = units?.[axis];
    const long = number(size);
    const of = track ? tracked(track, number) : (unit: number) => [offset + unit * Number(stride), offset + unit * Number(stride) + long - 1] as const;
    return { size: long, stride: String(stride), offset, of };
  });
}

/** Unit `q * period + p` sees the positions of `units[p]`, moved by `q * jump`. */
function tracked(track: UnitField, number: (ref: Ref) => number): (unit: number) => Interval | null {
  const jump = number(track.jump);
  const units = track.units.map((each) => each && ([number(each[0]!), number(each[1]!)] as const));
  return (unit) => {
    const seen = units[unit % units.length];
    const moved = Math.floor(unit / units.length) * jump;
    return seen ? [seen[0] + moved, seen[1] + moved] : null;
  };
}

/** The part of a field that is inside the input; null if none is. */
export function clipped(field: Interval | null, size: number): Interval | null {
  if (!field) return null;
  const [first, last] = [Math.max(field[0], 0), Math.min(field[1], size - 1)];
  return first <= last ? [first, last] : null;
}

/** The unit whose field has its middle nearest to an input position. */
export function nearestUnit(axis: Axis, units: number, position: number): number {
  let best = 0;
  let least = Infinity;
  for (let unit = 0; unit < units; unit++) {
    const field = axis.of(unit);
    const far = field ? Math.abs((field[0] + field[1]) / 2 - position) : Infinity;
    if (far < least) [best, least] = [unit, far];
  }
  return best;
}

/** The share of the input that lies in a field, from 0 to 1. */
export function shareSeen(fields: (Interval | null)[], input: number[]): number {
  return fields.reduce((share, field, axis) => {
    const seen = clipped(field, input[axis]!);
    return share * (seen ? (seen[1] - seen[0] + 1) / input[axis]! : 0);
  }, 1);
}
