// Starts a Python of its own in the worker of sandbox.html, from bytes that the page hands over,
// since nothing of the page's server can be asked from here. By hand because Python isn't up yet.

const BASE = "https://pyodide.invalid/"; // no address that is ever asked
const WASM = `${BASE}pyodide.asm.wasm`;

const address = (bytes, type) => URL.createObjectURL(new Blob([bytes], { type }));

async function start(port, { loader, module, wasm, library, lock, wheels }) {
  const ask = globalThis.fetch;
  const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all([
    import(address(loader, "text/javascript")),
    import(address(module, "text/javascript")),
  ]);
  // The one file that Pyodide takes by its own name only.
  const wasmAddress = address(wasm, "application/wasm");
  globalThis.fetch = (what, ...more) => ask(String(what) === WASM ? wasmAddress : what, ...more);
  const pyodide = await loadPyodide({
    createPyodideModule,
    indexURL: BASE,
    packageBaseUrl: BASE,
    lockFileContents: new TextDecoder().decode(lock),
    stdLibURL: address(library, "application/zip"),
  });
  globalThis.fetch = ask;
  // A broken interpreter settles no promise any more.
  pyodide._api.on_fatal = (error) => port.postMessage({ state: "failed", reason: String(error) });
  const site = pyodide.runPython("import site; site.getsitepackages()[0]");
  for (const wheel of wheels) pyodide.unpackArchive(wheel, "wheel", { extractDir: site });
  pyodide.runPython("import importlib; importlib.invalidate_caches()");
  const answer = pyodide.pyimport("app.browser.sandboxed").serve((text) => port.postMessage({ text }));
  port.onmessage = ({ data }) => answer(data);
  port.postMessage({ state: "ready" });
}

addEventListener(
  "message",
  ({ data, ports: [port] }) => {
    start(port, data).catch((error) => port.postMessage({ state: "failed", reason: String(error) }));
  },
  { once: true },
);
