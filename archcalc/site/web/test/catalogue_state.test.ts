import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST, readState, writeState, type CatalogueState } from "../src/catalogue_state";

const other: CatalogueState = {
  query: "He & Sun, 50%",
  ranges: { mult_adds: { from: "", to: "300M" }, top1: { from: "75", to: "" }, size: { from: "224", to: "299" } },
  families: ["resnet", "vgg"],
  convention: "fvcore",
  dataset: "cifar10",
  recipe: "pytorchcv",
  sort: { key: "training_step_bytes", descending: true },
  names: ["resnet50", "mobilenet_v1_0.25_128"],
  shown: "plot",
  x: "year",
  y: "peak_inference_bytes",
  lines: false,
  front: false,
  others: false,
};

test("every part of a state comes back from the address", () => {
  for (const key of Object.keys(FIRST) as (keyof CatalogueState)[]) {
    const state = { ...FIRST, [key]: other[key] };
    assert.notEqual(writeState(state), "", key);
    assert.deepEqual(readState(writeState(state)), state, key);
  }
  assert.deepEqual(readState(writeState(other)), other);
});

test("the page as it is at first has no query, and lists stay readable", () => {
  assert.equal(writeState(FIRST), "");
  assert.match(writeState(other), /[?&]names=resnet50,mobilenet_v1_0\.25_128(&|$)/);
});

test("what a page does not know stays as it is at first", () => {
  assert.deepEqual(readState("?sort=-colour&x=beauty&view=hologram&unknown=1"), FIRST);
});
