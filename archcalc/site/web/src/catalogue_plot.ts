// Draws the scatter of the catalogue with Observable Plot. Loaded lazily: the library is larger than the page.
import { axisX, axisY, dot, gridX, gridY, line, plot, pointer, text, tip } from "@observablehq/plot";
import { LABELS, written } from "./catalogue_columns";
import type { Key, Network } from "./catalogue_data";
import { frontOf } from "./catalogue_filter";

export interface Drawing {
  points: readonly Network[];
  /** Networks that are drawn pale behind them. */
  pale: readonly Network[];
  x: Key;
  y: Key;
  labels: { x: string; y: string };
  lines: boolean;
  front: boolean;
  selected: ReadonlySet<string>;
  width: number;
  /** Called with the network under the pointer, or null. */
  point: (network: Network | null) => void;
}

interface Plotted extends Element {
  value?: Network | null;
}

const MARGINS = { left: 62, right: 24, top: 24, bottom: 42 };

/**
 * The plot as an element. Screen readers and the Tab key pass its marks over: the table has all of them, and arrows go
 * from one to the next with their numbers in words.
 */
export function draw(drawing: Drawing): Element {
  const { points, pale, x, y, labels, selected, width, point } = drawing;
  const height = Math.round(Math.max(320, Math.min(width * 0.72, innerHeight * 0.74)));
  const at = { x: (each: Network) => each.values[x]!, y: (each: Network) => each.values[y]! };
  const shown = [...points];
  const across = axisOf(x, pale.length ? pale : shown, width / 70);
  const up = axisOf(y, pale.length ? pale : shown, height / 45);
  const ahead = drawing.front ? frontOf(shown, x, y) : [];
  const marked = shown.filter((each) => selected.has(each.name));
  const place = (each: Network): [number, number] => [
    MARGINS.left + across.part(at.x(each)) * (width - MARGINS.left - MARGINS.right),
    height - MARGINS.bottom - up.part(at.y(each)) * (height - MARGINS.top - MARGINS.bottom),
  ];
  const wanted = [...marked, ...[...ahead].reverse(), ...shown.filter((each) => FAMOUS.has(each.name)), ...(shown.length <= 40 ? shown : [])];
  const element: Plotted = plot({
    width,
    height,
    marginLeft: MARGINS.left,
    marginRight: MARGINS.right,
    marginTop: MARGINS.top,
    marginBottom: MARGINS.bottom,
    className: "scatter-plot",
    x: across.scale,
    y: up.scale,
    marks: [
      gridX(across.ticks),
      gridY(up.ticks),
      axisX(across.ticks, { text: across.written, label: `${labels.x} →`, fontSize: 12 }),
      axisY(up.ticks, { text: up.written, label: `↑ ${labels.y}`, fontSize: 12 }),
      dot(pale.filter((each) => !points.includes(each)), { ...at, r: 2.5, fill: "var(--rule)" }),
      drawing.lines ? line(series(shown, x), { ...at, z: seriesOf, stroke: "var(--grey)", strokeOpacity: 0.45, strokeWidth: 1 }) : null,
      drawing.front ? line(ahead, { ...at, stroke: "var(--link)", strokeWidth: 2.5, strokeOpacity: 0.8 }) : null,
      dot(shown, { ...at, r: 4, fill: "var(--link)", fillOpacity: 0.7, stroke: "var(--paper)", strokeWidth: 0.8, href: (each) => `networks/${each.name}.html`, className: "points" }),
      dot(marked, { ...at, r: 7, stroke: "var(--ink)", strokeWidth: 2 }),
      labelled(wanted, place, width).map(({ network, anchor }) =>
        text([network], { ...at, text: "label", textAnchor: anchor, dx: { start: -4, middle: 0, end: 4 }[anchor], dy: -11, fill: "var(--ink)", stroke: "var(--paper)", strokeWidth: 4, fontSize: FONT }),
      ),
      tip(shown, pointer({ ...at, title: (each) => titleOf(each, x, y, labels), maxRadius: 30, fill: "var(--paper)", stroke: "var(--grey)", fontSize: 12.5, lineHeight: 1.3 })),
    ],
  });
  element.setAttribute("aria-hidden", "true");
  for (const link of element.querySelectorAll("a")) link.setAttribute("tabindex", "-1");
  element.querySelectorAll(".points a circle").forEach((circle, index) => circle.setAttribute("data-name", shown[index]?.name ?? ""));
  element.addEventListener("input", () => point(element.value ?? null));
  return element;
}

/** Let a network's point stand out; an empty name none. */
export function light(place: Element, name: string): void {
  for (const circle of place.querySelectorAll("circle[data-name]")) circle.classList.toggle("lit", circle.getAttribute("data-name") === name);
}

