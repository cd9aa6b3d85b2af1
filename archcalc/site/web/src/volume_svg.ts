// An SVG by archcalc as elements of the page, in the page's colours. Only shapes and text are taken over.

export interface Drawing {
  title: string;
  width: number;
  height: number;
  elements: Element[];
}

const SPACE = "http://www.w3.org/2000/svg";
const SHAPES = new Set(["g", "a", "rect", "polygon", "polyline", "line", "path", "circle", "ellipse", "text", "tspan", "title"]);
const KEPT = new Set(
  ("x y width height rx ry cx cy r points d x1 y1 x2 y2 transform font-size font-weight text-anchor textLength " +
    "lengthAdjust stroke-width stroke-dasharray data-rows").split(" "),
);
/** The colours of text, frames and paper, which follow the page. */
const INKS: Record<string, string> = { "#1a1a1a": "ink", "#404040": "line", "#444444": "grey", "#ffffff": "paper" };

export function drawingOf(svg: string): Drawing {
  const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  if (root.nodeName !== "svg") throw new Error("the picture is not an SVG");
  const [, , width = 400, height = 200] = (root.getAttribute("viewBox") ?? "").split(" ").map(Number);
  const children = [...root.children];
  const title = children.find((child) => child.nodeName === "title")?.textContent ?? "";
  const sheet = children.find((child) => child.nodeName === "rect" && child.getAttribute("fill") === "#ffffff");
  const drawn = children.filter((child) => child !== sheet && child.nodeName !== "title");
  return { title, width, height, elements: drawn.map(taken).filter((each) => each !== null) };
}

/** An element with what is inside it; null for what is no shape. */
function taken(from: Element): SVGElement | null {
  if (!SHAPES.has(from.nodeName)) return null;
  const rows = from.getAttribute("data-rows");
  const to = document.createElementNS(SPACE, from.nodeName === "a" ? "g" : from.nodeName);
  for (const { name, value } of from.attributes) if (KEPT.has(name)) to.setAttribute(name, value);
  for (const side of ["fill", "stroke"] as const) colour(from, to, side);
  if (rows !== null) {
    to.setAttribute("class", "box");
    to.setAttribute("tabindex", "-1");
    to.setAttribute("role", "button");
    to.setAttribute("data-item", rows);
    const said = from.parentElement?.querySelector("title")?.textContent;
    to.setAttribute("aria-label", said || decodeURIComponent(rows));
  }
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE && /^(text|tspan|title)$/.test(from.nodeName)) to.append(node.textContent ?? "");
    const child = node.nodeType === Node.ELEMENT_NODE ? taken(node as Element) : null;
    if (child && !(rows !== null && child.nodeName === "title")) to.append(child);
  }
  return to;
}

function colour(from: Element, to: SVGElement, side: "fill" | "stroke"): void {
  const given = from.getAttribute(side);
  if (given === null) return;
  if (!/^#[0-9a-f]{6}$/.test(given)) to.setAttribute(side, given === "none" ? "none" : "currentColor");
  else if (INKS[given]) to.classList.add(`${side}-${INKS[given]}`);
  else {
    to.classList.add(`${side}-kind`);
    to.style.setProperty(`--${side}`, given);
  }
}
