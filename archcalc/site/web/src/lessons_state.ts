// The state of a lesson's page in its address: `?seed=7&answers=1`.
export interface SheetState {
  seed: number;
  answers: boolean;
}

export function readSheet(search: string): SheetState {
  const asked = new URLSearchParams(search);
  const seed = asked.get("seed") ?? "";
  return { seed: /^\d{1,6}$/.test(seed) ? Number(seed) : 0, answers: asked.get("answers") === "1" };
}

/** The query of a state, empty for the documented example without answers. */
export function sheetAddress(state: SheetState): string {
  const asked = new URLSearchParams();
  if (state.seed) asked.set("seed", String(state.seed));
  if (state.answers) asked.set("answers", "1");
  const text = asked.toString();
  return text ? `?${text}` : "";
}