/** Show the tip of a network, as if the pointer were there. */
export function show(place: Element, network: Network): void {
  const circle = place.querySelector(`circle[data-name="${CSS.escape(network.name)}"]`);
  const svg = circle?.closest("svg");
  if (!circle || !svg) return;
  const box = circle.getBoundingClientRect();
  const where = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, pointerType: "mouse", bubbles: true };
  svg.dispatchEvent(new PointerEvent("pointerenter", where));
  svg.dispatchEvent(new PointerEvent("pointermove", where));
}

const FAMOUS = new Set(["lenet5", "alexnet", "vgg16", "googlenet", "resnet50", "resnet152", "densenet121", "mobilenet_v1_1.0_224", "efficientnet_b0", "efficientnet_b7", "swin_t", "unet", "squeezenet1_0", "nasnet_a_large"]);
const LINEAR: readonly Key[] = ["top1", "top5", "year"];

/** The scale of an axis and its ticks. Counts of anything span many powers of ten; accuracies and years do not. */
function axisOf(key: Key, shown: readonly Network[], most: number) {
  const values = shown.map((each) => each.values[key]!);
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [1, 10];
  if (!LINEAR.includes(key)) {
    const domain: [number, number] = [low / 1.2, high * 1.2];
    const part = (value: number) => Math.log(value / domain[0]) / Math.log(domain[1] / domain[0]);
    return { scale: { type: "log" as const, domain }, part, ticks: logTicks(...domain, most), written: (value: number) => short(key, value) };
  }
  const room = (high - low) * 0.04 || 1;
  const domain: [number, number] = [low - room, high + room];
  const part = (value: number) => (value - domain[0]) / (domain[1] - domain[0]);
  return { scale: { type: "linear" as const, domain }, part, ticks: linearTicks(...domain, most), written: String };
}

/** Whole numbers between two numbers, in steps of 1, 2 or 5 times a power of ten. */
export function linearTicks(low: number, high: number, most: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((each) => (high - low) / each <= most) ?? 1000;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, index) => (first + index) * step);
}

/** Powers of ten between two numbers, with multiples of them where there is room for `most` ticks. */
export function logTicks(low: number, high: number, most: number): number[] {
  if (!(low > 0) || !(high >= low)) return [];
  const decades = Math.log10(high / low);
  const steps = [[1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 5, 7], [1, 2, 5], [1, 3]].find((each) => decades * each.length <= most) ?? [1];
  const every = Math.max(1, Math.ceil(decades / most));
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += every) {
    for (const step of steps) ticks.push(Number(`${step}e${power}`));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/** A tick: 1M for 1.000M. */
function short(key: Key, value: number): string {
  return written(key, value).replace(/\.0+(?=\D|$)|(\.\d*?[1-9])0+(?=\D|$)/, "$1");
}

/** Networks of one design that differ in a number or a size: their name without these, and their input. */
export function seriesOf(network: Network): string {
  const stem = network.name
    .replace(/\d+(\.\d+)?/g, "#")
    .replace(/(gf|mf)$/, "f")
    .replace(/_(tiny|small|base|large|xlarge|[tsbl])(?=_|$)/, "_#");
  return `${network.family} ${stem} ${network.input[0]}x${network.values.size}`.replace(/(efficientnet \S+) .*/, "$1");
}

/** The networks in the order of their series' lines. */
function series(shown: readonly Network[], x: Key): Network[] {
  return [...shown].sort((a, b) => a.values.params! - b.values.params! || a.values[x]! - b.values[x]!);
}

const FONT = 11.5;

interface Labelled {
  network: Network;
  anchor: "start" | "middle" | "end";
}

/** The networks, the most wanted first, whose labels stand neither on each other nor outside. */
function labelled(wanted: readonly Network[], place: (network: Network) => [number, number], width: number): Labelled[] {
  const boxes: [number, number, number][] = [];
  const kept: Labelled[] = [];
  for (const network of new Set(wanted)) {
    const [x, y] = place(network);
    const long = network.label.length * FONT * 0.54;
    const anchor = x - long / 2 < MARGINS.left ? "start" : x + long / 2 > width ? "end" : "middle";
    const left = anchor === "start" ? x - 4 : anchor === "end" ? x + 4 - long : x - long / 2;
    const free = boxes.every(([from, to, at]) => Math.abs(at - y) > FONT * 1.25 || left > to + 4 || left + long < from - 4);
    if (!free) continue;
    boxes.push([left, left + long, y]);
    kept.push({ network, anchor });
  }
  return kept;
}

function titleOf(network: Network, x: Key, y: Key, labels: Drawing["labels"]): string {
  const { accuracy } = network;
  const lines = [network.label, `${labels.x}: ${written(x, network.values[x])}`, `${labels.y}: ${written(y, network.values[y])}`];
  if (accuracy && [x, y].some((key) => key === "top1" || key === "top5")) {
    lines.push(`${accuracy.title}${accuracy.size ? `, at ${accuracy.size}` : ""}${accuracy.note ? `, ${accuracy.note}` : ""}`);
    if (accuracy.source) lines.push(accuracy.source);
  }
  if (![x, y].includes("year")) lines.push(`${LABELS.year}: ${network.values.year}`);
  return lines.join("\n");
}
