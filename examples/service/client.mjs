// The service over HTTP with Connect for ECMAScript, typed by the contract.
//
//   npm install @connectrpc/connect @connectrpc/connect-node @bufbuild/protobuf @bufbuild/buf
//   npx buf build PATH/TO/archcalc/proto -o contract.binpb
//   archcalc serve --http 127.0.0.1:8080
//   node client.mjs [URL [TOKEN]]
//
// `buf generate` with @bufbuild/protoc-gen-es makes TypeScript of the contract; here its descriptors are read instead.
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";

const [baseUrl = "http://127.0.0.1:8080", token] = process.argv.slice(2);
const contract = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync("contract.binpb")));
const authorize = (next) => (request) => {
  if (token) request.header.set("authorization", `Bearer ${token}`);
  return next(request);
};
const transport = createConnectTransport({ baseUrl, httpVersion: "1.1", useHttpGet: true, interceptors: [authorize] });
const archcalc = createClient(contract.getService("archcalc.v1.ArchcalcService"), transport);
const named = (value) => ({ network: { source: { case: "name", value } } });

const { analysis } = await archcalc.analyze(named("vgg16"), { timeoutMs: 30_000 });
console.log("vgg16", String(analysis.totals.values.params.kind.value)); // counts are BigInt

const points = [64, 96].map((side) => ({ input: { sizes: [3n, BigInt(side), BigInt(side)] } }));
for await (const { evaluations } of archcalc.sweep({ ...named("resnet18"), points })) {
  for (const each of evaluations) console.log("resnet18", String(each.totals.values.mult_adds.kind.value));
}

try {
  await archcalc.analyze(named("vgg61"));
} catch (error) {
  const { code, rawMessage } = ConnectError.from(error);
  console.log(Code[code], rawMessage);
}
