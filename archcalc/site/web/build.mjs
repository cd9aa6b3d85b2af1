// Bundles the pages: node build.mjs FOLDER writes their scripts and styles into FOLDER/assets, and FOLDER/../prerender.mjs.
import { build } from "esbuild";

const [folder] = process.argv.slice(2);
const common = {
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
};
const pages = ["catalogue", "network", "compare", "own", "lessons"];

await Promise.all([
  build({
    ...common,
    entryPoints: [...pages.map((name) => `src/${name}.tsx`), "src/worker.ts", "src/site.css", "src/katex.css"],
    external: ["node:*"],
    loader: { ".woff2": "file", ".woff": "empty", ".ttf": "empty" },
    assetNames: "fonts/[name]",
    outdir: `${folder}/assets`,
    splitting: true,
    chunkNames: "[name]-[hash]",
  }),
  build({ ...common, format: "iife", entryPoints: ["src/theme.ts"], outdir: `${folder}/assets` }),
  build({
    ...common,
    minify: false,
    entryPoints: ["src/prerender.tsx"],
    platform: "node",
    outfile: `${folder}/prerender.mjs`,
  }),
]);
