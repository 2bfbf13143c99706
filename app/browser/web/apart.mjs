// How a document without an origin is loaded. A frame with the attribute `sandbox` goes past the service
// worker, and so past all that is kept for a start without a network. By hand because the frames of
// displays need it without Python.

/**
 * The attributes of a frame for the document at this address: where the service worker has it, it takes
 * the origin away itself, by a header. The document starts nothing where neither has.
 * @param {string} address
 * @param {string} rights what `sandbox` allows it
 */
export async function apart(address, rights) {
  try {
    const answer = await fetch(address);
    const hash = answer.headers.get("kept-as");
    if (hash) return { src: `${address}?kept=${hash}` };
  } catch {
    // No network, and nothing kept: the frame's own failure is told.
  }
  return { sandbox: rights, src: address };
}
