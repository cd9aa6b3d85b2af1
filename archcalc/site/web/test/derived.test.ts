import assert from "node:assert/strict";
import { test } from "node:test";
import { commandOf } from "../src/command";
import type { NetworkPage, Row } from "../src/data";
import { steps } from "../src/derivation_blocks";
import { beginning, countedOf, membersOf, planOf } from "../src/derived";
import { sumOf, tally } from "../src/evidence_data";
import { Values } from "../src/tape";

const row = (name: string, params: number, in_place = false): Row => ({
  name,
  operation: "",
  shape: [params],
  activations: 10 * params,
  params,
  mult_adds: 0,
  field: {},
  ...(in_place ? { in_place: true as const } : {}),
});
const variable = (value: number) => ({ value, low: 1, high: 1000, meaning: "" });
const page = {
  element_bytes: 4,
  variables: { H: variable(224), W: variable(224), C: variable(3), K: variable(1000), N: variable(1) },
  tape: { variables: [["N", 1]] },
  levels: {
    stage: [row("conv1", 1), row("layer1", 5)],
    layer: [row("conv1", 1), row("layer1.0", 2), row("layer1.1", 3), row("layer1.2", 0, true)],
    operation: [row("conv1.conv", 1), row("layer1.0.conv", 2)],
  },
} as unknown as NetworkPage;
const values = new Values([2]);
const target = (name: string, column: string) => ({ row: name, column, inTable: true });

test("a layer, an operation and the whole network are derived as such", () => {
  assert.deepEqual(planOf(target("conv1", "memory"), page, values), {
    kind: "derive",
    layer: "conv1",
    quantity: "memory_bytes",
    remark: "",
  });
  assert.equal(planOf(target("layer1.0.conv", "field"), page, values).kind, "derive");
  assert.deepEqual(planOf(target("total", "activations"), page, values), {
    kind: "derive",
    layer: "total",
    quantity: "activation_sum",
    remark: "",
  });
});

test("a stage is the sum over its layers, without those that work in place and those that add nothing", () => {
  const plan = planOf(target("layer1", "params"), page, values);
  assert.deepEqual(plan, {
    kind: "sum",
    parts: [
      { name: "layer1.0", value: 2 },
      { name: "layer1.1", value: 3 },
    ],
    unit: "parameters",
    total: 5n,
  });
  const memory = planOf(target("layer1", "memory"), page, values);
  assert.equal(memory.kind === "sum" && memory.total, 400n); // 50 values of 4 bytes, 2 images
});

test("the output of a stage is that of its last layer", () => {
  const plan = planOf(target("layer1", "output"), page, values);
  assert.equal(plan.kind === "derive" && plan.layer, "layer1.2");
});

test("what archcalc why does not derive has its reason", () => {
  assert.equal(planOf(target("total", "bytes_moved"), page, values).kind, "none");
  assert.equal(planOf(target("total", "latency"), page, values).kind, "none");
});

test("a convention counts its own column of the table, and no total above it", () => {
  const convention = { name: "fvcore", unit: "", quantity: "work" as const, summary: "", total: 9 };
  const counting = { ...page, convention, levels: { layer: [{ ...row("conv1", 1), counted: 7 }] } };
  const total = { row: "total", column: "mult_adds", inTable: true };
  assert.equal(countedOf(target("conv1", "mult_adds"), counting, values), 7);
  assert.equal(countedOf(target("conv1", "params"), counting, values), null);
  assert.equal(countedOf(total, counting, values), 9);
  assert.equal(countedOf({ ...total, inTable: false }, counting, values), null);
  assert.equal(countedOf(target("conv1", "mult_adds"), page, values), null);
});

test("members of a row", () => {
  assert.deepEqual(membersOf(page, "layer1").map((each) => each.name), ["layer1.0", "layer1.1", "layer1.2"]);
  assert.deepEqual(membersOf(page, "nothing"), []);
  assert.equal(beginning("conv3_2.relu", 1), "conv3");
  assert.equal(beginning("conv_stem.bn", 2), "conv_stem.bn");
});

test("a command line has what was changed, quoted for a shell", () => {
  const asked = { name: "resnet50" };
  const command = (state: object) => commandOf("why", asked, page, { values: {}, settings: {}, ...state }, ["fc", "params"]);
  assert.equal(command({}), "archcalc why resnet50 fc params");
  assert.equal(
    command({ values: { H: 320, W: 256, N: 8, K: 10 }, dtype: "float16" }),
    "archcalc why resnet50 fc params --size 320x256 --batch 8 --dtype float16 --classes 10",
  );
  assert.equal(command({ values: { C: 1 } }), "archcalc why resnet50 fc params --set in_channels=1");
  assert.equal(command({ settings: { stem: "it's" } }), "archcalc why resnet50 fc params --set 'stem=it'\\''s'");
});

test("an equation has its legend and its words", () => {
  const words = { kind: "words" as const, text: "" };
  const equation = { kind: "equation" as const, latex: "", text: [] };
  const legend = { kind: "legend" as const, letters: [] };
  assert.deepEqual(steps([words, equation, legend, words, equation]).map((each) => each.length), [1, 3, 1]);
});

test("numbers of verdicts in words, in their order", () => {
  const counts = { contradicted: 1, exact: 12 };
  assert.equal(tally(counts, ["exact", "contradicted"]), "12 exact, 1 contradicted");
  assert.equal(sumOf(counts), 13);
});
