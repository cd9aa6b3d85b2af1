// A client that shares no code with archcalc: Node, @grpc/grpc-js, and the contract as the server's reflection tells it
// (or, with a second argument, as a proto file tells it). `node client.mjs HOST:PORT [PROTO FOLDER]` prints one JSON
// object with what it was answered.
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const [address, folder] = process.argv.slice(2);
const insecure = grpc.credentials.createInsecure();
const options = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true };
const CONTRACT = "archcalc/v1/archcalc.proto";
const SERVICE = "archcalc.v1.ArchcalcService";
const REFLECTION = `
syntax = "proto3"; package grpc.reflection.v1alpha;
service ServerReflection { rpc ServerReflectionInfo(stream Ask) returns (stream Told); }
message Ask { string host = 1; oneof ask { string file_containing_symbol = 4; string list_services = 7; } }
message Told { oneof told { Files file_descriptor_response = 4; Services list_services_response = 6; } }
message Files { repeated bytes file_descriptor_proto = 1; }
message Services { repeated Service service = 1; }
message Service { string name = 1; }`;

async function reflected() {
  const { default: protobuf } = await import("protobufjs");
  const parsed = loader.fromJSON(protobuf.parse(REFLECTION, { keepCase: true }).root.toJSON(), options);
  const Reflection = grpc.loadPackageDefinition(parsed).grpc.reflection.v1alpha.ServerReflection;
  const client = new Reflection(address, insecure);
  const ask = (question) =>
    new Promise((resolve, reject) => {
      const call = client.ServerReflectionInfo({ deadline: Date.now() + 20_000 });
      call.on("data", (told) => { resolve(told); call.end(); });
      call.on("error", reject);
      call.write(question);
    });
  const { list_services_response: list } = await ask({ list_services: "*" });
  const { file_descriptor_response: files } = await ask({ file_containing_symbol: SERVICE });
  client.close();
  const set = [lengthDelimited(files.file_descriptor_proto)];
  return { services: list.service.map((each) => each.name), definition: loader.loadFileDescriptorSetFromBuffer(Buffer.concat(set), options) };
}

// A FileDescriptorSet: field 1, length, content, for each file.
function lengthDelimited(files) {
  return Buffer.concat(files.flatMap((file) => [Buffer.from([0x0a]), varint(file.length), Buffer.from(file)]));
}

function varint(number) {
  const bytes = [];
  for (; number > 127; number >>>= 7) bytes.push((number & 127) | 128);
  return Buffer.from([...bytes, number]);
}

const { services, definition } = folder
  ? { services: [], definition: loader.loadSync(CONTRACT, { ...options, includeDirs: [folder] }) }
  : await reflected();
// proto-loader has maps as lists of entries where it got them from descriptors.
const map = (given) => (folder ? given : Object.entries(given).map(([key, value]) => ({ key, value })));
const mapped = (held) => (Array.isArray(held) ? Object.fromEntries(held.map((each) => [each.key, each.value])) : held);
const Service = grpc.loadPackageDefinition(definition).archcalc.v1.ArchcalcService;
const client = new Service(address, insecure);
const deadline = () => ({ deadline: Date.now() + 30_000 });

const unary = (method, request) =>
  new Promise((resolve, reject) =>
    client[method](request, deadline(), (error, response) => (error ? reject(error) : resolve(response))));

const stream = (method, request) =>
  new Promise((resolve, reject) => {
    const messages = [];
    const call = client[method](request, deadline());
    call.on("data", (message) => messages.push(message));
    call.on("error", reject);
    call.on("end", () => resolve(messages));
  });

const { analysis } = await unary("Analyze", { network: { name: "vgg16" } });
const narrow = await unary("Analyze", {
  network: { name: "mobilenet_v1", hyperparameters: map({ width: { real: 0.5 } }), batch: 8, dtype: "DTYPE_FLOAT16" },
});
const names = [];
for (let token = ""; ; ) {
  const page = await unary("CataloguePage", { pattern: "resnet", page_size: 40, page_token: token });
  names.push(...page.entries.map((entry) => entry.name));
  token = page.next_page_token;
  if (!token) break;
}
const { space } = await unary("Describe", { name: "anynet_a" });
const sides = [224, 225, 320];
const evaluated = await stream("Sweep", {
  network: { name: "resnet50" },
  points: sides.map((side) => ({ input: { sizes: [3, side, side] } })),
});
const shared = { op: "conv", inputs: [1], row: "conv2", owner: 1 };
const graph = {
  name: "two", inputs: [{ row: "input", shape: { sizes: [4, 8, 8] } }], outputs: [2],
  nodes: [{ op: "conv", fields: map({ out: { whole: 4 }, kernel: { whole: 3 } }), inputs: [0], row: "conv1" }, shared],
};
const own = await unary("Analyze", { network: { graph } });
const pieces = await stream("GraphPicture", { network: { name: "lenet5" }, format: "GRAPH_FORMAT_DOT" });
const failure = await unary("Analyze", { network: { name: "vgg61" } }).catch((error) => error);
client.close();

console.log(JSON.stringify({
  services,
  params: mapped(analysis.totals.values).params.whole,
  layers: analysis.layers.map((layer) => [layer.name, layer.op, layer.output_shape, layer.mult_adds]),
  narrow: mapped(narrow.analysis.totals.values),
  own: mapped(own.analysis.totals.values),
  names,
  anynet_a: space.size,
  evaluated: evaluated.flatMap((each) => each.evaluations).map((each) => mapped(each.totals.values).mult_adds.whole),
  picture: Buffer.concat(pieces.map((piece) => piece.chunk)).toString(),
  failure: [failure.code, failure.details],
}));
