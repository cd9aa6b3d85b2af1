import assert from "node:assert/strict";
import { test } from "node:test";
import { linearTicks, logTicks, seriesOf } from "../src/catalogue_plot";
import { network } from "./catalogue_networks";

test("ticks lie on their axis, rise, and are as many as there is room for", () => {
  for (const [low, high] of [[60, 1.5e11], [1.2e6, 3.4e6], [9e9, 2.1e10], [5, 5.5]] as const) {
    for (const most of [4, 8, 14]) {
      const ticks = logTicks(low, high, most);
      assert.ok(ticks.length <= most + 2 && ticks.every((tick, at) => tick >= low && tick <= high && (at === 0 || tick > ticks[at - 1]!)), `${low} ${high} ${most}: ${ticks}`);
    }
  }
  assert.deepEqual(logTicks(1e6, 2e9, 5), [1e6, 1e7, 1e8, 1e9]);
  assert.deepEqual(linearTicks(68.3, 85.2, 5), [70, 75, 80, 85]);
  assert.deepEqual(linearTicks(2011.6, 2022.4, 6), [2012, 2014, 2016, 2018, 2020, 2022]);
  assert.deepEqual(logTicks(0, 10, 5), []);
});

test("a series has the networks that differ in a number or a size alone", () => {
  const of = (name: string, size = 224) => seriesOf(network(name, { size }, { family: /^[a-z]+/.exec(name)![0] }));
  assert.equal(of("resnet18"), of("resnet152"));
  assert.notEqual(of("resnet50"), of("resnet50_v1"));
  assert.notEqual(of("resnet50"), of("resnet50", 32));
  assert.equal(of("swin_t"), of("swin_b"));
  assert.equal(of("convnext_tiny"), of("convnext_xlarge"));
  assert.equal(of("efficientnet_b0", 224), of("efficientnet_b7", 600));
  assert.equal(of("regnetx_200mf"), of("regnetx_3.2gf"));
});
