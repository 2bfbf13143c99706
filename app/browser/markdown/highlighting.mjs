// Colours for code, from a worker that is ended where it takes too long: of some texts the grammars of
// highlight.js make minutes of work (https://github.com/highlightjs/highlight.js/issues/4529).

import { scriptAddress } from "./script_addresses.mjs";

// What one block may take: so many times what the worker needs for a short sample, within these.
const TIMES = 20;
const LEAST_MS = 300;
const MOST_MS = 2000;
// A language of which so many blocks in a row took too long rests.
const ENDED = 3;
// For a language that has to be fetched first.
const FETCH_MS = 15_000;
const REST_MS = 60_000;

let worker; // a promise of one that is ready, and what it may take
let last = Promise.resolve();
const ended = new Map(); // language -> how often in a row, and when

/** HTML of the code; undefined where its language is not known or it takes too long. */
export function highlighted(language, source) {
  // One after the other, so that each is given its own time.
  last = last.then(() => coloured(language, source));
  return last;
}

async function coloured(language, source) {
  const before = ended.get(language);
  if (before?.count >= ENDED && performance.now() < before.at + REST_MS) return undefined;
  worker ??= started();
  let ready;
  try {
    ready = await worker;
  } catch (error) {
    worker = undefined;
    console.warn(`Colours: ${error}`);
    return undefined;
  }
  if (!ready.known.has(language)) {
    ready.worker.postMessage({ language });
    const known = await answerOf(ready.worker, FETCH_MS);
    if (!known) return end(ready);
    ready.known.set(language, known.isKnown);
  }
  if (!ready.known.get(language)) return undefined;
  ready.worker.postMessage({ language, source });
  const answer = await answerOf(ready.worker, ready.limit);
  if (answer) {
    ended.delete(language);
    return answer.html;
  }
  end(ready);
  ended.set(language, { count: Math.min((before?.count ?? 0) + 1, ENDED), at: performance.now() });
  return undefined;
}

function end(ready) {
  ready.worker.terminate();
  worker = undefined;
}

async function started() {
  const made = new Worker(scriptAddress("highlight_worker.mjs"), { type: "module" });
  const { took } = await answerOf(made);
  return { worker: made, known: new Map(), limit: Math.min(Math.max(TIMES * took, LEAST_MS), MOST_MS) };
}

/** What the worker says next; undefined where that takes longer. */
function answerOf(made, limit) {
  return new Promise((resolve, reject) => {
    made.onmessage = ({ data }) => resolve(data);
    made.onerror = ({ message }) => reject(new Error(message ?? "its worker did not start"));
    if (limit) setTimeout(resolve, limit);
  });
}
