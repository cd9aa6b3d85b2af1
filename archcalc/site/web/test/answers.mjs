// Answers questions in Pyodide, with the library for the browser: node answers.mjs ENGINE QUESTIONS.json
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { loadPyodide } from "pyodide";

const [engine, questions] = process.argv.slice(2);
const library = join(engine, "library.zip");
writeFileSync(library, gunzipSync(readFileSync(`${library}.gz`)));
const python = await loadPyodide({ stdLibURL: library });
const answer = python.runPython("from archcalc.site.engine import answer\nanswer");
console.log(JSON.stringify(JSON.parse(readFileSync(questions, "utf8")).map((question) => answer(question))));
