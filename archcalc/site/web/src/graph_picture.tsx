// The blocks and layers of a network as boxes with their live numbers, joined by arrows.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Box, boxesIn, type Folded, fold, type Item, type PictureData } from "./fold";
import { choose, light, onLit, scrollToRow, shown } from "./lit";
import type { Live } from "./live";
import { type Arrow, type Place, type Placed, placed, TITLE } from "./picture_layout";
import { PictureFrame } from "./picture_frame";
import { type Cost, textWidth, timesOf, type Words, wordsOf } from "./picture_words";
import { useViewport, type Viewport } from "./viewport";

const NAME = 13;
const SMALL = 12;
const LEADING = 15;
/** Widths of boxes are multiples of this, so that few changes of numbers move anything. */
const STEP = 12;
const BUTTON = 20;

export interface GraphPictureProps {
  live: Live;
  data: PictureData;
  open: ReadonlySet<string>;
  /** Runs of equal blocks that are shown one by one, by the path of their first block. */
  spread: ReadonlySet<string>;
  change: (open: ReadonlySet<string>) => void;
  setSpread: (spread: ReadonlySet<string>) => void;
  cost: Cost;
  behind: boolean;
  tools: ComponentChildren;
  section: { current: HTMLElement | null };
  most: number;
}

export function GraphPicture(props: GraphPictureProps) {
  const { live, data, open, spread, cost } = props;
  const view = useRef<HTMLDivElement>(null);
  const content = useRef<SVGGElement>(null);
  const folded = useMemo(() => fold(data, open, spread), [data, [...open].join("\n"), [...spread].join("\n")]);
  const words = useMemo(
    () => wordsOf(data, folded.boxes, live.page, live.values, cost),
    [data, folded, live.page, live.values, cost],
  );
  const sizes = useSizes(folded, words);
  const ratio = useRatio();
  const places = useMemo(() => placed(folded, sizes, ratio), [folded, sizes, ratio]);
  const viewport = useViewport(view, content, places.width, places.height, { legible: 0.62, largest: 1.2 });
  const actions = useActions(props, folded, places, viewport, view);
  useLitBoxes(content, data, folded, places, viewport);
  return (
    <PictureFrame
      view={view}
      viewport={viewport}
      section={props.section}
      tools={props.tools}
      behind={props.behind}
      label={`${folded.boxes.size} boxes from the input to the output. The cost table has the same layers as text.`}
      legend={<Legend data={data} boxes={folded.boxes} />}
    >
      <svg class="drawing" width="100%" height="100%" role="presentation">
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">
            <path d="M0 0.8 8 4 0 7.2z" />
          </marker>
        </defs>
        <g ref={content}>
          {[...places.frames].map(([id, place]) => (
            <rect class="around" key={id} x={place.x} y={place.y} width={place.width} height={place.height} rx={6} />
          ))}
          {places.arrows.map((arrow) => (
            <path class="arrow" key={`${arrow.begin}\n${arrow.end}`} d={lineOf(arrow)} data-begin={arrow.begin} data-end={arrow.end} />
          ))}
          {framesOf(folded.items).map((item) => (
            <FrameTitle key={item.id} item={item} place={places.frames.get(item.id)!} actions={actions} />
          ))}
          {[...folded.boxes.values()].map((box) => (
            <BoxView
              key={box.id}
              box={box}
              kind={box.folded ? "block" : data.rows[box.rows[0]!]![1]}
              look={data.key}
              words={words.get(box.id)!}
              place={places.boxes.get(box.id)!}
              actions={actions}
            />
          ))}
        </g>
      </svg>
    </PictureFrame>
  );
}

interface Actions {
  /** Open or close a block. */
  toggle(item: Item): void;
  /** Show the copies of a run one by one, or as one again. */
  spread(item: Item): void;
  isSpread(item: Item): boolean;
  click(box: Box): void;
  light(items: Item): void;
  key(event: KeyboardEvent, item: Item): void;
}

