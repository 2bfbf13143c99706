// Registers the service worker once the page is up, so that keeping the page for the next visit
// takes nothing from this one; and passes on what it says of a new version.

const { serviceWorker } = navigator;
const SCRIPT = "./service_worker.mjs";

// The policy asks for this wherever a string becomes the address of a script.
const address = globalThis.trustedTypes
  ? trustedTypes.createPolicy("service-worker", { createScriptURL: () => SCRIPT }).createScriptURL("")
  : SCRIPT;

let isRegistered = Promise.resolve(false);

/** Keep these files too, which a page fetches with their first use. */
export async function keepUsed(...paths) {
  if (await isRegistered) (await serviceWorker.ready).active.postMessage({ used: paths });
}

// A page that is open for long asks for it when the person comes back to it, but not each time.
const ASK_AGAIN_MS = 10 * 60_000;

/** Keep the page for the next visit; call `onNewVersion` when there is a newer one than this. */
export async function keepForNextVisit(onNewVersion) {
  // Not there on plain http from elsewhere, and in some private windows.
  if (!serviceWorker) return;
  let isTold = false;
  serviceWorker.addEventListener("message", ({ data }) => {
    if (data !== "new version" || isTold) return;
    isTold = true;
    onNewVersion();
  });
  // Where it is not allowed the page works, it only needs the network each time.
  isRegistered = serviceWorker.register(address).then(() => true, () => false);
  if (!(await isRegistered)) return;
  serviceWorker.controller?.postMessage("is there a new version?");
  let asked = -ASK_AGAIN_MS;
  addEventListener("focus", () => {
    if (isTold || performance.now() - asked < ASK_AGAIN_MS) return;
    asked = performance.now();
    serviceWorker.controller?.postMessage("look for a new version");
  });
}
