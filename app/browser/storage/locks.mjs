// Locks between the tabs of one browser, for Python. A tab that is closed or killed loses its own.

/**
 * Waits for a lock and holds it until the function that this gives is called. Where the browser
 * has none (pages over plain http from elsewhere), nothing is locked.
 */
export function holdLock(name) {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((resolve, reject) => {
    const held = () => new Promise((release) => resolve(() => release()));
    navigator.locks.request(name, held).catch(reject);
  });
}

/** The names of all locks that any tab holds. */
export async function heldLocks() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.map(({ name }) => name);
}
