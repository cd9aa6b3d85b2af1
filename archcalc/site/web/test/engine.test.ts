// The client of the engine against a worker that a test plays.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Engine, EngineError, read, Superseded, type EngineReport, type WorkerLike } from "../src/engine";
import { inflated } from "../src/inflate";
import type { Asked, Posted } from "../src/worker";

class Played implements WorkerLike {
  onmessage: WorkerLike["onmessage"] = null;
  onerror: WorkerLike["onerror"] = null;
  asked: Asked[] = [];
  ended = false;

  postMessage(message: Asked): void {
    this.asked.push(message);
  }

  terminate(): void {
    this.ended = true;
  }

  say(data: Posted): void {
    this.onmessage?.call(this as unknown as Worker, { data } as MessageEvent);
  }

  answer(result: unknown): void {
    this.say({ kind: "answer", id: this.asked.at(-1)!.id, text: JSON.stringify({ result }) });
  }
}

function played(): { engine: Engine; workers: Played[]; states: string[] } {
  const workers: Played[] = [];
  const engine = new Engine(() => {
    workers.push(new Played());
    return workers.at(-1)!;
  });
  const states: string[] = [];
  engine.subscribe((report: EngineReport) => states.at(-1) !== report.state && states.push(report.state));
  return { engine, workers, states };
}

const later = () => new Promise((resolve) => setTimeout(resolve, 0));

test("the worker starts with the first question, which waits until it is ready", async () => {
  const { engine, workers, states } = played();
  assert.equal(workers.length, 0);
  const answer = engine.ask<number>("names", { pattern: "x" });
  const [worker] = workers as [Played];
  assert.deepEqual(worker.asked, []);
  worker.say({ kind: "progress", loaded: 5, total: 10 });
  assert.deepEqual([engine.report.loaded, engine.report.total], [5, 10]);
  worker.say({ kind: "ready" });
  assert.deepEqual(worker.asked, [{ id: 1, question: "names", given: { pattern: "x" } }]);
  assert.equal(engine.report.busy, true);
  worker.answer(7);
  assert.equal(await answer, 7);
  assert.equal(engine.report.busy, false);
  assert.deepEqual(states, ["off", "loading", "ready"]);
});

test("questions are asked one after another", async () => {
  const { engine, workers } = played();
  const answers = [engine.ask<number>("a", {}), engine.ask<number>("b", {})];
  const [worker] = workers as [Played];
  worker.say({ kind: "ready" });
  assert.equal(worker.asked.length, 1);
  worker.answer(1);
  assert.equal(worker.asked.length, 2);
  worker.answer(2);
  assert.deepEqual(await Promise.all(answers), [1, 2]);
});

test("an error of archcalc has its sentence, argument and row", async () => {
  const error = { message: "a window of 2 does not fit", about: "input", row: "pool3", kind: "ArchcalcError" };
  assert.throws(
    () => read(JSON.stringify({ error })),
    (thrown) => thrown instanceof EngineError && JSON.stringify({ ...error, ...thrown, message: thrown.message }) === JSON.stringify({ ...error, name: "EngineError" }),
  );
});

test("a newer question of a topic takes the place of an older one", async () => {
  const { engine, workers } = played();
  const first = engine.ask("network", { size: 1 }, { topic: "network" });
  const second = engine.ask("network", { size: 2 }, { topic: "network" });
  const other = engine.ask("why", {}, { topic: "why" });
  await assert.rejects(first, Superseded);
  const [worker] = workers as [Played];
  worker.say({ kind: "ready" });
  const third = engine.ask("network", { size: 3 }, { topic: "network" });
  await assert.rejects(second, Superseded); // though it is being answered
  worker.answer("of the second");
  assert.equal((worker.asked.at(-1)!.given as object & { size?: number }).size, undefined);
  worker.answer("why");
  assert.equal(await other, "why");
  worker.answer(3);
  assert.equal(await third, 3);
});

