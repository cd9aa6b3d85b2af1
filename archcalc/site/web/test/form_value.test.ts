import assert from "node:assert/strict";
import { test } from "node:test";
import { type FormsData, lettersAt, valueOf } from "../src/form_value";

const letter = (symbol: string, period: number, residue: number, least: string, largest = "") => ({
  symbol,
  letter: symbol.toLowerCase(),
  meaning: "",
  period,
  residue,
  least,
  largest,
  definition: "",
});
const data: FormsData = {
  architecture: "",
  letters: [letter("H", 32, 3, "1"), letter("N", 1, 0, "1", "8")],
  conditions: [],
  forms: {},
};
const form = (...terms: [string, Record<string, number>][][]) => ({ text: "", latex: "", unit: "", terms });

test("letters are those of the residue class", () => {
  assert.deepEqual(lettersAt(data, { H: 227, N: 8 }), { h: 7n, n: 8n });
});

test("another residue, a size below the least or above the largest have no letters", () => {
  for (const symbols of [{ H: 226, N: 1 }, { H: 3, N: 1 }, { H: 2, N: 1 }, { H: 227, N: 9 }, { H: 227 }]) {
    assert.equal(lettersAt(data, symbols), null);
  }
});

test("where a condition is open, the page does not decide it", () => {
  assert.equal(lettersAt({ ...data, conditions: ["3*h - 2*w >= 0"] }, { H: 227, N: 1 }), null);
});

test("a value is exact beyond what a double holds", () => {
  const large = form([["9007199254740993", { h: 2 }], ["-1", {}]]);
  assert.equal(valueOf(large, { h: 3n }), 81064793292668936n);
});

test("halves add up to a whole number", () => {
  const triangle = form([["1/2", { h: 2 }], ["1/2", { h: 1 }]]);
  assert.equal(valueOf(triangle, { h: 7n }), 28n);
  assert.throws(() => valueOf(form([["1/2", { h: 1 }]]), { h: 7n }), RangeError);
});

test("of several polynomials the largest counts", () => {
  const peak = form([["3", { h: 1 }]], [["1", { h: 2 }]], [["5", {}]]);
  assert.deepEqual([1n, 2n, 4n].map((h) => valueOf(peak, { h })), [5n, 6n, 16n]);
});
