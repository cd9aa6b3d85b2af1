// Pan and zoom of a picture: by dragging, wheel, two fingers, keys and buttons. Lengths are in CSS pixels.
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { RefObject } from "preact";
import type { Place } from "./picture_layout";

const LARGEST = 4;
const STEP = 1.25;
const MARGIN = 14;

/** The scales at which a picture is shown unasked. */
export interface Scales {
  /** Letters are read from here on; a picture that fits only below is shown from its beginning. */
  legible: number;
  largest: number;
}

export interface Viewport {
  fit(): void;
  zoom(factor: number): void;
  pan(x: number, y: number): void;
  /** Show a place of the picture, with as little motion as may be. */
  reveal(place: Place): void;
  /** Move the picture so that a place of it is where another was. */
  hold(before: Place, now: Place): void;
  key(event: KeyboardEvent): void;
}

/**
 * `view` is the element around, `content` the SVG group that is moved, `width` and `height` are the picture's.
 */
export function useViewport(
  view: RefObject<HTMLElement | null>,
  content: RefObject<SVGGElement | null>,
  width: number,
  height: number,
  scales: Scales,
): Viewport {
  const size = useRef({ width, height });
  size.current = { width, height };
  const port = useMemo(() => new Port(view, content, () => size.current, scales), []);
  useEffect(() => port.listen(), []);
  useEffect(() => port.begin(), [width, height]);
  return port;
}

class Port implements Viewport {
  private x = 0;
  private y = 0;
  private scale = 1;
  private readonly pointers = new Map<number, { x: number; y: number }>();
  private dragged = false;
  /** How the picture is shown when its size changes: from its beginning, all of it, or there where the reader moved it. */
  private mode: "begin" | "whole" | "free" = "begin";

  constructor(
    private readonly view: RefObject<HTMLElement | null>,
    private readonly content: RefObject<SVGGElement | null>,
    private readonly size: () => { width: number; height: number },
    private readonly scales: Scales,
  ) {}

  begin(): void {
    if (this.mode === "free") this.move();
    else this.show(this.mode);
  }

  fit(): void {
    this.show("whole");
  }

  private show(mode: "begin" | "whole"): void {
    if (!this.view.current) return;
    const { width, height } = this.size();
    const { clientWidth, clientHeight } = this.view.current;
    const scale = Math.min((clientWidth - 2 * MARGIN) / width, (clientHeight - 2 * MARGIN) / height, this.scales.largest);
    this.scale = mode === "whole" ? scale : Math.max(scale, this.scales.legible);
    const middle = (room: number, long: number) => Math.max((room - long * this.scale) / 2, MARGIN);
    this.x = middle(clientWidth, width);
    this.y = middle(clientHeight, height);
    this.mode = mode;
    this.move();
  }

  zoom(factor: number, at?: { x: number; y: number }): void {
    const { clientWidth, clientHeight } = this.view.current!;
    const { x, y } = at ?? { x: clientWidth / 2, y: clientHeight / 2 };
    const scale = Math.min(Math.max(this.scale * factor, 0.02), LARGEST);
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.mode = "free";
    this.move();
  }

  pan(x: number, y: number): void {
    this.x += x;
    this.y += y;
    this.mode = "free";
    this.move();
  }

  reveal(place: Place): void {
    const { clientWidth, clientHeight } = this.view.current!;
    const shift = (low: number, high: number, room: number) =>
      low < MARGIN ? MARGIN - low : high > room - MARGIN ? Math.max(room - MARGIN - high, MARGIN - low) : 0;
    const left = this.x + place.x * this.scale;
    const top = this.y + place.y * this.scale;
    const x = shift(left, left + place.width * this.scale, clientWidth);
    const y = shift(top, top + place.height * this.scale, clientHeight);
    if (x || y) this.pan(x, y);
  }

  hold(before: Place, now: Place): void {
    this.x += (before.x - now.x) * this.scale;
    this.y += (before.y - now.y) * this.scale;
    this.mode = "free";
    this.move();
  }

  key(event: KeyboardEvent): void {
    const far = event.shiftKey ? 200 : 50;
    const acts: Record<string, () => void> = {
      ArrowLeft: () => this.pan(far, 0),
      ArrowRight: () => this.pan(-far, 0),
      ArrowUp: () => this.pan(0, far),
      ArrowDown: () => this.pan(0, -far),
      "+": () => this.zoom(STEP),
      "=": () => this.zoom(STEP),
      "-": () => this.zoom(1 / STEP),
      "0": () => this.fit(),
    };
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  listen(): () => void {
    const view = this.view.current!;
    const ends = new AbortController();
    const on = <K extends keyof HTMLElementEventMap>(name: K, act: (event: HTMLElementEventMap[K]) => void) =>
      view.addEventListener(name, act, { signal: ends.signal, passive: false, capture: name === "click" });
    on("wheel", (event) => this.wheel(event));
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.drag(event));
    on("pointerup", (event) => this.pointers.delete(event.pointerId));
    on("pointercancel", (event) => this.pointers.delete(event.pointerId));
    on("click", (event) => {
      if (this.dragged) event.stopPropagation();
      this.dragged = false;
    });
    const observer = new ResizeObserver(() => this.begin());
    observer.observe(view);
    return () => {
      ends.abort();
      observer.disconnect();
    };
  }

  /** The wheel scrolls the page until the picture is used: it zooms with Ctrl, and while the focus is in the picture. */
  private wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey && !this.view.current!.contains(document.activeElement)) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const box = this.view.current!.getBoundingClientRect();
    const far = Math.max(-60, Math.min(60, event.deltaY * lines * (event.ctrlKey ? 3 : 1)));
    this.zoom(Math.exp(-far / 240), { x: event.clientX - box.left, y: event.clientY - box.top });
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.dragged = false;
  }

  private drag(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    if (event.buttons === 0) {
      this.pointers.delete(event.pointerId);
      return;
    }
    const [x, y] = [event.clientX - before.x, event.clientY - before.y];
    if (this.pointers.size === 1) {
      if (!this.dragged && Math.hypot(x, y) < 4) return;
      if (!this.dragged) this.view.current!.setPointerCapture(event.pointerId);
      this.dragged = true;
      this.pan(x, y);
    } else this.pinch(event, before);
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  private pinch(event: PointerEvent, before: { x: number; y: number }): void {
    this.dragged = true;
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)![1];
    const box = this.view.current!.getBoundingClientRect();
    const far = (at: { x: number; y: number }) => Math.hypot(at.x - other.x, at.y - other.y) || 1;
    const now = { x: event.clientX, y: event.clientY };
    this.zoom(far(now) / far(before), { x: (now.x + other.x) / 2 - box.left, y: (now.y + other.y) / 2 - box.top });
    this.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
  }

  /** Put the picture where it is to be; some of it always stays in sight. */
  private move(): void {
    const view = this.view.current;
    if (!view) return;
    const { width, height } = this.size();
    const within = (at: number, long: number, room: number) => Math.min(Math.max(at, 60 - long), room - 60);
    this.x = within(this.x, width * this.scale, view.clientWidth);
    this.y = within(this.y, height * this.scale, view.clientHeight);
    const place = `translate(${this.x.toFixed(2)} ${this.y.toFixed(2)}) scale(${this.scale.toFixed(4)})`;
    this.content.current?.setAttribute("transform", place);
  }
}
