// Changes what is in the page into what is wanted, no more than it differs: a selection stays.

/** Make `old` equal to `wanted` by small changes; false where it has to be replaced. */
export function morph(old, wanted) {
  if (old.nodeType !== wanted.nodeType) return false;
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== wanted.data) {
      if (wanted.data.startsWith(old.data)) old.appendData(wanted.data.slice(old.data.length));
      else old.data = wanted.data;
    }
    return true;
  }
  if (old.localName !== wanted.localName) return false;
  // Drawn by another library since: its source says whether that holds.
  const made = old.tokenfallSource;
  if (made !== undefined) return made === wanted.textContent && old.className === wanted.className;
  for (const name of old.getAttributeNames()) {
    if (!wanted.hasAttribute(name) && !(name === "data-wrap" || isOpen(old, name))) old.removeAttribute(name);
  }
  for (const name of wanted.getAttributeNames()) {
    const value = wanted.getAttribute(name);
    if (old.getAttribute(name) !== value && !isOpen(old, name)) old.setAttribute(name, value);
  }
  morphFrom(old, [...wanted.childNodes], old.firstChild);
  return true;
}

/** Whether <details> are open is the reader's, once they are there. */
const isOpen = (element, name) => name === "open" && element.localName === "details";

/** Make the children of `old` from `child` on equal to those that are wanted. */
export function morphFrom(old, wanted, child) {
  for (const want of wanted) {
    if (!child) {
      old.append(want);
    } else {
      const next = child.nextSibling;
      if (!morph(child, want)) child.replaceWith(want);
      child = next;
    }
  }
  while (child) {
    const next = child.nextSibling;
    child.remove();
    child = next;
  }
}
