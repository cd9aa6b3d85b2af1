// A click on a number, or Enter on it, shows how it follows from the layers' formulas.
import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { NetworkPage } from "./data";
import type { PanelProps } from "./derivation_panel";
import type { Target } from "./derived";
import type { Asked, Live } from "./live";
import { onArrows, stops } from "./table_keys";

interface DerivationProps {
  live: Live;
  asked: Asked;
  /** The page as it was before anything was changed. */
  first: NetworkPage;
}

const CELLS = "#costs td[data-column], [data-total] button";

export function Derivation({ live, asked, first }: DerivationProps) {
  const [target, setTarget] = useState<Target | null>(null);
  const [Panel, setPanel] = useState<ComponentType<PanelProps> | null>(null);
  const from = useRef<HTMLElement | null>(null);

  function open(cell: HTMLElement): void {
    from.current = cell;
    setTarget(targetOf(cell));
    void import("./derivation_panel").then((module) => setPanel(() => module.DerivationPanel));
  }

  function close(): void {
    setTarget(null);
    from.current?.focus();
  }

  useEffect(() => {
    const cell = from.current;
    if (!target || !Panel || !cell) return;
    cell.dataset["derived"] = ""; // The number stays in sight, and is marked.
    cell.scrollIntoView({ block: "nearest" });
    return () => {
      delete cell.dataset["derived"];
    };
  }, [target, Panel]);

  useEffect(() => {
    const clicked = (event: MouseEvent) => {
      const cell = (event.target as Element).closest<HTMLElement>(CELLS);
      if (cell && getSelection()?.isCollapsed !== false) open(cell);
    };
    const pressed = (event: KeyboardEvent) => {
      const cell = (event.target as Element).closest<HTMLElement>("#costs td[data-column]");
      if (cell && (event.key === "Enter" || event.key === " ")) {
        event.preventDefault();
        open(cell);
      } else onArrows(event);
    };
    document.addEventListener("click", clicked);
    document.addEventListener("keydown", pressed);
    return () => {
      document.removeEventListener("click", clicked);
      document.removeEventListener("keydown", pressed);
    };
  }, []);
  useEffect(stops); // After each rendering of the table, one of its cells is a stop of the keyboard.

  if (!target || !Panel) return null;
  return <Panel target={target} live={live} asked={asked} first={first} close={close} open={setTarget} />;
}

function targetOf(cell: HTMLElement): Target {
  const total = cell.closest<HTMLElement>("[data-total]")?.dataset["total"];
  const row = cell.closest<HTMLElement>("[data-row]")?.dataset["row"];
  if (total) return { row: "total", column: total, inTable: false };
  return { row: row ?? "total", column: cell.dataset["column"]!, inTable: true };
}
