// A closed fence of TeX (```math, ```latex) is drawn as formulas, with its source below them.

// Of these that may be a document too, those alone are drawn that have a mark of a formula.
const NAMES = { math: false, katex: false, latex: true, tex: true };
const MARK = /[\\^_=]/;
// A longer one is no formula that anybody reads.
const MOST = 10_000;

// Of a document, or of a lesson in writing one; KaTeX draws none of it.
const OF_DOCUMENTS =
  /\\(?:documentclass|usepackage|(?:sub)*section|chapter|paragraph|item|maketitle|title|author|includegraphics|caption|cite|bibliography|input|include|newenvironment|newtheorem|usetikzlibrary|draw|node|verb|textbackslash)(?![a-zA-Z])/;
const DRAWN =
  /^(?:align(?:at|ed|edat)?|array|cases|CD|darray|[dr]cases|drcases|eqnarray|equation|flalign|gather(?:ed)?|[bBpvV]?matrix|multline|smallmatrix|split|subarray)\*?$/;
const ENVIRONMENT = /\\(begin|end)\{([^{}\n]{0,40})\}/g;
// Where words may stand. Two elsewhere are prose: a formula would run them into one.
const PLACES_OF_WORDS =
  /\\(?:text[a-z]*|mathrm|operatorname\*?|mbox|ce|pu|tag|label)\s?\{[^{}]*\}|\\[a-zA-Z]+|(?<!\\)%.*/g;
const WORDS = /(?<![\p{L}\p{N}])\p{L}{3,}\s+\p{L}{2,}(?![\p{L}(])/u;
const MARKED = /^\s*(?:\$\$([^]*?)\$\$|\\\[([^]*?)\\\])\s*/;
const DOLLAR = /(?<!\\)\$/;
const OTHER_MARKS = /(?<!\\)\\[[\]()]/;

const RELATION = /[=<>≤≥≈≠→]|\\(?:[lg]eq?|neq?|approx|equiv|sim|cong|propto|to|[rR]ightarrow|implies|iff|in)(?![a-zA-Z])/;
const INDEX = /[_^]\{[^{}]*\}/g;
// What goes on from the line before, or in the next one.
const GOES_ON = /^\s*(?:[=<>/&^_)\]}≤≥≈,]|\\(?:[lg]eq?|neq?|approx|equiv|sim|times|cdot|q?quad|implies|iff|[rR]ightarrow)(?![a-zA-Z]))|[=<>+*/([{≤≥≈,-]\s*$/;

/** Make formulas of the fences of TeX: a rule of the parser. */
export function texFences({ tokens, Token, md }) {
  for (const [at, fence] of tokens.entries()) {
    if (fence.type !== "fence" || !isClosed(fence)) continue;
    const name = md.utils.unescapeAll(fence.info).trim().split(/\s+/)[0].toLowerCase();
    const formulas = Object.hasOwn(NAMES, name) ? formulasOf(fence.content.trim(), NAMES[name]) : undefined;
    if (!formulas) continue;
    const { map, level, content } = fence;
    tokens[at] = Object.assign(new Token("math_fence", "div", 0), { block: true, map, level, content, info: name, meta: { formulas } });
  }
}

/** Whether the line that ends a fence is there: until then it may become anything. */
const isClosed = ({ content, map }) => content.endsWith("\n") && map[1] - map[0] === content.split("\n").length + 1;

/** The formulas in the text of a fence; undefined where it is something else. */
function formulasOf(source, mayBeDocument) {
  if (!source || source.length > MOST || (mayBeDocument && !MARK.test(source))) return undefined;
  if (OF_DOCUMENTS.test(source) || !areDrawn(source.matchAll(ENVIRONMENT))) return undefined;
  if (WORDS.test(source.replace(PLACES_OF_WORDS, " "))) return undefined;
  const formulas = inMarks(source) ?? paragraphs(/^\$([^$]+)\$$/.exec(source)?.[1] ?? source).map(inLines);
  return formulas.some((one) => DOLLAR.test(one) || OTHER_MARKS.test(one)) ? undefined : formulas;
}

function areDrawn(environments) {
  const open = [];
  for (const [, mark, name] of environments) {
    if (!DRAWN.test(name) || (mark === "end" && open.pop() !== name)) return false;
    if (mark === "begin") open.push(name);
  }
  return !open.length;
}

/** The formulas of a text that is nothing but $$…$$ and \[…\]. */
function inMarks(source) {
  const found = [];
  let rest = source;
  for (let one = MARKED.exec(rest); one; one = MARKED.exec(rest)) {
    found.push((one[1] ?? one[2]).trim());
    rest = rest.slice(one[0].length);
  }
  return rest || found.includes("") ? undefined : found;
}

/** Empty lines stand between formulas, but for those within braces and environments. */
function paragraphs(text) {
  const found = [];
  let open = 0;
  for (const part of text.split(/\n(?:[ \t]*\n)+/)) {
    if (open > 0) found.push(`${found.pop()}\n${part}`);
    else found.push(part.trim());
    open += depth(part);
  }
  return found;
}

/** Lines of which each is an equation stand below each other; in TeX they would run into one. */
function inLines(formula) {
  const lines = formula.split("\n");
  const isEach = lines.length > 1 && !/\\\\|(?<!\\)%/.test(formula);
  if (!isEach || !lines.every((line) => depth(line) === 0 && RELATION.test(line.replace(INDEX, "")) && !GOES_ON.test(line))) return formula;
  return `\\begin{gathered}\n${lines.join(" \\\\\n")}\n\\end{gathered}`;
}

/** How much this text opens and does not close. */
function depth(text) {
  let open = 0;
  for (const [mark] of text.matchAll(/\\(?:left|right|begin|end)(?![a-zA-Z])|\\[^]|[{}]/g)) {
    if (["{", "\\left", "\\begin"].includes(mark)) open += 1;
    else if (["}", "\\right", "\\end"].includes(mark)) open -= 1;
  }
  return open;
}
