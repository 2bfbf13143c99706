// Runs in the page before anything else: counts what goes from Python to the browser and back.
// Pyodide's interpreter imports one function for each thing that Python does with a JavaScript
// object; those are replaced by ones that count.
(() => {
  if (globalThis.crossings) return;
  const crossings = (globalThis.crossings = { reads: 0, writes: 0, calls: 0, proxies: 0, turns: 0, posts: 0, puts: 0 });
  const KINDS = {
    JsProxy_GetAttr_js: "reads",
    JsProxy_SetAttr_js: "writes",
    JsvFunction_CallBound: "calls",
    JsvFunction_Construct: "calls",
    pyproxy_new: "proxies",
    pyproxy_new_ex: "proxies",
    create_once_callable: "proxies",
    create_promise_handles: "proxies",
  };
  const counting = (kind, call) =>
    function (...given) {
      crossings[kind] += 1;
      return call.apply(this, given);
    };
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const begin = WebAssembly[name];
    WebAssembly[name] = (source, imports, ...rest) => {
      for (const [name, kind] of Object.entries(KINDS)) {
        const call = imports?.env?.[name];
        if (typeof call === "function") imports.env[name] = counting(kind, call);
      }
      return begin.call(WebAssembly, source, imports, ...rest);
    };
  }
  // What the clock adds depends on how busy the machine is: while it stands, nothing that is to
  // happen in 0.2 seconds or later does.
  const { setTimeout } = globalThis;
  let held;
  globalThis.setTimeout = (action, ms, ...given) => (held && ms >= 200 ? -held.push([action, given]) : setTimeout(action, ms, ...given));
  globalThis.stopClock = () => (held = []);
  globalThis.startClock = () => {
    const late = held;
    held = undefined;
    for (const [action, given] of late) setTimeout(action, 0, ...given);
  };
  // Pyodide's event loop sends itself a message for each turn.
  MessagePort.prototype.postMessage = counting("turns", MessagePort.prototype.postMessage);
  BroadcastChannel.prototype.postMessage = counting("posts", BroadcastChannel.prototype.postMessage);
  IDBObjectStore.prototype.put = counting("puts", IDBObjectStore.prototype.put);
})();
