// A client of the service over HTTP that shares no code with archcalc: Node or a browser, Connect for ECMAScript, and
// messages made from the descriptors of the contract. `node web.mjs connect|grpc-web URL DESCRIPTORS` prints one JSON
// object with what it was answered; DESCRIPTORS is a file with a FileDescriptorSet.
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import * as node from "@connectrpc/connect-node";
import * as web from "@connectrpc/connect-web";

const [protocol, baseUrl, descriptors] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const service = registry.getService("archcalc.v1.ArchcalcService");
const nearest = registry.getMessage("archcalc.v1.NearestNames");
const transports = {
  connect: {
    "node, JSON": node.createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
    "node, binary, GET": node.createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: true, useHttpGet: true }),
    "fetch, JSON, GET": web.createConnectTransport({ baseUrl, useHttpGet: true }),
  },
  "grpc-web": {
    "node": node.createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
    "fetch": web.createGrpcWebTransport({ baseUrl }),
  },
};

async function ask(transport) {
  const client = createClient(service, transport);
  const { analysis } = await client.analyze({ network: { source: { case: "name", value: "vgg16" } } });
  const points = [64, 96].map((side) => ({ input: { sizes: [3n, BigInt(side), BigInt(side)] } }));
  const swept = [];
  for await (const response of client.sweep({ network: { source: { case: "name", value: "resnet18" } }, points })) {
    swept.push(...response.evaluations.map((each) => String(each.totals.values.mult_adds.kind.value)));
  }
  const error = await client.analyze({ network: { source: { case: "name", value: "vgg61" } } }).catch((reason) => reason);
  const late = await client.analyze({ network: { source: { case: "name", value: "slow" } } }, { timeoutMs: 200 }).catch((reason) => reason);
  return {
    params: String(analysis.totals.values.params.kind.value),
    layers: analysis.layers.map((layer) => [layer.name, String(layer.multAdds)]),
    swept,
    code: Code[error.code],
    near: ConnectError.from(error).findDetails(nearest).flatMap((each) => each.names),
    late: Code[late.code],
  };
}

const answers = {};
for (const [name, transport] of Object.entries(transports[protocol])) answers[name] = await ask(transport);
console.log(JSON.stringify(answers));
