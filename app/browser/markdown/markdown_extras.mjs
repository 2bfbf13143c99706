// Highlighting and formulas. Both libraries are large, so they are loaded when the first block that
// needs one is finished (or the first formula of an open one closed); until then, and where they
// fail, the source is shown.

import { close } from "./markdown_displays.mjs";
import { highlighted } from "./highlighting.mjs";
import { remark } from "./markdown_text.mjs";

// Longer code stays as it is: colouring it would hold up the page. So do code of more colours, and
// what a text has of them after so many.
const HIGHLIGHT_CHARACTERS = 20_000;
const HIGHLIGHT_LINE = 1000;
const SPANS = 5000;
const ALL_SPANS = 25_000;
// How many each code counts for at least: asking for its colours takes as long.
const SPANS_LEAST = 25;
// A formula that is longer, deeper or of more elements stays source, too: a browser lays out what is
// nested by calling itself, and 160 roots in each other end the tab (KaTeX has no limit,
// https://github.com/KaTeX/KaTeX/issues/2788).
const FORMULA_CHARACTERS = 4000;
const FORMULA_DEPTH = 200;
const FORMULA_ELEMENTS = 5000;
// What all formulas of a text may have of characters, how many each counts for at least, and how many
// an environment does: KaTeX lays it out as a table.
const ALL_FORMULAS = 60_000;
const FORMULA_LEAST = 60;
const ENVIRONMENT = 250;
// What all of them may have of elements, of which a browser lays out some 80 in a millisecond, and how
// many a shape counts for, as the arrow of \xrightarrow is: macros and cells make many of few characters.
const ALL_ELEMENTS = 60_000;
const SHAPE = 10;
// So much of it is drawn of a block that is still open; so many elements are like one character.
const OPEN_FORMULAS = 12_000;
const ELEMENTS_A_CHARACTER = 3;
// What is drawn in one task: more where a browser then takes long to lay it out, as in a long list.
const TASK_MS = 10;
const LONGEST_TASK_MS = 40;
const TIMES_THE_PAUSE = 2;

// What only this extension of KaTeX draws. Reading it takes so many times as long, some of it by its square.
const CHEMISTRY = /\\(?:ce|pu)\b/;
const CHEMISTRY_TIMES = 4;
// And what it draws so many times: each letter has some elements that only shift it.
const CHEMISTRY_ELEMENTS = 3;
// Environments that KaTeX does not know, and those of its own that look the same but for spaces.
const ALIKE = { multline: "gather", flalign: "align", eqnarray: "align" };
const ENVIRONMENTS = new RegExp(`(\\\\(?:begin|end))\\{(${Object.keys(ALIKE).join("|")})(?=\\*?\\})`, "g");

let highlighter;
let katex;
let chemistry;
// What waits to be drawn, in order, and the work on it.
const waiting = [];
let working;

/** Resolves when all that was begun is drawn. */
export async function settled() {
  while (working) await working;
}

/** What a message may have of these yet; see `enrich`. */
export const allowance = () => ({ spans: ALL_SPANS, formulas: ALL_FORMULAS, elements: ALL_ELEMENTS, open: OPEN_FORMULAS });

/** Draw what a finished block has of code and formulas, as far as the message may have of them. */
export function enrich(node, left) {
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  for (const block of node.matches(".code") ? [node] : node.querySelectorAll(".code")) close(block);
  for (const code of node.querySelectorAll("pre > code[class]")) {
    if (code.tokenfallSource === undefined && code.textContent.length <= HIGHLIGHT_CHARACTERS) add(() => highlight(code, left));
  }
  for (const formula of node.querySelectorAll(".math")) {
    if (!formula.tokenfallIsCounted) add(() => typeset(formula, left));
  }
  left.open = OPEN_FORMULAS;
}

/** Draw the formulas of a block that is still open: a reader need not wait for its end. */
export function enrichOpen(node, left) {
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  for (const formula of node.querySelectorAll(".math")) {
    const cost = costOf(formula.textContent);
    if (formula.tokenfallSource !== undefined || formula.tokenfallIsBegun || left.open < cost) continue;
    left.open -= cost;
    formula.tokenfallIsBegun = true;
    add(async () => {
      if (left.open < 0 || isSpent(left)) return;
      await put(formula, formula.textContent);
      left.open -= elementsOf(formula) / ELEMENTS_A_CHARACTER;
    });
  }
}

const lengthOf = (tex) => tex.length * (CHEMISTRY.test(tex) ? CHEMISTRY_TIMES : 1);

const costOf = (tex) => Math.max(lengthOf(tex), FORMULA_LEAST) + ENVIRONMENT * (tex.split("\\begin").length - 1);

/** The elements of a drawn formula. */
const elementsOf = (formula) =>
  formula.getElementsByTagName("*").length + SHAPE * formula.getElementsByTagName("svg").length;

/** Whether a message has had all the formulas that it may have. */
const isSpent = (left) => left.formulas <= 0 || left.elements <= 0;

function add(job) {
  waiting.push(job);
  working ??= work();
}

/** One after the other, and not for long in one task: a long message has many of them. */
async function work() {
  await undefined; // whoever adds one may add more
  let [began, most] = [performance.now(), TASK_MS];
  while (waiting.length) {
    const ended = performance.now();
    if (ended - began > most) {
      await another();
      began = performance.now();
      most = Math.min(Math.max(TIMES_THE_PAUSE * (began - ended), TASK_MS), LONGEST_TASK_MS);
    }
    await waiting.shift()().catch((error) => console.warn(String(error)));
  }
  working = undefined;
}

