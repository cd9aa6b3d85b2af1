import assert from "node:assert/strict";
import { test } from "node:test";
import { amountOf, boundsOf, readRange, writeRange, type Kind } from "../src/catalogue_words";

const amounts: [string, Kind, number][] = [
  ["300M", "count", 300_000_000],
  ["300 m", "count", 300_000_000],
  ["1.5G", "count", 1_500_000_000],
  ["4.1 billion", "count", 4_100_000_000],
  ["4.1B", "count", 4_100_000_000],
  ["60 thousand", "count", 60_000],
  ["25,557,032", "count", 25_557_032],
  ["25 557 032", "count", 25_557_032],
  ["3e8", "count", 300_000_000],
  ["1.1K", "count", 1100],
  [".5M", "count", 500_000],
  ["4 GB", "bytes", 4_000_000_000],
  ["4gb", "bytes", 4_000_000_000],
  ["4G", "bytes", 4_000_000_000],
  ["2 GiB", "bytes", 2_147_483_648],
  ["512 KiB", "bytes", 524_288],
  ["100 bytes", "bytes", 100],
  ["7B", "bytes", 7],
  ["75", "percent", 75],
  ["75.5 %", "percent", 75.5],
  ["2015", "plain", 2015],
  ["224 px", "plain", 224],
];

test("amounts are read as people write them", () => {
  for (const [text, kind, value] of amounts) assert.equal(amountOf(text, kind), value, text);
});

test("an empty text is no amount, and is no error", () => {
  assert.equal(amountOf("  ", "count"), null);
});

test("what is no amount is refused with an example", () => {
  for (const [text, kind] of [["apples", "count"], ["-3", "count"], ["4 GB", "count"], ["1,5G", "count"], ["3 constructor", "count"], ["80 GB", "percent"], ["1 MiBB", "bytes"], ["1 M 2", "count"]] as [string, Kind][]) {
    assert.throws(() => amountOf(text, kind), (error: Error) => error.message.startsWith(`"${text}" is no `) && error.message.includes(": write "), text);
  }
});

test("an end that is not given does not bound", () => {
  assert.deepEqual(boundsOf({ from: "1K", to: "" }, "count"), [1000, Infinity]);
  assert.deepEqual(boundsOf({ from: "", to: "4 GB" }, "bytes"), [-Infinity, 4e9]);
});

test("a range of an address is read as it was written", () => {
  for (const text of ["1M..25M", "..300M", "2015..", "0.5M.."]) assert.equal(writeRange(readRange(text)), text);
  assert.deepEqual(readRange("224"), { from: "224", to: "224" });
  assert.equal(writeRange({ from: " ", to: "" }), "");
  assert.equal(writeRange({ from: "", to: "4 GB" }), "..4GB");
});
