// The networks that are compared as points: parameters against mult-adds, the area of a point as its activations.
import type { TotalRow } from "./compare_text";
import { human } from "./format";

interface Axis {
  low: number;
  high: number;
}

const [WIDTH, HEIGHT] = [440, 300];
const MARGIN = { left: 58, right: 14, top: 14, bottom: 42 };
/** The room around the values, as a factor. */
const ROOM = 1.7;
const LINE = 15;
const LARGEST_RADIUS = 16;

/** Numbers 1, 2 and 5 times a power of ten within an axis; the powers alone if these are many. */
export function ticks({ low, high }: Axis): number[] {
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++) {
    found.push(...[1, 2, 5].map((digit) => digit * 10 ** power));
  }
  const inside = found.filter((each) => each >= low && each <= high);
  const powers = inside.filter((each) => Number.isInteger(Math.log10(each)));
  return inside.length > 6 && powers.length > 1 ? powers : inside;
}

/** Heights of labels, near to those that are wanted, at least a line apart where their texts could touch. */
export function apart(wanted: readonly number[]): number[] {
  const order = wanted.map((_, place) => place).sort((a, b) => wanted[a]! - wanted[b]!);
  const found = [...wanted];
  order.forEach((place, rank) => {
    if (rank) found[place] = Math.max(found[place]!, found[order[rank - 1]!]! + LINE);
  });
  return found;
}

export function Scatter({ rows, names }: { rows: TotalRow[]; names: string[] }) {
  const [x, y, size] = ["mult_adds", "params", "activation_sum"].map((key) => rows.find((row) => row.key === key));
  if (!x || !y || !size) return null;
  const points = names.flatMap((name, place) => {
    const [mult, params, area] = [x, y, size].map((row) => Number(row.values[place] ?? 0)) as [number, number, number];
    return mult && params ? [{ name, mult, params, area }] : [];
  });
  if (!points.length) return null;
  const across = axisOf(points.map((each) => each.mult));
  const up = axisOf(points.map((each) => each.params));
  const atX = (value: number) => MARGIN.left + part(across, value) * (WIDTH - MARGIN.left - MARGIN.right);
  const atY = (value: number) => HEIGHT - MARGIN.bottom - part(up, value) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const most = Math.max(...points.map((each) => each.area));
  const labels = apart(points.map((each) => atY(each.params) + 4));
  return (
    <figure class="scatter">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${y.label} against ${x.label}; the table has the numbers`}>
        {ticks(across).map((tick) => (
          <g key={tick}>
            <line x1={atX(tick)} x2={atX(tick)} y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} />
            <text x={atX(tick)} y={HEIGHT - MARGIN.bottom + 16} text-anchor="middle">
              {short(tick)}
            </text>
          </g>
        ))}
        {ticks(up).map((tick) => (
          <g key={tick}>
            <line x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={atY(tick)} y2={atY(tick)} />
            <text x={MARGIN.left - 6} y={atY(tick) + 4} text-anchor="end">
              {short(tick)}
            </text>
          </g>
        ))}
        <text x={WIDTH - MARGIN.right} y={HEIGHT - 6} text-anchor="end">
          {x.label}
        </text>
        <text x={2} y={10}>
          {y.label}
        </text>
        {points.map(({ name, mult, params, area }, place) => {
          const radius = Math.max(2.5, LARGEST_RADIUS * Math.sqrt(area / most));
          const right = atX(mult) < (WIDTH * 2) / 3;
          return (
            <g key={place} class="point">
              <circle cx={atX(mult)} cy={atY(params)} r={radius}>
                <title>{`${name}: ${human(params)} ${y.label}, ${human(mult)} ${x.label}, ${human(area)} ${size.label}`}</title>
              </circle>
              <text x={atX(mult) + (right ? radius + 4 : -radius - 4)} y={labels[place]} text-anchor={right ? "start" : "end"}>
                {name}
              </text>
            </g>
          );
        })}
      </svg>
      <figcaption class="remark">Both axes are logarithmic. The area of a point is its {size.label}.</figcaption>
    </figure>
  );
}

function axisOf(values: readonly number[]): Axis {
  return { low: Math.min(...values) / ROOM, high: Math.max(...values) * ROOM };
}

/** The place of a value on a logarithmic axis, from 0 to 1. */
function part({ low, high }: Axis, value: number): number {
  return Math.log(value / low) / Math.log(high / low);
}

/** A tick without digits that say nothing: 20G, 500K. */
function short(tick: number): string {
  return human(Math.round(tick)).replace(/\.?0+(?=[A-Z]|$)/, (zeros) => (zeros.startsWith(".") ? "" : zeros));
}
