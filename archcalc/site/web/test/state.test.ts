import assert from "node:assert/strict";
import { test } from "node:test";
import type { NetworkPage } from "../src/data";
import { readState, requestOf, writeState } from "../src/state";

const variable = (value: number) => ({ value, low: 1, high: 1000, meaning: "" });
const page = {
  input: [[2], [0], [1]],
  axes: { H: 1, W: 2 },
  variables: { H: variable(224), W: variable(224), C: variable(3), K: variable(1000), N: variable(1) },
} as unknown as NetworkPage;

test("an address that is read and written again is the same", () => {
  for (const address of ["", "?size=320", "?size=320x256&batch=8&classes=10", "?size=64&set=width=0.5&set=a=b,c&dtype=float16&level=stage"]) {
    assert.equal(writeState(page, readState(page, address)), address);
  }
});

test("the network's own sizes are not written", () => {
  assert.equal(writeState(page, readState(page, "?size=224&batch=1&classes=1000")), "");
});

test("what is no number is left out", () => {
  assert.deepEqual(readState(page, "?size=axb&batch=-1&classes=1e9").values, {});
});

test("a request has the whole input once one size is given", () => {
  const state = readState(page, "?size=320x256&classes=10&batch=2&set=width=0.5");
  assert.deepEqual(requestOf(page, state), { input: [3, 320, 256], batch: 2, settings: { width: "0.5", classes: 10 } });
});
