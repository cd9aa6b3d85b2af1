/**
 * The text of a reader's own network: what kind it is, at which line an error is, and its way into a link.
 *
 * A link holds the whole text, compressed (deflate, then base64 with the signs that an address may have) behind the `#`
 * of the address, which browsers do not send to any server.
 */

/** The most characters that a link has behind its `#`: more is cut off by mail and chat programs. */
export const LONGEST_LINK = 16_000;
/** The most characters that the text of a link may have: what is longer is no layer list. */
export const LONGEST_TEXT = 2_000_000;

export interface Form {
  /** The name of the file that the text would be, whose suffix says how it is read. */
  file: string;
  label: string;
}

const FORMS: Record<"toml" | "yaml" | "keras" | "caffe", Form> = {
  toml: { file: "mine.toml", label: "a layer list (TOML)" },
  yaml: { file: "mine.yaml", label: "a layer list in YAML, which the command line reads, and this page does not" },
  keras: { file: "mine.json", label: "Keras' model.to_json()" },
  caffe: { file: "mine.prototxt", label: "a Caffe prototxt" },
};

/** How a text is read: as JSON of Keras, as a Caffe prototxt, or as a layer list. */
export function formOf(text: string): Form {
  if (/^\s*\{/.test(text)) return FORMS.keras;
  if (/^\s*(layers?|input_param)\s*:?\s*\{/m.test(text)) return FORMS.caffe;
  const first = text.split("\n", 200).find((line) => /^\s*[^#\s]/.test(line)) ?? "";
  return /^\s*(---|[A-Za-z_]\w*\s*:(\s|$))/.test(first) ? FORMS.yaml : FORMS.toml;
}

/** The line of a text, from 1, that an error is about; 0 if it is about none. `about` is the argument at fault. */
export function lineOf(message: string, text: string, about = ""): number {
  const parser = /\(at line (\d+),/.exec(message);
  if (parser) return within(Number(parser[1]), text);
  if (message.includes("(at end of document)")) return text.trimEnd().split("\n").length;
  const found = /^[^:]*?(?:, block ([\w-]+))?, line (\d+): /.exec(message);
  if (found) return within(listed(text, found[1], Number(found[2])), text);
  const key = /the hyperparameter '(\w+)'|: (\w+) is a hyperparameter|^[^:]*: (layers|outputs|blocks|name|summary) (?:is|are) /.exec(message);
  return keyed(text, key?.slice(1).find(Boolean) ?? about);
}

/** The line that gives a key of a layer list, outside its tables; 0 without one. */
function keyed(text: string, key: string): number {
  const lines = text.split("\n");
  return key ? lines.findIndex((line) => line.replace(/\s*[=:].*/, "").trim() === key && line.trim() !== key) + 1 : 0;
}

function within(line: number, text: string): number {
  return line >= 1 && line <= text.split("\n").length ? line : 0;
}

/** A number that a message gives to a line: of the file, or of an item where the layers stand in a list. */
function listed(text: string, block: string | undefined, number: number): number {
  const lines = text.split("\n");
  const head = block === undefined ? -1 : lines.findIndex((line) => line.trim() === `[blocks.${block}]`);
  const begin = lines.findIndex((line, at) => at > head && /^\s*layers\s*=/.test(line));
  if (begin < 0 || !/^\s*layers\s*=\s*\[/.test(lines[begin]!)) return number;
  let item = 0;
  for (let at = begin; at < lines.length; at++) {
    const code = at === begin ? lines[at]!.replace(/^[^[]*\[/, "") : lines[at]!;
    item += (code.match(/"(?:[^"\\]|\\.)*"|'[^']*'|#.*/g) ?? []).filter((each) => !each.startsWith("#")).length;
    if (item >= number) return at + 1;
  }
  return number;
}

/** A text as a link holds it. */
export async function packed(text: string): Promise<string> {
  const bytes = await piped(new TextEncoder().encode(text), new CompressionStream("deflate-raw"), Infinity);
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The text that a link holds. Rejects with an Error, whose message is a sentence, for what `packed` has not made. */
export async function unpacked(link: string): Promise<string> {
  if (!/^[\w-]*$/.test(link)) throw new Error("the link holds no text of a network: it has signs that none has");
  try {
    const binary = atob(link.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (sign) => sign.charCodeAt(0));
    const text = await piped(bytes, new DecompressionStream("deflate-raw"), LONGEST_TEXT);
    return new TextDecoder("utf-8", { fatal: true }).decode(text);
  } catch (error) {
    if (error instanceof RangeError) throw new Error(`the link holds more than ${LONGEST_TEXT.toLocaleString("en")} bytes`);
    throw new Error("the link holds no text of a network, or a part of it was cut off");
  }
}

/** Bytes through a stream. Rejects with a RangeError as soon as more than `most` come out. */
async function piped(bytes: Uint8Array, stream: CompressionStream | DecompressionStream, most: number): Promise<Uint8Array> {
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const reader = source.pipeThrough(stream as ReadableWritablePair<Uint8Array, Uint8Array>).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) {
      await reader.cancel();
      throw new RangeError("too long");
    }
    parts.push(value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** What the part of an address behind its `#` asks for. */
export type Linked = { example: string } | { text: string } | null;

/** What an address asks for. Rejects with an Error with a sentence for a broken link. */
export async function linked(hash: string): Promise<Linked> {
  const asked = new URLSearchParams(hash.replace(/^#/, ""));
  const text = asked.get("text");
  if (text !== null) return { text: await unpacked(text) };
  const example = asked.get("example");
  return example === null ? null : { example };
}

/** The part of an address behind its `#` that holds a text; null for one that is too long for a link. */
export async function linkOf(text: string): Promise<string | null> {
  if (text.length > LONGEST_TEXT) return null;
  const link = `#text=${await packed(text)}`;
  return link.length > LONGEST_LINK ? null : link;
}
