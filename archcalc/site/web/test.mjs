// Runs the tests of the pages' code: node test.mjs [NAME ...] bundles test/*.test.ts into made/test, and runs them.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const wanted = process.argv.slice(2);
const files = readdirSync("test").filter((file) => file.endsWith(".test.ts") && (!wanted.length || wanted.some((name) => file.includes(name))));
const outdir = join("made", "test");
rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: files.map((file) => join("test", file)),
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  format: "esm",
  platform: "node",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  sourcemap: "inline",
  logLevel: "warning",
});
const made = files.map((file) => join(outdir, file.replace(/\.ts$/, ".mjs")));
process.exit(spawnSync(process.execPath, ["--enable-source-maps", "--test", ...made], { stdio: "inherit" }).status ?? 1);
