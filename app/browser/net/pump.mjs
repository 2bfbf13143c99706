// Reads a byte stream for Python. Each time that Python waits costs it turns of its event loop,
// whatever they bring: so this reads on by itself, joins what has arrived, and wakes Python once a
// burst, by a call.

// Bytes read ahead before the pump waits for its consumer. A network read is at most 64 KiB in
// today's browsers, so a quick consumer never meets this; a slow one stops the sender.
const READ_AHEAD = 256 * 1024;

/**
 * @param {ReadableStream<Uint8Array>} stream
 * @param {() => void} arrived called once after each `take` that gave nothing, when there is more
 * @param {number} pause milliseconds for which further bytes are gathered after some were taken:
 *   what is not shown sooner need not be read more often
 * @returns {{take(): Uint8Array | false | undefined, cancel(): void}}
 *   `take` gives all bytes that have arrived; false where there are none yet, undefined at the end
 *   (undefined, because null would reach Python as an object of its own). It throws what the
 *   stream threw, after the bytes that came before; Chromium itself drops those of the last few
 *   milliseconds before a connection breaks. `cancel` gives up the stream, and nothing is called
 *   any more.
 */
export function openBytePump(stream, arrived, pause = 0, limit = READ_AHEAD) {
  const reader = stream.getReader();
  let chunks = [];
  let size = 0;
  let ended = false;
  let failure;
  let waits = false; // somebody wants to be called
  let timer;
  let taken = -Infinity; // when something was, by performance.now()
  let drained = () => {};

  function tell() {
    if (!waits) return;
    const left = ended || size >= limit ? 0 : taken + pause - performance.now();
    if (left > 0) {
      timer ??= setTimeout(wake, left);
      return;
    }
    wake();
  }

  function wake() {
    clearTimeout(timer);
    timer = undefined;
    if (!waits) return;
    waits = false;
    arrived();
  }

  async function read() {
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        chunks.push(value);
        size += value.length;
        tell();
        while (size >= limit && !ended) await new Promise((resolve) => (drained = resolve));
      }
    } catch (error) {
      failure = error;
    }
    ended = true;
    tell();
  }

  function joined() {
    const all = chunks.length === 1 ? chunks[0] : new Uint8Array(size);
    if (chunks.length > 1) {
      let start = 0;
      for (const chunk of chunks) {
        all.set(chunk, start);
        start += chunk.length;
      }
    }
    chunks = [];
    size = 0;
    taken = performance.now();
    drained();
    return all;
  }

  read();

  return {
    take() {
      const left = taken + pause - performance.now();
      if (size && (ended || size >= limit || left <= 0)) return joined();
      if (!ended) {
        waits = true; // from the next turn on: whoever asks is not yet waiting
        if (size) timer ??= setTimeout(wake, left);
        return false;
      }
      if (failure) throw failure;
      return undefined;
    },
    cancel() {
      ended = true;
      waits = false;
      clearTimeout(timer);
      drained();
      // An aborted fetch has already failed its stream; cancelling it then rejects, which is fine.
      reader.cancel().catch(() => {});
    },
  };
}
