// Starts Python, tells how far it is, and keeps what is sent before it is ready.

import "./web/framed.mjs"; // first: in a frame it ends this
import "./conversation/composer/composer.mjs";
import * as frame from "./web/layout.mjs";
import { loadPyScript } from "./pyscript.mjs";

const page = document.documentElement;
const find = (id) => document.getElementById(id);
const part = (element, name) => element.querySelector(`[data-part="${name}"]`);

/* What is true before Python is up */

try {
  find("streaming").checked = localStorage.getItem(`${page.dataset.space ?? ""}tokenfall.mode`) !== "sync";
} catch {
  // Storage can be forbidden; streaming is the default.
}

/* Early send */

let early; // {text, article}: at most one message waits, the next stays in the box

function keep() {
  if (page.dataset.state === "failed") return;
  // As turns.py does: the first indentation stays.
  const text = find("message").value.trimEnd().replace(/^(?:[ \t]*\n)+/, "");
  if (!text || early) return;
  const article = find("template-question").content.firstElementChild.cloneNode(true);
  part(article, "text").textContent = text;
  note(article, "Waiting for Python to start. It will be sent by itself.");
  find("transcript").append(article);
  find("welcome").hidden = true;
  find("message").value = "";
  early = { text, article };
}

function note(article, sentence) {
  const line = part(article, "note");
  line.textContent = sentence;
  line.hidden = !sentence;
}

function drop({ target }) {
  if (!target.closest("[data-command=new-chat]")) return;
  frame.closeSheet();
  early?.article.remove();
  early = undefined;
  find("welcome").hidden = false;
}

find("composer").addEventListener("submit", keep);
document.addEventListener("click", drop);

/** Python is ready and listens itself. Gives what was sent early: {text, article} or undefined. */
function handOver() {
  find("composer").removeEventListener("submit", keep);
  document.removeEventListener("click", drop);
  find("boot-progress").hidden = true;
  if (early) note(early.article, "");
  return early;
}

/* Progress: each step is something that the browser or PyScript has said, none is a guess in time */

const STEPS = [
  "core.js",
  "Loading Pyodide",
  "pyodide.asm.mjs",
  "pyodide.asm.wasm",
  "python_stdlib.zip",
  "Loaded interpreter",
  "Python is up",
];
const done = new Set();

function reached(step) {
  if (!STEPS.includes(step) || page.dataset.state !== "booting") return;
  done.add(step);
  find("boot-progress").value = done.size / STEPS.length;
  const doing = done.has("Loaded interpreter") ? "Starting the app" : "Starting Python";
  const percent = Math.round((100 * done.size) / STEPS.length);
  find("hint").textContent = `${doing}, ${percent} %. You can already write and send.`;
}

const NEEDED = /\/(vendor|wheels)\/|\/pyscript\.toml$/;

addEventListener("py:progress", ({ detail }) => reached(detail));
new PerformanceObserver((list) => {
  for (const { name, responseStatus } of list.getEntries()) {
    const { pathname } = new URL(name);
    // Pyodide waits for ever for some files that are missing, so nobody else would tell.
    if (responseStatus >= 400 && NEEDED.test(pathname)) {
      failLoading(`${pathname}: HTTP status ${responseStatus}`);
    }
    reached(pathname.split("/").pop());
  }
}).observe({ type: "resource", buffered: true });

// Python needs 1 to 3 seconds here; after this many the person should know that it is slow.
const SLOW_MS = 30_000;
setTimeout(() => {
  if (page.dataset.state !== "booting") return;
  find("hint").textContent = "Starting Python takes unusually long. If nothing changes, reload.";
}, SLOW_MS);

/* Failure: a sentence, what to do, and the message back in the box */

function fail(sentence, advice, trace = "") {
  if (page.dataset.state !== "booting") return;
  page.dataset.state = "failed";
  const failure = find("boot-failure");
  part(failure, "sentence").textContent = sentence;
  part(failure, "advice").textContent = advice;
  part(failure, "trace").textContent = trace;
  part(failure, "details").hidden = !trace;
  part(failure, "reload").addEventListener("click", () => location.reload());
  failure.hidden = false;
  find("boot-progress").hidden = true;
  find("hint").textContent = "Python did not start.";
  if (early) {
    note(early.article, "Not sent: Python did not start.");
    find("message").value ||= early.text;
  }
}

