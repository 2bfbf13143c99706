// Loads PyScript for the one script that the page was served with, and for nothing that comes into
// the page later: by itself it runs each <script type="py">, <py-script> and py-click="…" whenever
// one appears. By hand because this is before Python.

const { MutationObserver } = globalThis;
const ELEMENT = /^m?py-script$/;

export async function loadPyScript() {
  const { define } = customElements;
  // Stays: PyScript defines its elements some time after it is here.
  customElements.define = (name, ...rest) => {
    if (!ELEMENT.test(name)) define.call(customElements, name, ...rest);
  };
  // Its first look, which finds our script, needs no observer.
  globalThis.MutationObserver = class extends MutationObserver {
    observe() {}
  };
  try {
    return await import("../../vendor/pyscript/core.js");
  } finally {
    globalThis.MutationObserver = MutationObserver;
  }
}
