/** A reader's files: which are read, which are texts for the editor, and what helps with the others. */

/** The most bytes of a text that goes into the editor; a longer one is read as a file. */
export const EDITED = 300_000;
const TEXTS = [".toml", ".yaml", ".yml", ".json", ".prototxt"];

/** What a file of another kind has, and the command or the file that says what its network is. */
const OTHERS: Record<string, string> = {
  ".py": "A Python file is run, which a browser does not do here: `archcalc table net.py:Net --size 224` traces the torch.nn.Module Net of net.py.",
  ".pt": "It has weights, or an object that only PyTorch can build: `archcalc table net.py:Net` traces the model, and torch.onnx.export or torch.export.save writes a file that is read here.",
  ".safetensors": "It has weights without layers: `archcalc table hf:config.json` builds the model of a configuration, and torch.onnx.export writes a file that is read here.",
  ".h5": "Save model.to_json() of Keras as a .json file: that is read here, and by `archcalc table model.json`.",
  ".caffemodel": "It has weights: the layers are in its .prototxt, which is read here, and by `archcalc table net.prototxt`.",
  ".tflite": "Its network is read from the ONNX file that a converter makes of it.",
};
const ALIKE: Record<string, string> = {
  ".pth": ".pt",
  ".ckpt": ".pt",
  ".bin": ".pt",
  ".keras": ".h5",
  ".hdf5": ".h5",
  ".pb": ".tflite",
};

export type Reading = { as: "text" } | { as: "file" } | { as: "none"; message: string };

/** How a file is read, by its name and its bytes. */
export function readingOf(name: string, bytes: number, suffixes: readonly string[]): Reading {
  const suffix = /\.[^.]*$/.exec(name.toLowerCase())?.[0] ?? "";
  if (!suffixes.includes(suffix)) {
    const help = OTHERS[ALIKE[suffix] ?? suffix];
    const kinds = `a network is read from a file of the kinds ${suffixes.join(", ")}`;
    return { as: "none", message: `${name}: ${kinds}.${help ? ` ${help}` : ""}` };
  }
  if (bytes === 0) return { as: "none", message: `${name} is empty` };
  return { as: TEXTS.includes(suffix) && bytes <= EDITED ? "text" : "file" };
}