/** Another task. */
const another = () => new Promise((resolve) => setTimeout(resolve));

/** Whether this much code, in no longer lines, is coloured quickly in any case. */
const isShort = (source) => source.length <= HIGHLIGHT_CHARACTERS && !source.split("\n").some((line) => line.length > HIGHLIGHT_LINE);

/** What colours Python at once, as it is typed, when the library is there: source -> nodes; undefined
 * for too much of it. Of Python no text is known that takes long. */
export async function colourer() {
  highlighter ??= import("../../../vendor/highlight/highlight.js");
  const { default: library } = await highlighter;
  return (source) => (isShort(source) ? spans(library.highlight(source, { language: "python", ignoreIllegals: true }).value) : undefined);
}

async function highlight(code, left) {
  const name = code.className.replace("language-", "");
  const source = code.textContent;
  if (code.tokenfallSource !== undefined || code.tokenfallAsked === source || left.spans < SPANS_LEAST) return;
  code.tokenfallAsked = source;
  left.spans -= SPANS_LEAST;
  const value = await highlighted(name, source);
  if (value === undefined || code.textContent !== source) return;
  const count = value.split("<span").length;
  const more = Math.max(count - SPANS_LEAST, 0);
  if (count > SPANS || more > left.spans) return;
  const coloured = spans(value);
  if (coloured.textContent !== source) return;
  left.spans -= more;
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

/** Draw a formula of a finished block, and count it, whether it was drawn while that was open or not:
 * what a message may have does not depend on how it came. */
async function typeset(formula, left) {
  if (formula.tokenfallIsCounted) return; // asked twice before its turn
  // A copy, as footnotes are, has what was drawn, but not what scripts know of it.
  const tex = formula.dataset.tex ?? formula.tokenfallSource ?? formula.textContent;
  if (!isSpent(left)) left.formulas -= costOf(tex);
  formula.tokenfallIsCounted = true;
  if (!isSpent(left)) {
    await put(formula, tex);
    left.elements -= elementsOf(formula) * (CHEMISTRY.test(tex) ? CHEMISTRY_ELEMENTS : 1);
    return;
  }
  formula.replaceChildren(tex);
  delete formula.dataset.tex;
  delete formula.tokenfallSource;
  if (!left.isTold) asSource(formula, tex, "From here on formulas are shown as text: there are too many.");
  left.isTold = true;
}

async function put(formula, tex) {
  if (formula.tokenfallSource !== undefined || formula.dataset.tex !== undefined) return;
  const node = lengthOf(tex) <= FORMULA_CHARACTERS ? await drawn(formula, tex) : undefined;
  // Meanwhile the text may have gone on, or somebody else have drawn it.
  if (formula.tokenfallSource !== undefined || formula.textContent !== tex) return;
  if (!node) return asSource(formula, tex, "Shown as text: this formula is too large to draw.");
  formula.replaceChildren(node);
  if (formula.parentElement?.className === "joint") holdEnd(formula);
  // For whoever copies it.
  formula.dataset.tex = tex;
  formula.tokenfallSource = tex;
}

/** Keep the last part of a formula together with what follows it. */
function holdEnd(formula) {
  const last = formula.querySelector(".katex-html > :last-child");
  if (!last) return;
  const held = document.createElement("span");
  held.className = "joint-end";
  last.replaceWith(held);
  held.append(last);
}

function asSource(formula, tex, why) {
  formula.append(" ", remark(why));
  formula.tokenfallSource = tex;
}

/** The formula as KaTeX draws it; undefined for one that is too large. */
async function drawn(formula, source) {
  katex ??= loadKatex();
  const library = await katex;
  if (CHEMISTRY.test(source)) await (chemistry ??= import("../../../vendor/katex/mhchem.js"));
  const tex = source.replace(ENVIRONMENTS, (_, mark, name) => `${mark}{${ALIKE[name]}`);
  const options = {
    displayMode: formula.classList.contains("display"),
    throwOnError: false,
    strict: "ignore",
    trust: false,
    maxSize: 20,
    maxExpand: 1000,
  };
  let tree;
  try {
    tree = library.__renderToDomTree(tex, options);
    if (setAside(tree, FORMULA_DEPTH, FORMULA_ELEMENTS) < 0) return undefined;
  } catch (error) {
    // So deep that KaTeX itself comes to no end.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  const node = tree.toNode();
  for (const styled of [node, ...node.querySelectorAll("[data-style]")]) {
    if (styled.dataset.style === undefined) continue;
    // Our policy allows styles that a script sets, not those in attributes.
    styled.style.cssText = styled.dataset.style;
    delete styled.dataset.style;
  }
  return node;
}

/** KaTeX writes some styles as attributes: keep them under another name. Returns how many more
 * elements there may be; below 0 there are too many, or they are too deep. */
function setAside(node, depth, left) {
  if (node.attributes?.style) {
    node.attributes["data-style"] = node.attributes.style;
    delete node.attributes.style;
  }
  left -= 1;
  for (const child of node.children ?? []) {
    if (depth <= 0 || left < 0) return -1;
    left = setAside(child, depth - 1, left);
  }
  return left;
}

async function loadKatex() {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL("../../../vendor/katex/katex.css", import.meta.url).href;
  document.head.append(sheet);
  await import("../../../vendor/katex/katex.js");
  return globalThis.katex;
}
