/** Files that are compressed with gzip, read as they come. */

export type Progress = (loaded: number, total: number) => void;

/** The response with its body inflated, unless the host has told the browser to do so already. */
export async function inflated(response: Response, type: string, progress: Progress): Promise<Response> {
  if (!response.body) throw new Error("an empty file");
  const [first, body] = await begun(counting(response, progress));
  const compressed = first?.[0] === 0x1f && first[1] === 0x8b;
  const stream = compressed ? body.pipeThrough(new DecompressionStream("gzip")) : body;
  return new Response(stream, { headers: { "Content-Type": type } });
}

function counting(response: Response, progress: Progress): ReadableStream<Uint8Array<ArrayBuffer>> {
  const total = Number(response.headers.get("Content-Length") ?? 0);
  let loaded = 0;
  progress(loaded, total);
  const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      loaded += chunk.length;
      progress(loaded, Math.max(loaded, total));
      controller.enqueue(chunk);
    },
  });
  return (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(count);
}

/** The first chunk of a stream, and the stream with it. */
async function begun(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<[Uint8Array | undefined, ReadableStream<Uint8Array<ArrayBuffer>>]> {
  const reader = stream.getReader();
  const { value: first } = await reader.read();
  const whole = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      if (first) controller.enqueue(first);
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return [first, whole];
}