/** The needed file that did not load, as far as the browser tells: its path and status. */
function missingFile() {
  for (const { name, responseStatus } of performance.getEntriesByType("resource")) {
    const { pathname } = new URL(name);
    // 0 stands for no answer, and for one that was not the file that was asked for.
    const failed = responseStatus >= 400 || responseStatus === 0;
    if (failed && NEEDED.test(pathname)) return `${pathname} (${responseStatus || "no answer"})`;
  }
}

async function failLoading(error) {
  // The browser lists a file only after it has told its asker, who may have come here.
  let file;
  for (let tries = 0; !file && tries < 10; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    file = missingFile();
  }
  const sentence = file
    ? `A file that Python needs did not load: ${file}.`
    : "Python could not be loaded.";
  const advice = navigator.onLine || ["localhost", "127.0.0.1"].includes(location.hostname)
    ? "Check that the server of this page still runs, then reload."
    : "This computer is offline. Connect it, then reload.";
  fail(sentence, advice, String(error?.message ?? error));
}

addEventListener("unhandledrejection", ({ reason }) => failLoading(reason));

/** Colour the code in a text field; without the library it is plain. */
async function colourField(field, layer) {
  try {
    await (await import("./tools/own/code_layer.mjs")).colourField(field, layer);
  } catch (error) {
    console.warn(`Colours: ${error}`);
  }
}

/* Start */

/** Wait for the first paint, from which the rest would take the processor; where nobody sees the
    page, or not any more, there is none. Nor does each page that counts as visible get a frame (below
    another window, in a frame out of sight): none waits longer than a second. */
const painted = () =>
  new Promise((next) => {
    if (document.hidden) next();
    document.addEventListener("visibilitychange", next, { once: true });
    requestAnimationFrame(() => setTimeout(next));
    setTimeout(next, 1000);
  });

/** Hand the token of the printed address to the server, which takes it from there by itself unless
    the service worker of 0.1.0 has answered in its place. */
async function handInToken() {
  const { pathname, searchParams, hash } = new URL(location.href);
  if (page.dataset.host !== "server" || !searchParams.has("token")) return;
  try {
    await fetch(location.href);
  } catch {
    // No server: the page says so.
  }
  searchParams.delete("token");
  const rest = String(searchParams);
  history.replaceState(history.state, "", pathname + (rest && `?${rest}`) + hash);
}

async function start() {
  await handInToken();
  await painted();
  if (typeof WebAssembly !== "object") {
    fail(
      "This browser does not offer WebAssembly, which Python needs here.",
      "Use a current Firefox, Chrome, Edge or Safari. Strict modes (such as Lockdown Mode) turn it off: allow it for this page.",
    );
    return;
  }
  let pyscript, forPython;
  try {
    [pyscript, forPython] = await Promise.all([loadPyScript(), import("./for_python.mjs")]);
  } catch (error) {
    failLoading(error);
    return;
  }
  // Beside Python, which does not wait for it.
  const markdown = import("./markdown/markdown.mjs").catch((error) => console.warn(`Markdown: ${error}`));
  // The default worker hook is turned into a string and back with Function(), which our policy
  // forbids as eval. The page starts no PyScript workers. Clearing is in time because PyScript
  // looks at its hooks only after its plugins have been fetched.
  pyscript.hooks.worker.onBeforeRunAsync.clear();
  if (!pyscript.config.py) {
    failLoading("pyscript.toml could not be read");
    return;
  }
  let said = "";
  pyscript.hooks.main.onReady.add(({ interpreter, io }) => {
    interpreter.registerJsModule("tokenfall_page", {
      colourField,
      handOver,
      loadDisplays: () => import("./displays/display_frame.mjs"),
      loadMarkdown: () => markdown,
      ...forPython,
      ...frame,
    });
    const { stderr } = io;
    io.stderr = (line, ...rest) => {
      said = String(line?.message ?? line);
      stderr(line, ...rest);
    };
    reached("Python is up");
  });
  document.querySelector('script[type="py"]').addEventListener("py:done", () => {
    // After a successful start the state is "ready", and then this does nothing.
    if (missingFile()) failLoading(said);
    else fail("Python started, but the app did not.", "Reload the page. If that does not help, see what it said.", said);
  });
}

start();
