// Starts a Python of its own in the worker of a document without an origin, from bytes that the page hands over,
// since nothing of the page's server can be asked from here. By hand because Python isn't up yet.

const BASE = "https://pyodide.invalid/"; // no address that is ever asked
const WASM = `${BASE}pyodide.asm.wasm`;

const address = (bytes, type) => URL.createObjectURL(new Blob([bytes], { type }));

// In pages of 64 KiB: 1 GB.
const MOST_MEMORY = 16_384;

/** Lower the ceiling of the memory that this program states, which is 4 GB. What runs in it can't
    raise it again. (Section 5 of the WebAssembly format; numbers are LEB128.) */
function limitMemory(program) {
  const bytes = new Uint8Array(program);
  let at = 8; // after the magic number and the version
  const number = () => {
    let value = 0;
    for (let shift = 0, byte = 128; byte >= 128; shift += 7) {
      byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
    }
    return value;
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const size = number();
    const end = at + size;
    if (section === 5) {
      const [count, flags] = [number(), number()];
      number(); // the least
      const from = at;
      if (count !== 1 || !(flags & 1) || number() < MOST_MEMORY) break;
      // In as many bytes as there are.
      for (let rest = MOST_MEMORY, place = from; place < at; place++, rest >>>= 7) {
        bytes[place] = (rest & 127) | (place < at - 1 ? 128 : 0);
      }
      return;
    }
    at = end;
  }
  throw new Error("pyodide.asm.wasm states its memory in a way that is not known here");
}

/** Texts go on as they are; the bytes of a file move. */
function reply(what) {
  if (typeof what === "string") return postMessage(what);
  const bytes = what.toJs().slice();
  postMessage(bytes.buffer, [bytes.buffer]);
}

async function start({ loader, module, wasm, library, lock, wheels, service, interrupts }) {
  limitMemory(wasm);
  // No module can use it. Pyodide tries all the same, which the policy forbids and Firefox reports.
  globalThis.importScripts = undefined;
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
  pyodide._api.on_fatal = (error) => postMessage({ state: "failed", reason: String(error) });
  const site = pyodide.runPython("import site; site.getsitepackages()[0]");
  for (const wheel of wheels) pyodide.unpackArchive(wheel, "wheel", { extractDir: site });
  pyodide.runPython("import importlib; importlib.invalidate_caches()");
  // Without one that is shared nothing can be told there, but Python looks into it now and then: by
  // such a call WebKit ends a worker, which goes on for ever while WebAssembly calls nothing else.
  pyodide.setInterruptBuffer(interrupts ?? new Uint8Array(1));
  // Packages of Pyodide's list, of files that the page has handed over: Pyodide knows what they need
  // beside these, such as shared libraries. What went wrong is given back.
  async function load(names, files) {
    const wanted = names.toJs();
    const given = files.toJs({ dict_converter: Object.fromEntries });
    const problems = [];
    const before = globalThis.fetch;
    globalThis.fetch = async (what) => {
      const name = decodeURIComponent(String(what).split("/").pop());
      if (!given[name]) throw new Error(`${name} was not handed over`);
      return new Response(given[name]);
    };
    try {
      await pyodide.loadPackage(wanted, { checkIntegrity: false, messageCallback() {}, errorCallback: (said) => problems.push(said) });
    } catch (error) {
      problems.push(String(error));
    } finally {
      globalThis.fetch = before;
    }
    return wanted.every((name) => name in pyodide.loadedPackages) ? [] : problems;
  }
  // Where Python carries requests itself (app/python/network.py), the browser's `fetch` does as well, and
  // what builds upon that: `pyfetch`, the clients that know Pyodide.
  function carry(carried, plainRequest) {
    const send = carried.copy();
    globalThis.XMLHttpRequest = plainRequest.copy(); // for Python: there is nobody else here
    globalThis.fetch = async (what, options) => {
      if (String(what?.url ?? what).startsWith("blob:")) return ask(what, options);
      const request = new Request(what, options);
      const body = new Uint8Array(await request.arrayBuffer());
      const aborted = new Promise((_, reject) => {
        const end = () => reject(request.signal.reason);
        if (request.signal.aborted) end();
        request.signal.addEventListener("abort", end);
      });
      const answered = send(request.method, request.url, [...request.headers], body);
      const [status, headers, bytes, url] = (await Promise.race([answered, aborted])).toJs();
      if (!status) throw new TypeError(headers); // it is the reason
      const hasBody = ![204, 205, 304].includes(status);
      const response = new Response(hasBody ? bytes : null, { status, headers });
      return Object.defineProperty(response, "url", { value: url });
    };
  }
  const answer = pyodide.pyimport(service).serve(reply, { load, carry });
  onmessage = ({ data }) => answer(data);
  postMessage({ state: "ready" });
}

onmessage = ({ data }) => {
  start(data).catch((error) => postMessage({ state: "failed", reason: String(error) }));
};
