// Networks for the tests of the catalogue.
import type { Accuracy, Key, Network } from "../src/catalogue_data";

export function network(name: string, values: Partial<Record<Key, number>>, more: Partial<Network> = {}): Network {
  const accuracy: Accuracy | null =
    values.top1 === undefined ? null : { top1: values.top1, top5: null, size: 0, recipe: "r", title: "some recipe", source: "somewhere", note: "" };
  return { place: 0, name, label: name, family: "f", familyTitle: "Family", authors: "", aliases: [], input: [3, 224, 224], values, accuracy, ...more };
}
