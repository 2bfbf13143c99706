// Locks between the tabs of one browser, for Python. A tab that is closed or killed loses its own.

/**
 * Waits for a lock and holds it until the function that this gives is called; with `ifAvailable`
 * it waits for nobody, and gives nothing where another tab holds it. Where the browser has none
 * (pages over plain http from elsewhere), nothing is locked.
 */
export function holdLock(name, ifAvailable = false) {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((resolve, reject) => {
    const held = (lock) =>
      lock ? new Promise((release) => resolve(() => release())) : resolve(undefined);
    navigator.locks.request(name, { ifAvailable }, held).catch(reject);
  });
}

/** The names of all locks that any tab holds. */
export async function heldLocks() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.map(({ name }) => name);
}
