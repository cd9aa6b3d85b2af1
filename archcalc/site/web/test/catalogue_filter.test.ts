import assert from "node:assert/strict";
import { test } from "node:test";
import { find, frontOf, sorted } from "../src/catalogue_filter";
import { FIRST, type CatalogueState } from "../src/catalogue_state";
import { network } from "./catalogue_networks";

const networks = [
  network("resnet50", { params: 25_557_032, top1: 76.1, year: 2015 }, { place: 0, label: "ResNet-50", family: "resnet", familyTitle: "ResNet", authors: "He, Zhang, Ren & Sun" }),
  network("resnet152", { params: 60_192_808, year: 2015 }, { place: 1, label: "ResNet-152", family: "resnet", familyTitle: "ResNet", authors: "He, Zhang, Ren & Sun" }),
  network("mnasnet_b1_0.5", { params: 2_218_512, top1: 67.7, year: 2018 }, { place: 2, label: "MnasNet-B1 0.5×", aliases: ["mnasnet0_5"], family: "mnasnet", authors: "Tan et al." }),
  network("unet", { params: 31_030_658, year: 2015 }, { place: 3, label: "U-Net", family: "unet", authors: "Schrödinger" }),
];
const namesOf = (state: Partial<CatalogueState>) => find(networks, { ...FIRST, ...state }).networks.map((each) => each.name);

test("a search finds names, pretty names, families, authors and aliases", () => {
  const cases: [string, string[]][] = [
    ["resnet50", ["resnet50"]],
    ["ResNet-50", ["resnet50"]],
    ["res net 50", ["resnet50"]],
    ["sun 152", ["resnet152"]],
    ["mnasnet0_5", ["mnasnet_b1_0.5"]],
    ["0.5x", ["mnasnet_b1_0.5"]],
    ["schrodinger", ["unet"]],
    ["unet", ["unet"]],
    ["2018", ["mnasnet_b1_0.5"]],
    ["  ", networks.map((each) => each.name)],
    ["nothing like that", []],
  ];
  for (const [query, found] of cases) assert.deepEqual(namesOf({ query }), found, query);
});

test("both ends of a range belong to it", () => {
  assert.deepEqual(namesOf({ ranges: { params: { from: "2,218,512", to: "25,557,032" } } }), ["resnet50", "mnasnet_b1_0.5"]);
  assert.deepEqual(namesOf({ ranges: { params: { from: "2,218,513", to: "25,557,031" } } }), []);
});

test("a network without a published accuracy is in no range of it, and is told", () => {
  const found = find(networks, { ...FIRST, ranges: { top1: { from: "0", to: "" } } });
  assert.deepEqual(found.networks.map((each) => each.name), ["resnet50", "mnasnet_b1_0.5"]);
  assert.equal(found.withoutAccuracy, 2);
});

test("a range that is none is told and does not filter, whatever the others do", () => {
  const found = find(networks, { ...FIRST, ranges: { year: { from: "soon", to: "" }, params: { from: "", to: "3M" } } });
  assert.deepEqual(found.networks.map((each) => each.name), ["mnasnet_b1_0.5"]);
  assert.match(found.problems.year!, /"soon"/);
});

test("families are alternatives, and narrow what a search finds", () => {
  assert.deepEqual(namesOf({ families: ["unet", "mnasnet"] }), ["mnasnet_b1_0.5", "unet"]);
  assert.deepEqual(namesOf({ families: ["unet"], query: "resnet" }), []);
});

test("an order keeps networks without a value last in both directions", () => {
  const order = (descending: boolean) => sorted(networks, { key: "top1", descending }).map((each) => each.name);
  assert.deepEqual(order(false), ["mnasnet_b1_0.5", "resnet50", "resnet152", "unet"]);
  assert.deepEqual(order(true), ["resnet50", "mnasnet_b1_0.5", "resnet152", "unet"]);
});

test("names are sorted by their numbers, and equal values keep the catalogue's order", () => {
  assert.deepEqual(sorted(networks, { key: "name", descending: false }).map((each) => each.label), ["MnasNet-B1 0.5×", "ResNet-50", "ResNet-152", "U-Net"]);
  assert.deepEqual(sorted(networks, { key: "year", descending: true }).map((each) => each.name), ["mnasnet_b1_0.5", "resnet50", "resnet152", "unet"]);
});

test("no network is better in both than one of the front, and each other one is beaten", () => {
  const cloud = Array.from({ length: 200 }, (_, place) =>
    network(`n${place}`, { params: 1 + ((place * 7919) % 101), top1: (place * 104729) % 97 }, { place }),
  );
  const front = new Set(frontOf(cloud, "params", "top1").map((each) => each.name));
  const beats = (a: (typeof cloud)[0], b: (typeof cloud)[0]) => {
    const [cheaper, better] = [b.values.params! - a.values.params!, a.values.top1! - b.values.top1!];
    return cheaper >= 0 && better >= 0 && cheaper + better > 0;
  };
  for (const each of cloud) {
    const beaten = cloud.some((other) => beats(other, each));
    const same = cloud.some((other) => front.has(other.name) && other.values.params === each.values.params && other.values.top1 === each.values.top1);
    assert.equal(front.has(each.name) || same, !beaten, each.name);
  }
});
