// The cost table as a grid: one stop of the keyboard, and arrow keys from number to number.

const CELL = "td[data-column]";

/** Make the table a grid, with one cell that the tab key reaches. */
export function stops(): void {
  const table = document.querySelector<HTMLTableElement>("#costs");
  if (!table) return;
  table.setAttribute("role", "grid");
  table.setAttribute("aria-readonly", "true");
  table.setAttribute("aria-describedby", "derivable");
  const cells = [...table.querySelectorAll<HTMLElement>(CELL)];
  const stop = cells.find((cell) => cell.tabIndex === 0) ?? cells[0];
  for (const cell of cells) {
    const wanted = cell === stop ? "0" : "-1";
    if (cell.getAttribute("tabindex") !== wanted) cell.setAttribute("tabindex", wanted);
  }
}

/** Go to the next number on an arrow key, Home, End, Page up or Page down. */
export function onArrows(event: KeyboardEvent): void {
  const cell = (event.target as Element).closest<HTMLTableCellElement>(`#costs ${CELL}`);
  if (!cell || event.altKey || event.metaKey) return;
  const to = neighbour(cell, event.key, event.ctrlKey);
  if (!to || to === cell) return;
  event.preventDefault();
  cell.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}

function neighbour(cell: HTMLTableCellElement, key: string, far: boolean): HTMLElement | undefined {
  const rows = [...cell.closest("table")!.querySelectorAll<HTMLTableRowElement>("tbody tr, tfoot tr")];
  const row = cell.closest("tr")!;
  const own = [...row.querySelectorAll<HTMLElement>(CELL)];
  const place = own.indexOf(cell);
  const at = (index: number) => rows[Math.max(0, Math.min(rows.length - 1, index))]!;
  const down = (by: number) => {
    const next = at(rows.indexOf(row) + by);
    const same = next.querySelector<HTMLElement>(`td[data-column="${cell.dataset["column"]}"]`);
    return same ?? next.querySelector<HTMLElement>(CELL) ?? undefined;
  };
  switch (key) {
    case "ArrowRight":
      return own[place + 1];
    case "ArrowLeft":
      return own[place - 1];
    case "ArrowDown":
      return down(1);
    case "ArrowUp":
      return down(-1);
    case "PageDown":
      return down(12);
    case "PageUp":
      return down(-12);
    case "Home":
      return far ? (at(0).querySelector<HTMLElement>(CELL) ?? undefined) : own[0];
    case "End":
      return far ? ([...at(rows.length).querySelectorAll<HTMLElement>(CELL)].at(-1) ?? undefined) : own.at(-1);
    default:
      return undefined;
  }
}
