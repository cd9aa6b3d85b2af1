// Formulas: as text at once, and set by KaTeX as soon as that is loaded. It comes when the first formula is shown.
import { useEffect, useRef } from "preact/hooks";
import { rootOf } from "./frame";

let library: Promise<typeof import("katex").default> | null = null;

function loaded() {
  library ??= import("katex").then(({ default: katex }) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = `${rootOf()}assets/mathematics.css`;
    return new Promise((resolve) => {
      link.onload = link.onerror = () => resolve(katex);
      document.head.append(link);
    });
  });
  return library;
}

export interface MathematicsProps {
  latex: string;
  /** The same for readers without scripts, line by line, and until KaTeX is there. */
  text: string | string[];
  block?: boolean;
}

export function Mathematics({ latex, text, block = false }: MathematicsProps) {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let isWanted = true;
    loaded().then(
      (katex) => isWanted && place.current && katex.render(latex, place.current, { displayMode: block, throwOnError: false }),
      () => {}, // The text stays.
    );
    return () => {
      isWanted = false;
    };
  }, [latex]);
  const lines = typeof text === "string" ? [text] : text;
  return (
    <span class={block ? "mathematics block" : "mathematics"} ref={place} key={latex}>
      {lines.join("\n")}
    </span>
  );
}
