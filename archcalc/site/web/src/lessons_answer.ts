// Reads what a reader answers, and compares it with the answer of a sheet. No text is ever run as code.
import { digits, fixed } from "./format";
import type { Answer, Question } from "./lessons_data";

/** A number as it was written: its value as a fraction of whole numbers, and half a unit of its last digit. */
export interface Written {
  above: bigint;
  below: bigint;
  /** Half a unit of the last digit, over `below`; 0 for a number that was written in full. */
  half: bigint;
  /** How many digits say something: 2 in 35K. */
  digits: number;
}

export type Outcome =
  | { kind: "right" }
  | { kind: "rounded"; exact: string }
  | { kind: "wrong"; hint: string }
  | { kind: "unread"; why: string };

const SCALES: Record<string, bigint> = {
  "": 1n,
  k: 10n ** 3n,
  K: 10n ** 3n,
  thousand: 10n ** 3n,
  m: 10n ** 6n,
  M: 10n ** 6n,
  million: 10n ** 6n,
  g: 10n ** 9n,
  G: 10n ** 9n,
  B: 10n ** 9n,
  billion: 10n ** 9n,
  T: 10n ** 12n,
  kB: 10n ** 3n,
  KB: 10n ** 3n,
  MB: 10n ** 6n,
  GB: 10n ** 9n,
  KiB: 2n ** 10n,
  MiB: 2n ** 20n,
  GiB: 2n ** 30n,
};
const NUMBER = /^(\d+(?:[,  ']\d{3})*|\d*)(?:\.(\d+))?(?:[eE]\+?(\d{1,2}))?\s*([A-Za-z]*)$/;

/** A number as a reader writes it: `1,234`, `35k`, `35.7 M`, `96 MB`, `1.2e6`. Null if it is none. */
export function readNumber(text: string, bytes = false): Written | null {
  const found = NUMBER.exec(text.trim());
  if (!found) return null;
  const [, whole = "", part = "", power = "", unit = ""] = found;
  const scale = bytes && (unit === "B" || unit === "bytes") ? 1n : SCALES[unit];
  if ((!whole && !part) || scale === undefined) return null;
  const plain = whole.replace(/[,  ']/g, "");
  const below = 10n ** BigInt(part.length);
  const times = scale * 10n ** BigInt(power || "0");
  const isRounded = part !== "" || unit !== "" || power !== "";
  return {
    above: BigInt(plain + part) * times * 2n,
    below: below * 2n,
    half: isRounded && !(unit === "B" && bytes) ? times : 0n,
    digits: (plain + part).replace(/^0+/, "").length,
  };
}

/** A shape: `96x55x55`, `96 × 55 × 55`, `55, 55, 96`, `[55x55x96]`. Null if it is none. */
export function readShape(text: string): number[] | null {
  const bare = text.trim().replace(/^[[(]|[\])]$/g, "");
  if (!/^\d+(?:\s*[x×X*,; ]\s*\d+)+$/.test(bare)) return null;
  return (bare.match(/\d+/g) ?? []).map(Number);
}

const OPERATIONS: Record<string, (a: bigint, b: bigint) => bigint | null> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => (b !== 0n && a % b === 0n ? a / b : null),
};

/** The value of a calculation with whole numbers, such as `(3*11*11 + 1) * 96`; null if it is none. */
export function calculated(text: string): bigint | null {
  const marks = text.replace(/[×·]/g, "*").replace(/(?<=\d)\s*x\s*(?=\d)/gi, "*");
  if (!/[-+*/^]/.test(marks) || !/^[\d\s()+\-*/^]{1,200}$/.test(marks)) return null;
  const tokens = marks.match(/\d+|[()+\-*/^]/g) ?? [];
  let place = 0;
  const sum = (): bigint | null => chain(["+", "-"], product);
  const product = (): bigint | null => chain(["*", "/"], power);
  function chain(signs: string[], next: () => bigint | null): bigint | null {
    let value = next();
    while (value !== null && signs.includes(tokens[place] ?? "")) {
      const sign = tokens[place++]!;
      const other = next();
      value = other === null ? null : OPERATIONS[sign]!(value, other);
    }
    return value;
  }
  function power(): bigint | null {
    const base = atom();
    if (base === null || tokens[place] !== "^") return base;
    place++;
    const exponent = atom();
    return exponent === null || exponent > 30n || base > 10n ** 20n ? null : base ** exponent;
  }
  function atom(): bigint | null {
    const token = tokens[place++];
    if (token === "(") {
      const inner = sum();
      return tokens[place++] === ")" ? inner : null;
    }
    return token !== undefined && /^\d{1,20}$/.test(token) ? BigInt(token) : null;
  }
  const value = sum();
  return place === tokens.length ? value : null;
}

/** What is said to a reader's answer to a question. */
export function check(question: Question, text: string): Outcome {
  if (!text.trim()) return { kind: "unread", why: "Write a number first." };
  return question.kind === "shape" ? checkShape(question, text) : checkNumber(question, text);
}

function checkShape(question: Question, text: string): Outcome {
  const given = readShape(text);
  const right = question.answer as number[];
  if (!given) return { kind: "unread", why: `Write ${right.length} numbers with x between them, such as 3x32x32.` };
  const isLike = (shape: Answer) => same(given, shape as number[]) || same(given, lastFirst(shape as number[]));
  if (isLike(right)) return { kind: "right" };
  const hint = question.hints.find((each) => isLike(each.value));
  if (hint) return { kind: "wrong", hint: hint.text };
  if (given.length !== right.length) {
    return { kind: "wrong", hint: `You wrote ${given.length} numbers; channels, height and width are ${right.length}.` };
  }
  if (same(given.slice(1), right.slice(1))) return { kind: "wrong", hint: "Height and width are right, the channels are not." };
  if (given[0] === right[0]) return { kind: "wrong", hint: "The channels are right, height and width are not." };
  return { kind: "wrong", hint: "" };
}

function checkNumber(question: Question, text: string): Outcome {
  const isBytes = question.unit === "bytes";
  const result = calculated(text);
  const given = result === null ? readNumber(text, isBytes) : { above: result * 2n, below: 2n, half: 0n, digits: 99 };
  if (!given) return { kind: "unread", why: "That is not read as a number: write 1234, 1,234, 1.2K or 3*4*5." };
  const [above, below] = fraction(question.answer);
  if (given.above * below === above * given.below) return { kind: "right" };
  if (isNear(given, above, below, question.kind)) {
    return given.digits < 2 && question.kind !== "ratio"
      ? { kind: "unread", why: "Write at least two digits." }
      : { kind: "rounded", exact: answerText(question) };
  }
  const hint = question.hints.find((each) => {
    const [up, down] = fraction(each.value);
    return given.above * down === up * given.below || isNear(given, up, down, question.kind);
  });
  if (hint) return { kind: "wrong", hint: hint.text };
  return { kind: "wrong", hint: given.above * below > above * given.below ? "Too large." : "Too small." };
}

/** True if a number rounds to the digits that are given. A ratio is no whole number: at least one decimal is enough. */
function isNear(given: Written, above: bigint, below: bigint, kind: Question["kind"]): boolean {
  const half = given.half || (kind === "ratio" && given.digits > 1 ? 1n : 0n);
  if (!half) return false;
  const off = given.above * below - above * given.below;
  return (off < 0n ? -off : off) <= half * below;
}

function fraction(answer: Answer): [bigint, bigint] {
  return Array.isArray(answer) ? [BigInt(answer[0]!), BigInt(answer[1]!)] : [BigInt(answer), 1n];
}

/** The answer of a question as text: 34,944, 96×55×55, 3.148. */
export function answerText(question: Question): string {
  const { answer, kind } = question;
  if (!Array.isArray(answer)) return digits(BigInt(answer));
  if (kind === "shape") return answer.join("×");
  const value = answer[0]! / answer[1]!;
  return Number.isInteger(value) ? String(value) : fixed(value, Math.max(0, 3 - Math.floor(Math.log10(value))));
}

function same(a: number[], b: number[]): boolean {
  return a.length === b.length && a.every((each, place) => each === b[place]);
}

/** The same shape as height, width and channels. */
function lastFirst(shape: number[]): number[] {
  return [...shape.slice(1), shape[0]!];
}
