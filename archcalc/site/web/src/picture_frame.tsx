// What is around every picture: choices, buttons to zoom, the view itself, and the key of its colours.
import type { ComponentChildren, RefObject } from "preact";
import type { Viewport } from "./viewport";

interface PictureFrameProps {
  view: RefObject<HTMLDivElement | null>;
  viewport: Viewport;
  section: { current: HTMLElement | null };
  tools: ComponentChildren;
  behind: boolean;
  /** What the picture shows, and where the same is text. */
  label: string;
  legend?: ComponentChildren;
  children: ComponentChildren;
}

export function PictureFrame(props: PictureFrameProps) {
  const { view, viewport, section } = props;
  const full = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void section.current?.requestFullscreen?.();
  };
  return (
    <>
      <div class="picture-tools">
        {props.tools}
        <span class="buttons">
          <button type="button" onClick={() => viewport.zoom(1.25)} aria-label="Zoom in" title="Zoom in (+)">
            +
          </button>
          <button type="button" onClick={() => viewport.zoom(0.8)} aria-label="Zoom out" title="Zoom out (-)">
            −
          </button>
          <button type="button" onClick={() => viewport.fit()} title="Show all of it (0)">
            fit
          </button>
          <button type="button" onClick={full}>
            full screen
          </button>
        </span>
      </div>
      <div
        class={`picture-view ${props.behind ? "behind" : ""}`}
        ref={view}
        tabIndex={0}
        role="group"
        aria-label={`Picture: ${props.label}`}
        aria-describedby="picture-help"
        aria-busy={props.behind}
        onKeyDown={(event) => {
          if (event.target !== view.current) return viewport.key(event);
          if (event.key === "Enter") first(view.current)?.focus({ preventScroll: true });
          else viewport.key(event);
        }}
      >
        {props.children}
      </div>
      {props.legend}
      <details class="remark">
        <summary>Mouse and keys</summary>
        <p id="picture-help">
          Drag or use the arrow keys to move it; + and − zoom, and so does the wheel with Ctrl or after a click; 0 shows all of
          it. Enter goes into it: then the arrow keys go from box to box, Space opens and folds a block, Enter goes to its row.
        </p>
      </details>
    </>
  );
}

function first(view: HTMLElement | null): SVGElement | null {
  return view?.querySelector<SVGElement>("[data-item].lit") ?? view?.querySelector<SVGElement>("[data-item]") ?? null;
}