test("an answer that nobody waits for holds up others for two seconds only", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { engine, workers } = played();
  const first = engine.ask("network", {}, { topic: "network" });
  workers[0]!.say({ kind: "ready" });
  const second = engine.ask("network", {}, { topic: "network" });
  await assert.rejects(first, Superseded);
  context.mock.timers.tick(1900);
  assert.equal(workers[0]!.ended, false);
  context.mock.timers.tick(200);
  assert.equal(workers[0]!.ended, true);
  workers[1]!.say({ kind: "ready" });
  workers[1]!.answer(2);
  assert.equal(await second, 2);
});

test("a question that takes too long is given up, and the engine starts again for the next", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { engine, workers, states } = played();
  const long = engine.ask("explain", {}, { limit: 5 });
  workers[0]!.say({ kind: "ready" });
  context.mock.timers.tick(5001);
  await assert.rejects(long, /more than 5 s/);
  assert.equal(workers[0]!.ended, true);
  assert.equal(states.at(-1), "off");
  const next = engine.ask("names", {});
  workers[1]!.say({ kind: "ready" });
  workers[1]!.answer([]);
  assert.deepEqual(await next, []);
});

test("a crash ends the question that caused it; the others are asked again", async () => {
  const { engine, workers } = played();
  const [first, second] = [engine.ask("a", {}), engine.ask("b", {})];
  workers[0]!.say({ kind: "ready" });
  workers[0]!.say({ kind: "failed", id: 1, message: "Traceback\nout of memory" });
  await assert.rejects(first, /stopped while it computed the answer: out of memory$/);
  workers[1]!.say({ kind: "ready" });
  assert.equal(workers[1]!.asked[0]!.question, "b");
  workers[1]!.answer(2);
  assert.equal(await second, 2);
});

test("an engine that cannot be loaded says so in a sentence, and is tried again", async () => {
  const { engine, workers, states } = played();
  const first = engine.ask("a", {});
  workers[0]!.say({ kind: "failed", message: "library.zip.gz of the site: HTTP status 404" });
  await assert.rejects(first, /^EngineError: the engine could not be loaded: library.zip.gz of the site: HTTP status 404$/);
  assert.equal(engine.report.state, "failed");
  const second = engine.ask("a", {});
  workers[1]!.say({ kind: "ready" });
  workers[1]!.answer(1);
  assert.equal(await second, 1);
  assert.deepEqual(states, ["off", "loading", "failed", "loading", "ready"]);
});

test("a question that is cancelled is not asked", async () => {
  const { engine, workers } = played();
  const cancel = new AbortController();
  const first = engine.ask("a", {}, { signal: cancel.signal });
  const second = engine.ask("b", {});
  cancel.abort();
  await assert.rejects(first, Superseded);
  workers[0]!.say({ kind: "ready" });
  assert.deepEqual(workers[0]!.asked.map((each) => each.question), ["b"]);
  workers[0]!.answer(1);
  await second;
});

test("a file is sent as it is, with one key for the same file", async () => {
  const { engine, workers } = played();
  const [blob, other] = [new Blob(["a"]), new Blob(["b"])];
  const files = [blob, other, blob].map((each) => engine.ask("table", { file: { name: "m.onnx", blob: each } }));
  workers[0]!.say({ kind: "ready" });
  for (const _ of files) {
    workers[0]!.answer(0);
    await later();
  }
  const sent = workers[0]!.asked.map((each) => (each.given as { file: { blob: Blob; key: number } }).file);
  assert.ok(sent[0]!.blob === blob && sent[1]!.blob === other);
  assert.equal(sent[0]!.key, sent[2]!.key);
  assert.notEqual(sent[0]!.key, sent[1]!.key);
});

test("a compressed file is inflated, and one that the host inflated is left as it is", async () => {
  const text = "archcalc ".repeat(1000);
  const zipped = await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
  for (const body of [zipped, text]) {
    let last: number[] = [];
    const headers = { "Content-Length": String(typeof body === "string" ? body.length : body.byteLength) };
    const found = await inflated(new Response(body, { headers }), "application/zip", (...counts) => (last = counts));
    assert.equal(await found.text(), text);
    assert.equal(found.headers.get("Content-Type"), "application/zip");
    assert.equal(last[0], last[1]);
    assert.ok(last[0]! > 0);
  }
});
