// What netscope (dgschwend/netscope) prints of networks: node netscope.js CHECKOUT < {"name": "prototxt", ...}
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const folder = path.join(process.argv[2], "assets/js");
const bundle = fs.readFileSync(path.join(folder, "netscope.js"), "utf8");
const page = { console: { log() {} }, do_variants_analysis: false, $: { inArray: (value, list) => list.indexOf(value) } };
page.window = page;
page.onerror = (message) => {
  throw new Error(message);
};
vm.createContext(page);
vm.runInContext(fs.readFileSync(path.join(folder, "lib/lodash.min.js"), "utf8"), page);
// The bundle starts the page's code, its module 10; module 6 is the parser and the analysis.
const modules = vm.runInContext(bundle.slice(0, bundle.lastIndexOf("[10]")) + "[]);", page);
page.Analyzer = modules(4);
const Parser = modules(6);

function counted(prototxt) {
  const total = {};
  const by = {};
  const nodes = Parser.parse(prototxt).sortTopologically();
  for (const node of nodes) {
    for (const [name, value] of Object.entries({ ...node.analysis.comp, ...node.analysis.mem })) {
      total[name] = (name in total ? total[name] : 0) + value;
      if (value && name !== "activation" && name !== "param") {
        const type = `${node.type} ${name}`;
        by[type] = (by[type] || 0) + value;
      }
    }
  }
  if (Object.values(total).some(Number.isNaN)) {
    throw new Error(`NaN: the batch of its ${nodes[0].type} layer is undefined`);
  }
  return { ...total, by };
}

const answers = {};
for (const [name, prototxt] of Object.entries(JSON.parse(fs.readFileSync(0, "utf8")))) {
  try {
    answers[name] = counted(prototxt);
  } catch (error) {
    answers[name] = { error: String(error).split("\n")[0] };
  }
}
console.log(JSON.stringify(answers));
