// Mathematics by KaTeX, which comes with its style and its fonts from the site itself when a page first shows some.
import { useEffect, useRef, useState } from "preact/hooks";
import { rootOf } from "./frame";

type Katex = typeof import("katex").default;

let loading: Promise<Katex> | undefined;

function katex(): Promise<Katex> {
  loading ??= Promise.all([import("katex"), style()]).then(([module]) => module.default);
  return loading;
}

/** The style of KaTeX, once it is there; formulas without it would show twice. */
function style(): Promise<void> {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = `${rootOf()}assets/katex.css`;
    link.onload = () => resolve();
    link.onerror = () => reject(new Error("the style of formulas could not be loaded"));
    document.head.append(link);
  });
}

interface FormulaProps {
  latex: string;
  /** What stands there until KaTeX is loaded, or if it cannot be. */
  text: string;
  /** In a line of its own. */
  display?: boolean;
  /** Such a line may be broken before a sign; otherwise it scrolls. */
  breaks?: boolean;
}

export function Formula({ latex, text, display = false, breaks = false }: FormulaProps) {
  const [html, setHtml] = useState("");
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let waiting = true;
    katex().then(
      (engine) => waiting && setHtml(engine.renderToString(latex, { displayMode: display && !breaks, throwOnError: false })),
      () => waiting && setHtml(""),
    );
    return () => {
      waiting = false;
    };
  }, [latex, display]);
  useEffect(() => {
    const box = frame.current;
    if (!box) return;
    // Only what can be scrolled is a stop of the keyboard.
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }, [html]);
  if (!display) return html ? <span dangerouslySetInnerHTML={{ __html: html }} /> : <code>{text}</code>;
  return (
    <div class="formula" ref={frame} role="group" aria-label="formula">
      {html ? <div dangerouslySetInnerHTML={{ __html: html }} /> : <pre>{text}</pre>}
    </div>
  );
}
