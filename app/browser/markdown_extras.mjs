// Highlighting and formulas. Both libraries are large, so they are loaded when the first block that
// needs one is finished; until then, and where they fail, the source is shown.

import DOMPurify from "../../vendor/dompurify/purify.js";

// Longer code stays as it is: colouring it would hold up the page.
const HIGHLIGHT_CHARACTERS = 20_000;
const FORMULA_CHARACTERS = 10_000;
const TASK_MS = 10;

let highlighter;
let katex;
// What waits to be drawn, in order, and the work on it.
const waiting = [];
let working;

/** Resolves when all that was begun is drawn. */
export async function settled() {
  while (working) await working;
}

/** Draw what a finished block has of code and formulas. */
export function enrich(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  for (const code of node.querySelectorAll("pre > code[class]")) {
    if (code.tokenfallSource === undefined && code.textContent.length <= HIGHLIGHT_CHARACTERS) add(() => highlight(code));
  }
  for (const formula of node.querySelectorAll(".math")) {
    if (formula.tokenfallSource === undefined && formula.textContent.length <= FORMULA_CHARACTERS) add(() => typeset(formula));
  }
}

function add(job) {
  waiting.push(job);
  working ??= work();
}

/** One after the other, and not for long in one task: a long message has many of them. */
async function work() {
  await undefined; // whoever adds one may add more
  let began = performance.now();
  while (waiting.length) {
    if (performance.now() - began > TASK_MS) {
      await new Promise((resolve) => setTimeout(resolve));
      began = performance.now();
    }
    await waiting.shift()().catch((error) => console.warn(String(error)));
  }
  working = undefined;
}

async function highlight(code) {
  const name = code.className.replace("language-", "");
  highlighter ??= import("../../vendor/highlight/highlight.js").then((module) => module.default);
  const library = await highlighter;
  const source = code.textContent;
  if (code.tokenfallSource !== undefined || !library.getLanguage(name)) return;
  const { value } = library.highlight(source, { language: name, ignoreIllegals: true });
  code.replaceChildren(
    DOMPurify.sanitize(value, { ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"], RETURN_DOM_FRAGMENT: true }),
  );
  code.tokenfallSource = source;
}

async function typeset(formula) {
  katex ??= loadKatex();
  const library = await katex;
  if (formula.tokenfallSource !== undefined) return;
  const tex = formula.textContent;
  const options = {
    displayMode: formula.classList.contains("display"),
    throwOnError: false,
    strict: "ignore",
    trust: false,
    maxSize: 20,
    maxExpand: 1000,
  };
  const tree = library.__renderToDomTree(tex, options);
  setAside(tree);
  const node = tree.toNode();
  for (const styled of [node, ...node.querySelectorAll("[data-style]")]) {
    if (styled.dataset.style === undefined) continue;
    // Our policy allows styles that a script sets, not those in attributes.
    styled.style.cssText = styled.dataset.style;
    delete styled.dataset.style;
  }
  formula.replaceChildren(node);
  // For whoever copies it.
  formula.dataset.tex = tex;
  formula.tokenfallSource = tex;
}

/** KaTeX writes some styles as attributes: keep them under another name. */
function setAside(node) {
  if (node.attributes?.style) {
    node.attributes["data-style"] = node.attributes.style;
    delete node.attributes.style;
  }
  for (const child of node.children ?? []) setAside(child);
}

async function loadKatex() {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL("../../vendor/katex/katex.css", import.meta.url).href;
  document.head.append(sheet);
  await import("../../vendor/katex/katex.js");
  return globalThis.katex;
}
