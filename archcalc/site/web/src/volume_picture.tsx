// The feature maps of a network as boxes to scale: an SVG by archcalc, as elements of the page.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ask } from "./engine";
import { rootOf } from "./frame";
import { choose, light, onLit, scrollToRow, shown } from "./lit";
import type { Asked, Live } from "./live";
import { PictureFrame } from "./picture_frame";
import { requestOf } from "./state";
import { useViewport, type Viewport } from "./viewport";
import { type Drawing, drawingOf } from "./volume_svg";

interface VolumePictureProps {
  live: Live;
  asked: Asked;
  tools: ComponentChildren;
  section: { current: HTMLElement | null };
}

export function VolumePicture({ live, asked, tools, section }: VolumePictureProps) {
  const { drawing, behind, problem } = useDrawing(live, asked);
  const view = useRef<HTMLDivElement>(null);
  const content = useRef<SVGGElement>(null);
  const viewport = useViewport(view, content, drawing?.width ?? 400, drawing?.height ?? 200, { legible: 1.3, largest: 2.4 });
  useEffect(() => {
    if (!drawing) return;
    content.current!.replaceChildren(...drawing.elements);
    return onLit((state) => {
      const rows = shown(state);
      for (const box of content.current?.querySelectorAll<SVGElement>(".box") ?? []) {
        box.classList.toggle("lit", rows.size > 0 && rowsOf(box).some((row) => rows.has(row)));
      }
    });
  }, [drawing]);
  useBoxes(content, viewport);
  return (
    <PictureFrame
      view={view}
      viewport={viewport}
      section={section}
      tools={tools}
      behind={behind || live.behind}
      label={drawing ? `${drawing.title}. The cost table has the same layers as text.` : "it is being drawn"}
    >
      {problem && <p class="problem">{problem}</p>}
      <svg class="drawing volume" width="100%" height="100%" role="presentation">
        <g ref={content} />
      </svg>
    </PictureFrame>
  );
}

function rowsOf(box: Element): string[] {
  return (box.getAttribute("data-rows") ?? "").split(" ").filter(Boolean).map(decodeURIComponent);
}

/** Boxes light their rows, and lead to them; the arrow keys go from one to the next. */
function useBoxes(content: { current: SVGGElement | null }, viewport: Viewport): void {
  useEffect(() => {
    const root = content.current!;
    const ends = new AbortController();
    const boxAt = (event: Event) => (event.target as Element).closest<SVGElement>(".box");
    const on = (name: string, act: (box: SVGElement, event: Event) => void) =>
      root.addEventListener(name, (event) => boxAt(event) && act(boxAt(event)!, event), { signal: ends.signal });
    const go = (box: SVGElement) => {
      choose(rowsOf(box));
      scrollToRow(rowsOf(box));
    };
    for (const name of ["pointerover", "focusin"]) on(name, (box) => light(rowsOf(box)));
    for (const name of ["pointerout", "focusout"]) on(name, () => light([]));
    on("click", go);
    on("keydown", (box, event) => {
      const { key } = event as KeyboardEvent;
      const step = key === "ArrowRight" || key === "ArrowDown" ? 1 : key === "ArrowLeft" || key === "ArrowUp" ? -1 : 0;
      if (key === "Enter") go(box);
      else if (step) {
        const all = [...root.querySelectorAll<SVGGElement>(".box")];
        const next = all[all.indexOf(box as SVGGElement) + step];
        next?.focus({ preventScroll: true });
        if (next) viewport.reveal(next.getBBox());
      } else return;
      event.preventDefault();
      event.stopPropagation();
    });
    return () => ends.abort();
  }, []);
}

/** The drawing: the build's for the network as it is, and otherwise the engine's. */
function useDrawing(live: Live, asked: Asked) {
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  const [made, setMade] = useState("");
  const [problem, setProblem] = useState("");
  const { page, state } = live;
  const { values, settings } = state;
  const changed = Object.entries(values).filter(([name, value]) => name !== "N" && value !== page.variables[name]?.value);
  const plain = "name" in asked && !Object.keys(settings).length && !changed.length && !page.settings.length;
  const wanted = plain ? "plain" : JSON.stringify([values, settings]);
  useEffect(() => {
    if (made === wanted || live.problem) return;
    let waits = true;
    const answer = plain
      ? stored(asked.name)
      : ask<string>("volume", { ...asked, ...requestOf(page, state), convention: undefined, batch: undefined });
    answer
      .then((svg) => {
        if (!waits) return;
        setDrawing(drawingOf(svg));
        setMade(wanted);
        setProblem("");
      })
      .catch((error: unknown) => waits && setProblem(error instanceof Error ? error.message : String(error)));
    return () => {
      waits = false;
    };
  }, [wanted, live.problem]);
  return { drawing, behind: made !== wanted, problem };
}

async function stored(name: string): Promise<string> {
  const answer = await fetch(`${rootOf()}data/pictures/${name}.svg`);
  if (!answer.ok) throw new Error(`the picture of ${name} is not there (${answer.status})`);
  return answer.text();
}
