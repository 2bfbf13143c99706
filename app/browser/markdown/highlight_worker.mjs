// Colours code apart from the page; see highlighting.mjs.

import highlighter from "../../../vendor/highlight/highlight.js";

const SAMPLE = 'def watch(ships):\n    """Note them."""\n    return [f"{ship}: 1" for ship in ships]  # all\n'.repeat(20);

const coloured = (language, source) => highlighter.highlight(source, { language, ignoreIllegals: true }).value;

addEventListener("message", ({ data: { language, source } }) => {
  postMessage({ html: highlighter.getLanguage(language) ? coloured(language, source) : undefined });
});

// How fast this computer is just now.
const began = performance.now();
coloured("python", SAMPLE);
postMessage({ took: performance.now() - began });
