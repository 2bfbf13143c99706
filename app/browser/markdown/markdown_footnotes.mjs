// Footnotes below the text: numbered by their first use, with links there and back.

import { enrich } from "./markdown_extras.mjs";

// Links back from one note, and uses that are links at all: of each, more are numbers only.
const BACK = 20;
const USES = 1000;

/**
 * The notes themselves stay, hidden, where they were written; what is shown is a copy.
 *
 * @param {Element} element the message
 * @param {Element | undefined} section what this gave before
 * @param {string} prefix of ids, another one for each message
 * @param left what the message may have of code and formulas, see `enrich`
 * @returns {Element | undefined} the section at the end of the message, if there are notes
 */
export function numberNotes(element, section, prefix, left) {
  const notes = new Map();
  for (const note of element.querySelectorAll(".footnote")) {
    if (!notes.has(note.dataset.note)) notes.set(note.dataset.note, note);
  }
  let links = 0;
  const shown = new Map(); // label -> its item and the places that use it
  const list = document.createElement("ol");
  const visit = (uses) => {
    for (const use of uses) {
      const label = use.dataset.note;
      if (!notes.has(label)) continue;
      if (!shown.has(label)) {
        const item = document.createElement("li");
        for (const child of notes.get(label).childNodes) item.append(child.cloneNode(true));
        list.append(item);
        shown.set(label, { item, uses: [] });
      }
      shown.get(label).uses.push(use);
    }
  };
  visit([...element.querySelectorAll(".footnote-use")].filter((use) => !use.closest(".footnote, .footnotes")));
  // Notes may use notes; those come after the ones that the text uses.
  for (const { item } of shown.values()) visit(item.querySelectorAll(".footnote-use"));

  if (!shown.size) {
    section?.remove();
    return undefined;
  }
  let number = 0;
  for (const { item, uses } of shown.values()) {
    number += 1;
    item.id = `${prefix}${number}`;
    item.tabIndex = -1;
    const last = item.lastElementChild?.localName === "p" ? item.lastElementChild : item;
    for (const [at, use] of uses.entries()) {
      links += 1;
      if (links > USES || at >= BACK) {
        if (use.textContent !== String(number)) use.textContent = String(number);
        continue;
      }
      const id = `${item.id}-use${at ? `-${at + 1}` : ""}`;
      point(use, `#${item.id}`, id, number);
      last.append(" ", back(`#${id}`, number));
    }
  }
  // What is in it is drawn further by others, so it is compared as it was made.
  const source = list.outerHTML;
  if (section?.tokenfallSource === source) return section;
  if (!section) {
    section = document.createElement("section");
    section.className = "footnotes";
    section.setAttribute("aria-label", "Footnotes");
    element.append(section);
  }
  section.replaceChildren(list);
  section.tokenfallSource = source;
  enrich(section, left);
  return section;
}

/** Make the mark in the text a link to its note. */
function point(use, href, id, number) {
  const known = use.firstElementChild;
  if (known?.getAttribute("href") === href && known.id === id) return;
  const link = document.createElement("a");
  link.href = href;
  link.id = id;
  link.textContent = String(number);
  link.setAttribute("aria-label", `Footnote ${number}`);
  use.replaceChildren(link);
}

function back(href, number) {
  const link = document.createElement("a");
  link.href = href;
  link.className = "footnote-back";
  link.textContent = "\u21a9";
  link.setAttribute("aria-label", `Back to the text, footnote ${number}`);
  return link;
}
