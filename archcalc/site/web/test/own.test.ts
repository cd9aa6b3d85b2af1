import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOf } from "../src/own_beside";
import { readingOf } from "../src/own_files";
import { formOf, lineOf, linked, linkOf, LONGEST_LINK, LONGEST_TEXT, packed, unpacked } from "../src/own_text";

const LIST = `# mine
name = "mine"
input = "3x32x32"
width = 16
layers = """
stem: conv width 3x3 p1
conw 3
"""
`;

test("a text in a link is the same when the link is opened", async () => {
  for (const text of ["", LIST, "名前 = \"é😀\"\r\n\t\u0000", "<script>alert(1)</script>", "x".repeat(LONGEST_TEXT)]) {
    const link = await packed(text);
    assert.match(link, /^[\w-]*$/);
    assert.equal(await unpacked(link), text);
  }
  const link = (await linkOf(LIST))!;
  assert.deepEqual(await linked(link), { text: LIST });
  assert.deepEqual(await linked("#example=residual_blocks"), { example: "residual_blocks" });
  assert.equal(await linked(""), null);
  assert.equal(await linked("#main"), null);
});

test("a text that does not compress into a link has none", async () => {
  let seed = 1;
  const noise = Array.from({ length: 20_000 }, () => String.fromCharCode(33 + ((seed = (seed * 48271) % 2147483647) % 90))).join("");
  assert.equal(await linkOf(noise), null);
  assert.equal(await linkOf("x".repeat(LONGEST_TEXT + 1)), null);
  const short = noise.slice(0, 10_000);
  const link = await linkOf(short);
  assert.ok(link !== null && link.length <= LONGEST_LINK);
  assert.deepEqual(await linked(link), { text: short });
});

test("a broken link is refused with a sentence", async () => {
  const link = await packed(LIST);
  for (const broken of ["AAAA", link.slice(0, -4), link.slice(3), `${link}%`, "a b"]) {
    await assert.rejects(unpacked(broken), { message: /^the link holds no text of a network/ }, broken);
  }
  const latin = await new Response(new Blob([new Uint8Array([0xff, 0xfe])]).stream().pipeThrough(new CompressionStream("deflate-raw"))).arrayBuffer();
  await assert.rejects(unpacked(btoa(String.fromCharCode(...new Uint8Array(latin))).replace(/=+$/, "")), /no text/);
});

test("a link that would fill the memory is given up", async () => {
  const bomb = await packed("\n".repeat(20 * LONGEST_TEXT));
  assert.ok(bomb.length < 100_000);
  await assert.rejects(unpacked(bomb), { message: "the link holds more than 2,000,000 bytes" });
});

test("an error points to its line", () => {
  const cases: [string, number, string?][] = [
    ["mine, line 7: no layer or block is called 'conw'; nearest: conv", 7],
    ["mine: it is not TOML: Illegal character '\\n' (at line 3, column 17)", 3],
    ["mine: it is not TOML: Expected '=' after a key (at line 1, ...", 1],
    ["mine: it is not TOML: Unterminated string (at end of document)", 8],
    ["mine: no line uses the hyperparameter 'width'", 4],
    ["mine: width is a hyperparameter: a number up to 10000000, true or false, not 'a'", 4],
    ["mine: an input size is from 1 to 1000000, not 9999999", 3, "input"],
    ["mine: layers are a text with a line for each", 5],
    ["mine, line 99: no such line", 0],
    ["mine has more than 20,000 operations", 0],
    ["mine: it needs the shape of its input", 0, "batch"],
  ];
  for (const [message, line, about] of cases) assert.equal(lineOf(message, LIST, about), line, message);
});

test("an item of a list is found by its number", () => {
  const text = 'input = "3x32x32"\nlayers = [\n  "conv 3 3x3", # "no item"\n\n  "conw 3", \'relu\',\n]\n[blocks.b]\nlayers = ["relu",\n"relo"]\n';
  assert.equal(lineOf("mine, line 1: x", text), 3);
  assert.equal(lineOf("mine, line 2: x", text), 5);
  assert.equal(lineOf("mine, line 3: x", text), 5);
  assert.equal(lineOf("mine, block b, line 2: x", text), 9);
});

test("a text is read as what it is", () => {
  assert.equal(formOf(LIST).file, "mine.toml");
  assert.equal(formOf(' {"class_name": "Sequential"}').file, "mine.json");
  assert.equal(formOf('name: "LeNet"\nlayer { name: "a" }').file, "mine.prototxt");
  assert.equal(formOf("# mine\ninput: 3x32x32\nlayers:\n  - conv 3 3x3").file, "mine.yaml");
  assert.equal(formOf('input = "3x3x3"\nlayers = """\nstem: conv 3\n"""').file, "mine.toml");
  assert.equal(formOf("").file, "mine.toml");
});

test("a file is edited, read or refused by its kind", () => {
  const kinds = [".pt2", ".onnx", ".toml", ".json"];
  assert.deepEqual(readingOf("Mine.TOML", 10, kinds), { as: "text" });
  assert.deepEqual(readingOf("mine.json", 10_000_000, kinds), { as: "file" });
  assert.deepEqual(readingOf("model.onnx", 500_000_000, kinds), { as: "file" });
  assert.deepEqual(readingOf("model.onnx", 0, kinds), { as: "none", message: "model.onnx is empty" });
  for (const [name, command] of [["a.pth", "torch.onnx.export"], ["a.safetensors", "archcalc table hf:"], ["a.h5", "to_json"], ["a.py", "archcalc table net.py:Net"]] as const) {
    const reading = readingOf(name, 10, kinds);
    assert.ok(reading.as === "none" && reading.message.includes(command) && reading.message.includes(kinds.join(", ")), name);
  }
  assert.equal(readingOf("README", 10, kinds).as, "none");
});

test("the totals of the catalogue stand by the names of its columns", () => {
  const columns = ["name", "label", "family", "year", "input", "params", "mult_adds"];
  const rows = rowsOf({ columns, networks: [["lenet5", "LeNet-5", 0, 1998, [1, 32, 32], 60000, "9007199254740993"]] });
  assert.deepEqual(rows, [{ name: "lenet5", label: "LeNet-5", totals: { params: 60000, mult_adds: "9007199254740993" } }]);
});
