// Writes the files of the engine into a folder: node engine-files.mjs PACKAGE.zip FOLDER
//
// pyodide.asm.mjs is that of the npm package; pyodide.asm.wasm.gz and library.zip.gz are compressed here, as many hosts
// of files compress neither. library.zip has the standard library and archcalc: see archcalc/site/runtime.py, which
// runs here in the very Pyodide that is for the browser.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { constants, gzipSync } from "node:zlib";
import { loadPyodide, version } from "pyodide";

const [archive, folder] = process.argv.slice(2);
if (!archive || !folder) throw new Error("usage: node engine-files.mjs PACKAGE.zip FOLDER");
const source = dirname(createRequire(import.meta.url).resolve("pyodide/package.json"));

const python = await loadPyodide();
const inside = "/lib/archcalc.zip";
const [major, minor] = python.runPython("import sys; sys.version_info[:2]").toJs();
python.FS.writeFile(inside, new Uint8Array(readFileSync(archive)));
python.runPython(`
import sys
sys.path.append("${inside}")
from archcalc.site.runtime import library
with open("/library.zip", "wb") as file:
    file.write(library("/lib/python${major}${minor}.zip", "${inside}"))
`);

mkdirSync(folder, { recursive: true });
const compressed = (data) => gzipSync(data, { level: constants.Z_BEST_COMPRESSION });
const wasm = compressed(readFileSync(join(source, "pyodide.asm.wasm")));
const library = compressed(python.FS.readFile("/library.zip"));
writeFileSync(join(folder, "pyodide.asm.wasm.gz"), wasm);
writeFileSync(join(folder, "library.zip.gz"), library);
copyFileSync(join(source, "pyodide.asm.mjs"), join(folder, "pyodide.asm.mjs"));
console.log(JSON.stringify({ pyodide: version, wasm: wasm.length, library: library.length }));
