// What readers write is read as they mean it, and compared with the answer.
import assert from "node:assert/strict";
import test from "node:test";
import { answerText, calculated, check, readNumber, readShape } from "../src/lessons_answer";
import type { Question } from "../src/lessons_data";
import { readSheet, sheetAddress } from "../src/lessons_state";
import { plainLine } from "../src/lessons_words";

function asked(answer: Question["answer"], given: Partial<Question> = {}): Question {
  return { key: "k", ask: "?", kind: "number", answer, unit: "", hints: [], derivation: null, printed: [], ...given };
}

const params = asked(34944, { unit: "parameters", hints: [{ value: 34848, text: "biases" }, { value: 11712, text: "channels" }] });
const memory = asked(60950432, { unit: "bytes", hints: [{ value: 96000000, text: "slide" }] });
const shape = asked([96, 55, 55], { kind: "shape", hints: [{ value: [3, 55, 55], text: "filters" }] });
const ratio = asked([854196224, 271351808], { kind: "ratio", hints: [{ value: [271351808, 854196224], text: "over" }] });

function value(text: string, bytes = false): number | null {
  const read = readNumber(text, bytes);
  return read && Number(read.above) / Number(read.below);
}

test("numbers are read with separators, decimals, letters and units", () => {
  for (const [text, number] of [
    ["1,234", 1234],
    ["35k", 35_000],
    ["35K", 35_000],
    ["35,712", 35_712],
    ["35 712", 35_712],
    ["1 234 567", 1_234_567],
    ["35.7 M", 35_700_000],
    [".5K", 500],
    ["2.36 million", 2_360_000],
    ["1.2e6", 1_200_000],
    ["0", 0],
    ["854M", 854_000_000],
    ["5.5G", 5_500_000_000],
  ] as const) {
    assert.equal(value(text), number, text);
  }
  assert.equal(value("96 MB", true), 96_000_000);
  assert.equal(value("58.1 MiB", true), 58.1 * 2 ** 20);
  assert.equal(value("60950432 bytes", true), 60_950_432);
});

test("what is no number is not read as one", () => {
  for (const text of ["", "abc", "1,23", "12,34,567", "1..2", "--1", "1e", "12 parsecs", "1.2.3", "0x10", "1,", "alert(1)"]) {
    assert.equal(readNumber(text), null, text);
  }
});

test("shapes are read with any sign between their numbers", () => {
  for (const text of ["96x55x55", "96 × 55 × 55", "96, 55, 55", "[96x55x55]", "(96, 55, 55)", "96*55*55", "96 55 55"]) {
    assert.deepEqual(readShape(text), [96, 55, 55], text);
  }
  for (const text of ["96", "96x", "x96", "a x b", "", "96x-5x5"]) assert.equal(readShape(text), null, text);
});

test("calculations are worked out exactly, and nothing else is", () => {
  for (const [text, number] of [
    ["(3*11*11+1)*96", 34944n],
    ["3 × 11 × 11 × 96 + 96", 34944n],
    ["7x7x512x4096", 102760448n],
    ["(227-11)/4+1", 55n],
    ["2^10*3", 3072n],
    ["2*3^2", 18n],
    ["10-2-3", 5n],
    ["100/5/2", 10n],
    ["99999999999*99999999999", 9999999999800000000001n],
  ] as const) {
    assert.equal(calculated(text), number, text);
  }
  for (const text of ["12", "", "1+", "(1+2", "1/0", "7/2", "2^99", "((9^30)^30)^30", "1+2)", "fetch(1)+2", "1,000*2", "()", "9".repeat(300) + "*1"]) {
    assert.equal(calculated(text), null, text);
  }
});

test("an answer is right in full, as a calculation, or to the digits given", () => {
  for (const text of ["34944", "34,944", " 34 944 ", "(363+1)*96", "34.944K", "34944.0"]) {
    assert.equal(check(params, text).kind, "right", text);
  }
  for (const text of ["35K", "34.9k", "34.94K", "3.5e4", "0.035M"]) {
    assert.deepEqual(check(params, text), { kind: "rounded", exact: "34,944" }, text);
  }
  assert.equal(check(memory, "61 MB").kind, "rounded");
  assert.equal(check(memory, "60.95MB").kind, "rounded");
  assert.equal(check(memory, "58.1 MiB").kind, "rounded");
  assert.equal(check(memory, "60,950,432 B").kind, "right");
});

