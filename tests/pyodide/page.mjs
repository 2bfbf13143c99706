// Starts Pyodide with the tests inside. What Python prints goes to the console, line by line.

import { openForPython } from "/app/database.mjs";
import { heldLocks, holdLock } from "/app/locks.mjs";
import { openBytePump } from "/app/pump.mjs";
import { loadPyodide } from "/pyodide/pyodide.mjs";

const HOME = "/repo";
const text = new TextDecoder();
let unfinished = "";

function print(bytes) {
  const lines = (unfinished + text.decode(bytes, { stream: true })).split("\n");
  unfinished = lines.pop();
  for (const line of lines) console.log(line);
  return bytes.length;
}

async function bytes(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return await response.arrayBuffer();
}

/** Unpack everything; resolves to the interpreter's version. */
export async function start({ wheels, archives, environment }) {
  const pyodide = await loadPyodide({ env: { ...environment, HOME } });
  pyodide.registerJsModule("tokenfall_page", { heldLocks, holdLock, openBytePump, openForPython });
  pyodide.setStdout({ write: print });
  pyodide.setStderr({ write: print });
  // A broken interpreter settles no promise any more.
  pyodide._api.on_fatal = (error) => (globalThis.outcome = { error: `Python died: ${error}` });
  const packages = pyodide.runPython("import site; site.getsitepackages()[0]");
  for (const wheel of wheels) {
    pyodide.unpackArchive(await bytes(wheel), "wheel", { extractDir: packages });
  }
  for (const [archive, folder] of Object.entries(archives)) {
    pyodide.FS.mkdirTree(folder);
    pyodide.unpackArchive(await bytes(archive), "zip", { extractDir: folder });
  }
  globalThis.pyodide = pyodide;
  return pyodide.runPython(`
import importlib, os, platform, sys
importlib.invalidate_caches()
os.chdir("${HOME}")
sys.path.insert(0, "${HOME}")
platform.python_version()
`);
}

/** Run the tests in a folder; the outcome, as JSON, is put into `globalThis.outcome`. */
export function run(folder) {
  globalThis.outcome = undefined;
  globalThis.pyodide
    .runPythonAsync(`
from tests.pyodide.inside import run
run("${folder}")
`)
    .then(
      (outcome) => (globalThis.outcome = { outcome }),
      (error) => (globalThis.outcome = { error: String(error) }),
    );
}
