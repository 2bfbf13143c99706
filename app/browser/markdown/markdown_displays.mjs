// Which code can be shown as more than code: the room of displays does that.

const KINDS = new Map(
  Object.entries({ mermaid: "diagram", mmd: "diagram", svg: "picture", html: "page", htm: "page", xhtml: "page" }),
);
// An SVG file under another name, or none.
const MAYBE = new Set(["xml", "html", "htm", "xhtml", ""]);
const SVG = /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^]{0,2000}?-->\s*)?(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i;

/** @returns {"diagram" | "picture" | "page" | undefined} */
export function displayOf(language, text) {
  const name = language.toLowerCase();
  return MAYBE.has(name) && SVG.test(text) ? "picture" : KINDS.get(name);
}

/** The fence of this block is closed: it can be shown, and who wants to hears of it. */
export function close(block) {
  // A language that reads like an address of code was taken out.
  const shows = displayOf(block.dataset.language ?? "", block.querySelector("code").textContent);
  if (!shows || block.dataset.closed === shows) return;
  block.dataset.closed = shows;
  block.dispatchEvent(new CustomEvent("code-closed", { bubbles: true }));
}
