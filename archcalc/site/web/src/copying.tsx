// Copying: as text to the clipboard, from data at hand or from the engine.
import { useEffect, useRef, useState } from "preact/hooks";
import type { TextFormat } from "./table_text";

/** The way of copying that is offered: its name, and the text, which may come later. */
export interface Copied {
  label: string;
  /** What is copied, for a screen reader and for the message: "the table as CSV". */
  what: string;
  text: () => string | Promise<string>;
}

/** The three ways of copying a table as text, which is made when it is asked for. */
export function tableWays(what: string, text: (format: TextFormat) => string): Copied[] {
  const formats: [TextFormat, string][] = [
    ["csv", "CSV"],
    ["markdown", "Markdown"],
    ["latex", "LaTeX"],
  ];
  return formats.map(([format, label]) => ({ label, what: `${what} as ${label}`, text: () => text(format) }));
}

/** Buttons "Copy as ...", with a message that it is done, or the text to copy by hand where a browser forbids it. */
export function Copying({ ways, label = "Copy as" }: { ways: Copied[]; label?: string }) {
  const [said, say] = useState("");
  const [byHand, setByHand] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => area.current?.select(), [byHand]);
  async function copy(way: Copied): Promise<void> {
    setByHand("");
    try {
      const text = way.text();
      if (typeof text !== "string") say(`Making ${way.what} …`);
      const done = await toClipboard(text);
      if (!done) setByHand(await text);
      say(done ? `Copied ${way.what}.` : "This browser does not let a page copy: the text is selected below.");
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  }
  return (
    <div class="copying">
      <span>{label}</span>
      {ways.map((way) => (
        <button type="button" key={way.label} onClick={() => void copy(way)} aria-label={`Copy ${way.what}`}>
          {way.label}
        </button>
      ))}
      <span class="said" role="status">
        {said}
      </span>
      {byHand && <textarea ref={area} readOnly value={byHand} rows={4} aria-label="Text to copy" />}
    </div>
  );
}

/**
 * Write to the clipboard; false where that is not allowed. A text that comes later is promised to the browser at once,
 * while the reader's click still counts. Throws the error of such a text.
 */
async function toClipboard(text: string | Promise<string>): Promise<boolean> {
  try {
    const { clipboard } = navigator;
    if (typeof text === "string" || typeof ClipboardItem === "undefined") await clipboard.writeText(await text);
    else {
      const blob = text.then((found) => new Blob([found], { type: "text/plain" }));
      await clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    }
    return true;
  } catch {
    await text;
    return false;
  }
}
