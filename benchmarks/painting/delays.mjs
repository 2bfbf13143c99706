// How long a word takes from the network to the eye: from the moment at which the browser hands its
// bytes to the page, until the frame that shows it has been drawn. Words to look for are a number
// between two q.

const MARK = /q\d+q/g;
const waiting = new Map();
const delays = [];
const decoder = new TextDecoder();
const { get } = Object.getOwnPropertyDescriptor(Response.prototype, "body");
const watched = new WeakMap();

function arrived(bytes) {
  for (const [word] of decoder.decode(bytes).matchAll(MARK)) waiting.set(word, performance.now());
}

function watch(body) {
  const through = new TransformStream({
    transform(bytes, next) {
      arrived(bytes);
      next.enqueue(bytes);
    },
  });
  return body.pipeThrough(through);
}

// Whoever reads the body, and however, gets it from here.
Object.defineProperty(Response.prototype, "body", {
  configurable: true,
  get() {
    if (!watched.has(this)) {
      const body = get.call(this);
      const isStream = this.headers.get("content-type")?.startsWith("text/event-stream");
      watched.set(this, body && isStream ? watch(body) : body);
    }
    return watched.get(this);
  },
});

// A message that is sent while a frame is made comes after it has been drawn.
const { port1, port2 } = new MessageChannel();
port1.onmessage = () => {
  const now = performance.now();
  if (waiting.size) {
    const shown = document.getElementById("transcript").textContent.slice(-4000);
    for (const [word, at] of waiting) {
      if (!shown.includes(word)) continue;
      waiting.delete(word);
      delays.push(now - at);
    }
  }
};
const look = () => {
  port2.postMessage(0);
  requestAnimationFrame(look);
};
look();

/** The milliseconds of all words that were seen since the last call. */
export const taken = () => delays.splice(0);
