// Highlighting and formulas. Both libraries are large, so they are loaded when the first block that
// needs one is finished; until then, and where they fail, the source is shown.

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
      await another();
      began = performance.now();
    }
    await waiting.shift()().catch((error) => console.warn(String(error)));
  }
  working = undefined;
}

/** Another task. */
const another = () => new Promise((resolve) => setTimeout(resolve));

const loadHighlighter = () =>
  (highlighter ??= import("../../vendor/highlight/highlight.js").then((module) => module.default));

/** What colours code of a language, once the library is there: source -> nodes; undefined for too
 * much of it. */
export async function colourer(language) {
  const library = await loadHighlighter();
  return (source) =>
    source.length > HIGHLIGHT_CHARACTERS ? undefined : spans(library.highlight(source, { language, ignoreIllegals: true }).value);
}

async function highlight(code) {
  const name = code.className.replace("language-", "");
  const library = await loadHighlighter();
  const source = code.textContent;
  if (code.tokenfallSource !== undefined || !library.getLanguage(name)) return;
  const began = performance.now();
  const { value } = library.highlight(source, { language: name, ignoreIllegals: true });
  if (performance.now() - began > TASK_MS) await another();
  const coloured = spans(value);
  if (code.textContent !== source || coloured.textContent !== source) return;
  code.replaceChildren(coloured);
  code.tokenfallSource = source;
}

const SPAN = /<span class="([\w -]*)">|(<\/span>)|&(amp|lt|gt|quot|#x27);|([^<&]+)/g;
const CHARACTERS = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'" };

/** What the highlighter writes, without a parser of HTML: of 20,000 characters that takes long. */
function spans(html) {
  const fragment = document.createDocumentFragment();
  let open = fragment;
  let text = "";
  const put = () => {
    if (text) open.append(text);
    text = "";
  };
  for (const [, name, end, entity, plain] of html.matchAll(SPAN)) {
    if (plain || entity) {
      text += plain ?? CHARACTERS[entity];
      continue;
    }
    put();
    if (end) {
      open = open.parentNode ?? open;
    } else {
      const span = document.createElement("span");
      span.className = name;
      open = open.appendChild(span);
    }
  }
  put();
  return fragment;
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
