// The place of an answer's headings in the order of the page's, told to those who hear it. Whatever
// level an answer begins with and skips, each heading is one below that it belongs to; how it is
// drawn, and copied, is its author's level.

// The page's own headings of a message are of the second.
const ABOVE = 2;

/**
 * Tell each heading in these nodes its place.
 *
 * @param {Iterable<Node>} nodes in the order of the text
 * @param {number[]} open author's levels of the headings that text before them stands under
 * @returns {number[]} those that text after them does
 */
export function placeHeadings(nodes, open) {
  for (const node of nodes) {
    if (node.nodeType !== Node.ELEMENT_NODE) continue;
    for (const heading of node.matches(HEADING) ? [node] : node.querySelectorAll(HEADING)) {
      const level = Number(heading.className.at(-1));
      open = [...open.filter((above) => above < level), level];
      const place = String(ABOVE + open.length);
      if (heading.localName === `h${place}`) heading.removeAttribute("aria-level");
      else heading.setAttribute("aria-level", place);
    }
  }
  return open;
}

const HEADING = '[class^="level-"]';
