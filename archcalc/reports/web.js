"use strict";

/* Tables: heads that sort, a field to search in long ones, all digits of what is rounded. */

const valueOf = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
};

/* Numbers before words, words as people order them, and what is empty last. */
const compare = (a, b, sign) => {
  if (a === "" || b === "") return (a === "") - (b === "");
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return sign * (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
};

const sortable = (table) => {
  const body = table.tBodies[0], written = [...body.rows], heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (head.tagName !== "TH" || written.length < 2) return;
    const numbers = written.some((row) => row.cells[column].dataset.value !== undefined);
    const order = numbers ? ["descending", "ascending", "none"] : ["ascending", "descending", "none"];
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const next = order[(order.indexOf(head.getAttribute("aria-sort")) + 1) % order.length];
      heads.forEach((other) => other.hasAttribute("aria-sort") && other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", next);
      table.classList.toggle("sorted", next !== "none");
      const sign = next === "ascending" ? 1 : -1;
      const keyed = written.map((row) => [valueOf(row, column), row]);
      if (next !== "none") keyed.sort((a, b) => compare(a[0], b[0], sign));
      body.append(...keyed.map((each) => each[1]));
    });
  });
};

const element = (name, attributes, ...inside) => {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...inside);
  return made;
};

const searchable = (figure, table) => {
  const rows = [...table.tBodies[0].rows], said = rows.map((row) => row.textContent.toLowerCase());
  const field = element("input", { type: "search", autocomplete: "off", spellcheck: false });
  const found = element("output", {});
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row, i) => { row.hidden = !words.every((word) => said[i].includes(word)); });
    const left = rows.filter((row) => !row.hidden).length;
    const totals = table.tFoot ? "; totals are those of all" : "";
    found.textContent = words.length ? `${left} of ${rows.length} rows${totals}` : "";
    table.classList.toggle("sought", words.length > 0);
  });
  return [element("label", {}, "Search ", field), found];
};

const exact = (table) => {
  const cells = [...table.querySelectorAll("td[title]")].map((cell) => [cell, cell.textContent, cell.title]);
  if (!cells.length) return [];
  const box = element("input", { type: "checkbox" });
  box.addEventListener("change", () => {
    cells.forEach(([cell, rounded, digits]) => {
      cell.textContent = !box.checked ? rounded : rounded.startsWith("(") ? `(${digits})` : digits;
    });
  });
  return [element("label", {}, box, " all digits")];
};

for (const figure of document.querySelectorAll("figure.table")) {
  const table = figure.querySelector("table");
  if (!table.tBodies.length || !table.tHead) continue;
  sortable(table);
  const long = figure.hasAttribute("data-long");
  const tools = [...exact(table), ...(long ? searchable(figure, table) : [])];
  if (tools.length) figure.querySelector(".frame").before(element("div", { className: "tools" }, ...tools));
}

/* A frame whose contents fit is no stop of the keyboard, and the heads of its table stay in view with the page. */
const measure = new ResizeObserver((entries) => entries.forEach(({ target }) => {
  const inside = target.firstElementChild;
  const fits = inside.getBoundingClientRect().width <= target.clientWidth + 1;
  target.classList.toggle("fits", fits);
  if (fits) target.removeAttribute("tabindex"); else target.tabIndex = 0;
}));
document.querySelectorAll(".frame").forEach((frame) => measure.observe(frame));

/* A row that a link leads to is shown even if a search hides it. */
const reveal = () => {
  const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!row || !row.hidden) return;
  const field = row.closest("figure").querySelector("[type=search]");
  field.value = "";
  field.dispatchEvent(new Event("input"));
  row.scrollIntoView();
};
addEventListener("hashchange", reveal);

/* Values under the pointer, or the finger. */
const tip = element("div", { className: "tip", hidden: true });
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);
const hide = () => { tip.hidden = true; };
const show = (event) => {
  const mark = event.target.closest(".marks rect");
  if (!mark) return hide();
  const title = mark.querySelector("title");
  if (title) { mark.dataset.says = title.textContent; title.remove(); }
  tip.textContent = mark.dataset.says;
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect(), wide = document.documentElement.clientWidth;
  tip.style.left = `${Math.max(4, Math.min(event.clientX + 12, wide - width - 4))}px`;
  tip.style.top = `${event.clientY > height + 16 ? event.clientY - height - 12 : event.clientY + 18}px`;
};
document.addEventListener("pointerover", show);
document.addEventListener("pointerdown", show);
document.addEventListener("scroll", hide, { passive: true, capture: true });
