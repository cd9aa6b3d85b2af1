// The pure functions of the page that compares networks.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Network } from "../src/catalogue_data";
import { apart, ticks } from "../src/compare_scatter";
import { suggestions } from "../src/compare_picker";
import { firstState, readCompare, stateOf, writeCompare } from "../src/compare_state";
import { largest, levelsOf, ratioText, rowsIn, signedDigits, signedHuman } from "../src/compare_text";
import type { NetworkPage, Row } from "../src/data";

test("a ratio is written as Python's .3g writes it", () => {
  const said: [number, number, string][] = [
    [138357544, 25557032, "5.41"],
    [15237608, 16987608, "0.897"],
    [1, 1, "1"],
    [0, 7, "0"],
    [7, 0, ""],
    [1234, 1, "1.23e+03"],
    [9996, 10, "1e+03"],
    [1, 32000, "3.13e-05"],
    [17, 8, "2.12"],
    [19, 8, "2.38"],
    [1125, 1, "1.12e+03"],
    [3, 2, "1.5"],
  ];
  for (const [part, whole, text] of said) assert.equal(ratioText(part, whole), text, `${part} / ${whole}`);
});

test("a difference has its sign, and none is empty", () => {
  assert.deepEqual([-25600n, 0n, 1343816192n, 5n].map(signedHuman), ["-25.60K", "", "+1.344G", "+5"]);
  assert.deepEqual([-25600n, 0n, 1343816192n].map(signedDigits), ["-25,600", "0", "+1,343,816,192"]);
});

test("the largest are marked unless all are the same", () => {
  assert.deepEqual(largest([3, 3n, 2]), [true, true, false]);
  assert.deepEqual(largest([3, 3n]), [false, false]);
  assert.deepEqual(largest([null, 9007199254740993n, 9007199254740992n]), [false, true, false]);
});

test("the levels of a sum begin at nothing and end at the sum", () => {
  assert.deepEqual(levelsOf([5n, -7n, 1n]), [0n, 5n, -2n, -1n]);
});

test("ranges of places choose rows", () => {
  const rows = ["a", "b", "c", "d"].map((name) => ({ name }) as Row);
  assert.deepEqual(rowsIn(rows, [0, 1, 2, 4]).map((row) => row.name), ["a", "c", "d"]);
  assert.deepEqual(rowsIn(rows, []), []);
});

test("an address gives the state from which it was written", () => {
  const state = firstState(["vgg16", "vgg16", "lenet5"]);
  state.networks[1]!.settings = { depth: "19", lrn: "true" };
  Object.assign(state, { size: "320x256", batch: "8", dtype: "float16", convention: "fvcore" });
  Object.assign(state, { quantity: "params", rows: "all", of: 1, from: "thop", to: "ptflops@archcalc" });
  assert.deepEqual(readCompare(writeCompare(state), ["resnet50"]), state);
  assert.match(writeCompare(state), /names=vgg16,vgg16,lenet5&size=320x256&batch=8.*set=2\.depth=19/);
  const own = firstState(["vgg16", "vgg16"]);
  own.networks[0]!.size = "224";
  own.networks[1]!.size = "448";
  assert.deepEqual(readCompare(writeCompare(own), []), own);
});

test("an address without names, or with other words, is that of the page as it is written", () => {
  const first = firstState(["resnet50", "vgg16"]);
  assert.deepEqual(readCompare("", ["resnet50", "vgg16"]), first);
  assert.deepEqual(readCompare("?names=<b>&rows=x&quantity=y&of=9&set=7.a=1&set=a=1", ["resnet50", "vgg16"]).networks, first.networks);
  assert.equal(readCompare(`?names=${Array(9).fill("vgg16").join(",")}`, []).networks.length, 6);
});

test("a network has what all share, and its own settings and size", () => {
  const page = { variables: { H: { value: 224 }, W: { value: 224 }, N: { value: 1 }, K: { value: 1000 } } } as unknown as NetworkPage;
  const state = readCompare("?names=vgg16,vgg19&size=64&batch=2&set=2.classes=10&set=2.lrn=true", []);
  assert.deepEqual(stateOf(page, state, 0), { values: { H: 64, W: 64, N: 2 }, settings: {} });
  assert.deepEqual(stateOf(page, state, 1), { values: { H: 64, W: 64, N: 2, K: 10 }, settings: { lrn: "true" } });
  state.networks[1]!.size = "96x32";
  assert.deepEqual(stateOf(page, state, 1).values, { H: 96, W: 32, N: 2, K: 10 });
});

test("names are found without case and separators, those that begin so first", () => {
  const rows = [["seresnet50", "SE-ResNet-50"], ["resnet50", "ResNet-50"], ["resnet50_v1", "ResNet-50 v1"], ["vgg16", "VGG-16"]].map(
    ([name, label]) => ({ name, label }) as Network,
  );
  const found = (entry: string) => suggestions(rows, entry).map((row) => row.name);
  assert.deepEqual(found("ResNet 50"), ["resnet50", "resnet50_v1", "seresnet50"]);
  assert.deepEqual(found("50 se"), ["seresnet50"]);
  assert.deepEqual(found("vgg-16"), ["vgg16"]);
  assert.deepEqual(found("none"), []);
  assert.equal(found("").length, 4);
});

test("a logarithmic axis has ticks at 1, 2 and 5, or at powers of ten where these are many", () => {
  assert.deepEqual(ticks({ low: 3, high: 60 }), [5, 10, 20, 50]);
  assert.deepEqual(ticks({ low: 3, high: 6000 }), [10, 100, 1000]);
});

test("labels are a line apart, in the order of their points", () => {
  assert.deepEqual(apart([100, 102, 10]), [100, 115, 10]);
  assert.deepEqual(apart([5, 5, 5]), [5, 20, 35]);
});