test("a number that is only near is wrong", () => {
  for (const text of ["34943", "34945", "34.8K", "34,000", "36K", "35000", "35.0K"]) assert.equal(check(params, text).kind, "wrong", text);
  assert.equal(check(memory, "62 MB").kind, "wrong");
  assert.equal(check(asked(0), "0").kind, "right");
  assert.equal(check(asked(0), "1").kind, "wrong");
  assert.equal(check(asked(0), "0K").kind, "right");
});

test("one digit with a letter says too little", () => {
  assert.equal(check(asked(2_359_296), "2M").kind, "unread");
  assert.equal(check(asked(2_359_296), "2.4M").kind, "rounded");
  assert.equal(check(asked(2_359_296), "3M").kind, "wrong");
});

test("a typical mistake gets its hint, also when it is rounded; the right answer comes first", () => {
  assert.deepEqual(check(params, "34,848"), { kind: "wrong", hint: "biases" });
  assert.deepEqual(check(params, "34.85K"), { kind: "wrong", hint: "biases" });
  assert.deepEqual(check(params, "11.7K"), { kind: "wrong", hint: "channels" });
  assert.deepEqual(check(memory, "96 MB"), { kind: "wrong", hint: "slide" });
  assert.deepEqual(check(params, "99999"), { kind: "wrong", hint: "Too large." });
  assert.deepEqual(check(params, "5"), { kind: "wrong", hint: "Too small." });
  assert.equal(check(params, "35K").kind, "rounded"); // 34,848 rounds to it as well
});

test("a shape may have its channels first or last", () => {
  for (const text of ["96x55x55", "55x55x96", "[55×55×96]"]) assert.equal(check(shape, text).kind, "right", text);
  for (const text of ["3x55x55", "55x55x3"]) assert.deepEqual(check(shape, text), { kind: "wrong", hint: "filters" });
  assert.match((check(shape, "64x55x55") as { hint: string }).hint, /Height and width are right/);
  assert.match((check(shape, "96x54x54") as { hint: string }).hint, /channels are right/);
  assert.match((check(shape, "96x55") as { hint: string }).hint, /2 numbers/);
  assert.equal(check(shape, "55").kind, "unread");
});

test("a quotient is right to the digits given", () => {
  assert.equal(answerText(ratio), "3.148");
  for (const text of ["3.148", "3.15", "3.1"]) assert.equal(check(ratio, text).kind, "rounded", text);
  for (const text of ["3.2", "3.14", "3", "31"]) assert.equal(check(ratio, text).kind, "wrong", text);
  assert.deepEqual(check(ratio, "0.318"), { kind: "wrong", hint: "over" });
  assert.equal(check(asked([447897600, 223948800], { kind: "ratio" }), "2").kind, "right");
  assert.equal(answerText(asked([447897600, 223948800], { kind: "ratio" })), "2");
});

test("nothing and nonsense are not counted as wrong", () => {
  for (const text of ["", "   ", "many", "1,2,3x"]) assert.equal(check(params, text).kind, "unread", text);
});

test("the address has the sheet and the answers", () => {
  for (const address of ["", "?seed=7", "?answers=1", "?seed=999999&answers=1"]) assert.equal(sheetAddress(readSheet(address)), address);
  for (const address of ["?seed=0", "?seed=-1", "?seed=abc", "?seed=12345678", "?answers=yes"]) assert.equal(sheetAddress(readSheet(address)), "", address);
});

test("lines of documents lose their marks", () => {
  assert.equal(plainLine("- A block with a **growth rate** of $k = 4$."), "A block with a growth rate of k = 4.");
  assert.equal(plainLine("$$K \\times K \\times M$$"), "K × K × M");
  assert.equal(plainLine("CONV3-64 params: $(3*3*3)*64 = 1,728$"), "CONV3-64 params: (3*3*3)*64 = 1,728");
  assert.equal(plainLine("conv1\t7\t7"), "conv1 7 7");
  assert.equal(plainLine("**memory:** 224*224"), "memory: 224*224");
});