function useActions(
  props: GraphPictureProps,
  folded: Folded,
  places: Placed,
  viewport: Viewport,
  view: { current: HTMLElement | null },
): Actions {
  const held = useRef<{ ids: string[]; place: Place; focus: boolean } | null>(null);
  useLayoutEffect(() => {
    if (!held.current) return;
    const { ids, place, focus } = held.current;
    held.current = null;
    for (const id of ids) {
      const now = places.frames.get(id) ?? places.boxes.get(id);
      if (!now) continue;
      viewport.hold(place, now);
      viewport.reveal(now);
      if (focus) view.current?.querySelector<SVGElement>(`[data-item="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
      return;
    }
  }, [places]);
  const hold = (item: Item) => {
    const path = item.part?.path ?? item.run;
    const place = places.frames.get(item.id) ?? places.boxes.get(item.id);
    if (place) held.current = { ids: [`${path}/`, `${path}.*`, `${path} x`], place, focus: view.current!.contains(document.activeElement) };
  };
  const rowsOf = (item: Item) =>
    boxesIn(item).flatMap((id) => folded.boxes.get(id)!.rows.map((row) => props.data.rows[row]![0]));
  const actions: Actions = {
    toggle(item) {
      if (!item.part?.parts.length) return;
      const next = new Set([...props.open, ...folded.forced]);
      if (item.items) next.delete(item.part.path);
      else next.add(item.part.path);
      if (fold(props.data, next, props.spread).boxes.size > props.most) return;
      hold(item);
      props.change(next);
    },
    spread(item) {
      const next = new Set(props.spread);
      if (!next.delete(item.run)) next.add(item.run);
      if (fold(props.data, props.open, next).boxes.size > props.most) return;
      hold(item);
      props.setSpread(next);
    },
    isSpread: (item) => props.spread.has(item.run),
    click(box) {
      choose(rowsOf(box));
      scrollToRow(rowsOf(box));
    },
    light: (item) => light(rowsOf(item)),
    key(event, item) {
      if (event.key === "Enter") {
        if (item.items) actions.toggle(item);
        else actions.click(folded.boxes.get(item.id)!);
      } else if (event.key === " ") actions.toggle(item);
      else if (/^Arrow/.test(event.key)) step(event.key, item.id, places, viewport, view.current!);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
  };
  return actions;
}

/** Move the focus to the nearest box or frame in a direction. */
function step(key: string, id: string, places: Placed, viewport: Viewport, view: HTMLElement): void {
  const all = new Map([...places.boxes, ...[...places.frames].map(([frame, place]) => [frame, { ...place, height: TITLE }] as const)]);
  const middle = (place: Place) => ({ x: place.x + place.width / 2, y: place.y + place.height / 2 });
  const from = middle(all.get(id)!);
  const across = key === "ArrowLeft" || key === "ArrowRight";
  const sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
  let best = "";
  let least = Infinity;
  for (const [other, place] of all) {
    const to = middle(place);
    const [far, aside] = across ? [sign * (to.x - from.x), to.y - from.y] : [sign * (to.y - from.y), to.x - from.x];
    if (other === id || far < 4) continue;
    const distance = far + 2.5 * Math.abs(aside) + (Math.abs(aside) > 1.5 * far ? 1e4 : 0);
    if (distance < least) [best, least] = [other, distance];
  }
  if (!best) return;
  viewport.reveal(all.get(best)!);
  view.querySelector<SVGElement>(`[data-item="${CSS.escape(best)}"]`)?.focus({ preventScroll: true });
}

/** Light the boxes whose rows are lit; those that were chosen in the table come into sight. */
function useLitBoxes(
  content: { current: SVGGElement | null },
  data: PictureData,
  folded: Folded,
  places: Placed,
  viewport: Viewport,
): void {
  const last = useRef<ReadonlySet<string> | null>(null);
  useEffect(
    () =>
      onLit((state) => {
        const rows = shown(state);
        const on = new Set<string>();
        for (const [id, box] of folded.boxes) if (rows.size && box.rows.some((row) => rows.has(data.rows[row]![0]))) on.add(id);
        if (!content.current) return;
        for (const element of content.current.querySelectorAll<SVGElement>(".box")) {
          element.classList.toggle("lit", on.has(element.dataset["item"]!));
        }
        for (const element of content.current.querySelectorAll<SVGElement>(".arrow")) {
          const { begin, end } = element.dataset;
          element.classList.toggle("lit", on.has(begin!) || on.has(end!));
        }
        if (last.current && state.chosen !== last.current && on.size) viewport.reveal(places.boxes.get([...on][0]!)!);
        last.current = state.chosen;
      }),
    [folded, places, data],
  );
}

/** The sizes of boxes and frames; the same object as long as none has changed. */
function useSizes(folded: Folded, words: Map<string, Words>): Map<string, readonly [number, number]> {
  const found = new Map<string, readonly [number, number]>();
  for (const [id, box] of folded.boxes) found.set(id, sizeOf(words.get(id)!, box.folded));
  for (const item of framesOf(folded.items)) found.set(item.id, [textWidth(titleOf(item), NAME, true) + 60, TITLE]);
  const key = JSON.stringify([...found]);
  return useMemo(() => found, [key, folded]);
}

function sizeOf(words: Words, folded: boolean): readonly [number, number] {
  const widths = [
    textWidth(words.name, NAME, true) + (folded ? BUTTON : 0),
    textWidth(words.what, SMALL),
    textWidth(lastLine(words), SMALL),
  ];
  const lines = words.what ? 3 : 2;
  return [Math.ceil((Math.max(...widths) + 16) / STEP) * STEP, lines * LEADING + 15];
}

function lastLine(words: Words): string {
  return [words.size, words.cost].filter(Boolean).join(" · ");
}

/** The width of the window by the height that a picture has in it; in steps, so that the layout seldom changes. */
function useRatio(): number {
  const [ratio, setRatio] = useState(ratioNow);
  useEffect(() => {
    const measure = () => setRatio(ratioNow());
    for (const name of ["resize", "fullscreenchange"]) addEventListener(name, measure);
    return () => {
      for (const name of ["resize", "fullscreenchange"]) removeEventListener(name, measure);
    };
  }, []);
  return ratio;
}

function ratioNow(): number {
  const { clientWidth, clientHeight } = document.documentElement;
  const wide = document.fullscreenElement ? clientWidth : Math.min(clientWidth, 1280);
  const high = document.fullscreenElement ? clientHeight : Math.min(Math.max(clientHeight * 0.6, 320), 640);
  return Math.round((wide / high) * 4) / 4;
}

function framesOf(items: Item[]): Item[] {
  return items.flatMap((item) => (item.items ? [item, ...framesOf(item.items)] : []));
}

function titleOf(item: Item): string {
  return `${item.label}${timesOf(item)}`.trim();
}

/** An arrow with round corners. */
function lineOf({ points }: Arrow): string {
  const round = 7;
  let path = `M${points[0]!.x.toFixed(1)} ${points[0]!.y.toFixed(1)}`;
  for (let i = 1; i < points.length - 1; i++) {
    const [a, b, c] = [points[i - 1]!, points[i]!, points[i + 1]!];
    const toward = (to: { x: number; y: number }) => {
      const far = Math.hypot(to.x - b.x, to.y - b.y) || 1;
      const part = Math.min(round, far / 2) / far;
      return `${(b.x + (to.x - b.x) * part).toFixed(1)} ${(b.y + (to.y - b.y) * part).toFixed(1)}`;
    };
    path += `L${toward(a)}Q${b.x.toFixed(1)} ${b.y.toFixed(1)} ${toward(c)}`;
  }
  return `${path}L${points.at(-1)!.x.toFixed(1)} ${points.at(-1)!.y.toFixed(1)}`;
}

interface BoxViewProps {
  box: Box;
  kind: string;
  look: PictureData["key"];
  words: Words;
  place: Place;
  actions: Actions;
}

function BoxView({ box, kind, look, words, place, actions }: BoxViewProps) {
  const [fill, stroke, dashes] = look[kind] ?? look["block"]!;
  const { x, y, width, height } = place;
  const lines = [words.what, lastLine(words)].filter(Boolean);
  const round = kind === "merge" || kind === "input" ? height / 2 : kind === "pool" ? 0 : 3;
  return (
    <g
      class={`box ${kind}`}
      transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}
      style={{ "--fill": fill, "--stroke": stroke }}
      tabindex={-1}
      role="button"
      data-item={box.id}
      aria-expanded={box.folded ? false : undefined}
      onPointerEnter={() => actions.light(box)}
      onPointerLeave={() => light([])}
      onFocus={() => actions.light(box)}
      onBlur={() => light([])}
      onClick={() => actions.click(box)}
      onKeyDown={(event) => actions.key(event, box)}
    >
      {box.copies > 1 && <rect class="shape behind-it" x={4} y={4} width={width} height={height} rx={round} />}
      <rect class="shape" width={width} height={height} rx={round} stroke-dasharray={dashes || undefined} />
      {box.folded && <rect class="inner" x={2.5} y={2.5} width={width - 5} height={height - 5} rx={2} />}
      <text class="name" x={width / 2 - (box.folded ? BUTTON / 2 : 0)} y={17}>
        {words.name}
      </text>{" "}
      {lines.map((line, number) => (
        <text key={number} class={number === lines.length - 1 ? "grey" : ""} x={width / 2} y={17 + LEADING * (number + 1)}>
          {line}{" "}
        </text>
      ))}
      {words.share > 0 && <rect class="bar-of" x={6} y={height - 6} width={Math.max((width - 12) * words.share, 0.6)} height={2.6} />}
      {box.folded && (
        <g
          class="fold"
          transform={`translate(${width - BUTTON - 1} 3)`}
          aria-hidden="true"
          onClick={(event) => {
            event.stopPropagation();
            actions.toggle(box);
          }}
        >
          <title>Open {words.name}</title>
          <rect width={BUTTON - 2} height={BUTTON - 2} rx={3} />
          <path d="M5 9h8M9 5v8" />
        </g>
      )}
    </g>
  );
}

function FrameTitle({ item, place, actions }: { item: Item; place: Place; actions: Actions }) {
  const title = titleOf(item);
  const after = (item.part ? 32 : 14) + textWidth(title, NAME, true);
  const spread = actions.isSpread(item);
  return (
    <g transform={`translate(${place.x.toFixed(1)} ${place.y.toFixed(1)})`}>
      <g
        class="frame-title"
        tabindex={-1}
        role="button"
        data-item={item.id}
        aria-expanded={true}
        onPointerEnter={() => actions.light(item)}
        onPointerLeave={() => light([])}
        onFocus={() => actions.light(item)}
        onBlur={() => light([])}
        onKeyDown={(event) => actions.key(event, item)}
        onClick={() => actions.toggle(item)}
      >
        {item.part && (
          <g class="fold" transform="translate(3 3)">
            <rect width={BUTTON - 2} height={BUTTON - 2} rx={3} />
            <path d="M5 9h8" />
          </g>
        )}
        <text class="name" x={item.part ? 26 : 8} y={17}>
          {title}
        </text>
      </g>
      {item.run && (item.copies > 1 || spread) && (
        <g class="fold" transform={`translate(${after} 3)`} aria-hidden="true" onClick={() => actions.spread(item)}>
          <title>{spread ? "Draw equal blocks once" : `Draw all ${item.copies} one by one`}</title>
          <rect width={BUTTON - 2} height={BUTTON - 2} rx={3} />
          <path d={spread ? "M5 9h8" : "M4 5h10M4 9h10M4 13h10"} />
        </g>
      )}
    </g>
  );
}

function Legend({ data, boxes }: { data: PictureData; boxes: ReadonlyMap<string, Box> }) {
  const used = new Set([...boxes.values()].map((box) => (box.folded ? "block" : data.rows[box.rows[0]!]![1])));
  return (
    <ul class="legend">
      {Object.entries(data.key)
        .filter(([kind]) => used.has(kind))
        .map(([kind, [fill, stroke, dashes, word]]) => (
          <li key={kind}>
            <svg width="18" height="12" style={{ "--fill": fill, "--stroke": stroke }} aria-hidden="true">
              <rect class="shape" x="1" y="1" width="16" height="10" rx={kind === "merge" || kind === "input" ? 5 : 1.5} stroke-dasharray={dashes || undefined} />
            </svg>{" "}
            {word}
          </li>
        ))}
    </ul>
  );
}
