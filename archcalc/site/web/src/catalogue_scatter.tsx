// The plot of the catalogue: any two quantities of the networks shown. The library that draws comes after the first paint.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { LABELS, written, type Convention } from "./catalogue_columns";
import type { Change } from "./catalogue_controls";
import { keyOf, type Key, type Network } from "./catalogue_data";
import type { CatalogueState } from "./catalogue_state";

interface ScatterProps {
  state: CatalogueState;
  change: Change;
  /** The networks that the filters let through, and all. */
  found: readonly Network[];
  all: readonly Network[];
  convention: Convention;
  live: boolean;
  lit: string;
  light: (name: string) => void;
}

type Drawer = typeof import("./catalogue_plot");

/** Milliseconds without a change before the plot follows: the table comes first. */
const CALM = 60;

export function Scatter({ state, change, found, all, convention, live, lit, light }: ScatterProps) {
  const place = useRef<HTMLDivElement>(null);
  const [drawer, setDrawer] = useState<Drawer | null>(null);
  const [failed, setFailed] = useState(false);
  const [width, setWidth] = useState(0);
  const [at, setAt] = useState<Network | null>(null);
  const axes = axesOf(convention);
  const { x, y, lines, front, others, names } = state;
  const points = useMemo(() => found.filter((each) => drawable(each, x) && drawable(each, y)), [found, x, y]);

  useEffect(() => {
    if (!live) return;
    const later = setTimeout(() => void import("./catalogue_plot").then(setDrawer, () => setFailed(true)), 0);
    const watch = new ResizeObserver(([entry]) => setWidth(Math.round(entry!.contentRect.width)));
    watch.observe(place.current!);
    return () => {
      clearTimeout(later);
      watch.disconnect();
    };
  }, [live]);

  useEffect(() => {
    if (!drawer || !width) return;
    const timer = setTimeout(() => {
      const labels = { x: labelOf(x, convention), y: labelOf(y, convention) };
      const pale = others ? all.filter((each) => drawable(each, x) && drawable(each, y)) : [];
      const drawn = drawer.draw({ points, pale, x, y, labels, lines, front, selected: new Set(names), width, point: (network) => (setAt(network), light(network?.name ?? "")) });
      place.current!.replaceChildren(drawn);
    }, CALM);
    return () => clearTimeout(timer);
  }, [drawer, width, points, all, x, y, lines, front, others, names, convention]);

  useEffect(() => drawer?.light(place.current!, lit), [drawer, lit]);

  return (
    <section class="scatter" aria-label="Plot">
      <div class="scatter-choices" role="group" aria-label="Axes and marks of the plot">
        <Axis label="across" value={x} axes={axes} convention={convention} pick={(x) => change({ x })} />
        <Axis label="up" value={y} axes={axes} convention={convention} pick={(y) => change({ y })} />
        <Switch label="families" on={lines} set={(lines) => change({ lines })} />
        <Switch label="Pareto front" on={front} set={(front) => change({ front })} />
        <Switch label="others, pale" on={others} set={(others) => change({ others })} />
      </div>
      <div ref={place} class="plot" tabIndex={0} role="application" aria-label={`Plot of ${points.length} networks: left and right arrows go from network to network, Enter opens its page`} onKeyDown={(event) => walk(event, points, at, x, (network) => (setAt(network), light(network.name), drawer?.show(place.current!, network)))} />
      <p class="remark" aria-live="polite">
        {at ? `${at.label}: ${sentence(at, x, convention)}, ${sentence(at, y, convention)}${at.accuracy && usesAccuracy(x, y) ? `, ${at.accuracy.title}` : ""}` : captionOf(points.length, found.length, x, y, front)}
      </p>
      {failed && <p class="problem">the plot cannot be drawn: its script cannot be read</p>}
    </section>
  );
}

const PLAIN: readonly Key[] = ["top1", "top5", "year"];

/** True if a network has a place on an axis: a value, above zero where the axis is logarithmic. */
function drawable(network: Network, key: Key): boolean {
  const value = network.values[key];
  return value !== undefined && (PLAIN.includes(key) || value > 0);
}

function usesAccuracy(x: Key, y: Key): boolean {
  return [x, y].some((key) => key === "top1" || key === "top5");
}

function captionOf(drawn: number, found: number, x: Key, y: Key, front: boolean): string {
  const absent = found - drawn;
  const why = usesAccuracy(x, y) ? "without such a published accuracy" : "without a value on both axes";
  const line = front ? " The thick line is the front: no network of the plot is better in both." : "";
  return `${drawn} networks${absent ? `; ${absent} ${why} are not drawn` : ""}.${line}`;
}

function sentence(network: Network, key: Key, convention: Convention): string {
  return `${labelOf(key, convention)} ${written(key, network.values[key])}`;
}

function axesOf([, quantity]: Convention): Key[] {
  const keys = Object.keys(LABELS) as Key[];
  return keys.filter((key) => key !== "counted" || quantity === "memory");
}

function labelOf(key: Key, [name, quantity, unit]: Convention): string {
  if (key === "size") return "input side";
  if (name === "mult_adds" || key !== keyOf(quantity)) return LABELS[key];
  return quantity === "work" ? `${unit.replace(/ \(.*/, "")} (${name})` : `${LABELS[key]} (${name})`;
}

interface AxisProps {
  label: string;
  value: Key;
  axes: readonly Key[];
  convention: Convention;
  pick: (key: Key) => void;
}

function Axis({ label, value, axes, convention, pick }: AxisProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => pick(event.currentTarget.value as Key)}>
        {axes.map((key) => (
          <option key={key} value={key}>
            {labelOf(key, convention)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Switch({ label, on, set }: { label: string; on: boolean; set: (on: boolean) => void }) {
  return (
    <label class="switch">
      <input type="checkbox" checked={on} onChange={(event) => set(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

/** Arrows go from network to network along the x axis; Enter opens the page of the one that is shown. */
function walk(event: KeyboardEvent, points: readonly Network[], at: Network | null, x: Key, go: (network: Network) => void): void {
  if (event.key === "Enter" && at) location.href = `networks/${at.name}.html`;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step || !points.length) return;
  event.preventDefault();
  const order = [...points].sort((a, b) => a.values[x]! - b.values[x]! || a.place - b.place);
  const from = order.findIndex((each) => each.name === at?.name);
  go(order[from < 0 ? (step > 0 ? 0 : order.length - 1) : Math.min(Math.max(from + step, 0), order.length - 1)]!);
}
