// Copying of the cost table: the engine writes it, as `archcalc table` prints it.
import { commandOf } from "./command";
import type { Copied } from "./copying";
import type { Level, NetworkPage } from "./data";
import { ask } from "./engine";
import type { Asked, Live } from "./live";
import { requestOf } from "./state";

const ROWS: Record<Level, object> = { stage: { depth: 1 }, block: { depth: 2 }, layer: {}, operation: { detail: true } };
const OPTIONS: Record<Level, string[]> = { stage: ["--depth", "1"], block: ["--depth", "2"], layer: [], operation: ["--detail"] };

/** The ways of copying the cost table as it stands; `first` is the page before anything was changed. */
export function tableCopies(live: Live, asked: Asked, first: NetworkPage, level: Level): Copied[] {
  const given = { ...asked, ...requestOf(live.page, live.state), ...ROWS[level] };
  const as = (form: string) => () => ask<string>("table", { ...given, form }, "table as text");
  const { convention } = live.state;
  const more = [...OPTIONS[level], ...(convention ? ["--convention", convention] : [])];
  return [
    { label: "CSV", what: "the cost table as CSV", text: as("csv") },
    { label: "Markdown", what: "the cost table as Markdown", text: as("markdown") },
    { label: "LaTeX", what: "the cost table as LaTeX", text: as("latex") },
    { label: "command", what: "the command line", text: () => commandOf("table", asked, first, live.state, more) },
    { label: "link", what: "the link to this state", text: () => location.href },
  ];
}
