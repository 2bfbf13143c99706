// Reads a byte stream for Python. An `await` from Python costs some 160 µs, whatever it brings:
// so this reads on by itself and joins what has arrived, and Python waits once a burst.

// Bytes read ahead before the pump waits for its consumer. A network read is at most 64 KiB in
// today's browsers, so a quick consumer never meets this; a slow one stops the sender.
const READ_AHEAD = 256 * 1024;

/**
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {{next(): Promise<Uint8Array | undefined>, cancel(): void}}
 *   `next` gives all bytes that have arrived, waiting where there are none; undefined at the end
 *   (undefined, because null would reach Python as an object of its own). It throws what the
 *   stream threw, after the bytes that came before; Chromium itself drops those of the last few
 *   milliseconds before a connection breaks. `cancel` gives up the stream.
 */
export function openBytePump(stream, limit = READ_AHEAD) {
  const reader = stream.getReader();
  let chunks = [];
  let size = 0;
  let ended = false;
  let failure;
  let arrived = () => {};
  let drained = () => {};

  async function read() {
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        chunks.push(value);
        size += value.length;
        arrived();
        while (size >= limit && !ended) await new Promise((resolve) => (drained = resolve));
      }
    } catch (error) {
      failure = error;
    }
    ended = true;
    arrived();
  }

  function take() {
    const joined = chunks.length === 1 ? chunks[0] : new Uint8Array(size);
    if (chunks.length > 1) {
      let start = 0;
      for (const chunk of chunks) {
        joined.set(chunk, start);
        start += chunk.length;
      }
    }
    chunks = [];
    size = 0;
    drained();
    return joined;
  }

  read();

  return {
    async next() {
      while (!size && !ended) await new Promise((resolve) => (arrived = resolve));
      if (size) return take();
      if (failure) throw failure;
      return undefined;
    },
    cancel() {
      ended = true;
      arrived();
      drained();
      // An aborted fetch has already failed its stream; cancelling it then rejects, which is fine.
      reader.cancel().catch(() => {});
    },
  };
}
