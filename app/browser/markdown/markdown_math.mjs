// Formulas in Markdown: what begins one and what ends it. The marks must agree with
// app/markdown/block_marks.py and app/markdown/dollars.py.

// Lines that a display formula may have, as in block_marks.py.
const MATH_LINES = 200;

// Environments that stand without dollars around them.
const ENVIRONMENT =
  /\\begin\{((?:align(?:at)?|aligned|array|cases|CD|[dr]cases|eqnarray|equation|flalign|gather(?:ed)?|[bBpvV]?matrix|multline|smallmatrix|split)\*?)\}/y;

const BLANK = /^\s?$/;

/** The mark at this place that may begin a formula in lines of its own, and the one that ends it. */
function markAt(src, pos) {
  const mark = src.slice(pos, pos + 2);
  if (mark === "$$") return [mark, mark];
  if (mark === "\\[") return [mark, "\\]"];
  ENVIRONMENT.lastIndex = pos;
  const found = mark === "\\b" ? ENVIRONMENT.exec(src) : null;
  return found ? [found[0], `\\end{${found[1]}}`] : undefined;
}

/** The formula, with the marks where they are a part of it. */
const content = (opener, text, closer) => (opener.startsWith("\\begin") ? opener + text + closer : text.trim());

/* In lines of their own: $$…$$, \[…\] and \begin{…}…\end{…}. An empty line ends what looked like
   one, but for those within an environment, which models write. */

export function mathBlock(state, startLine, endLine, silent) {
  if (state.sCount[startLine] - state.blkIndent >= 4) return false;
  const start = state.bMarks[startLine] + state.tShift[startLine];
  const marks = markAt(state.src, start);
  if (!marks) return false;
  const [opener, closer] = marks;
  // A formula may end the item that it follows, and is then judged by where it stands itself.
  const indent = silent && state.sCount[startLine] < state.blkIndent ? 0 : state.blkIndent;
  const lines = [];
  let line = startLine;
  let open = environments(opener);
  for (let from = start + opener.length; ; from = state.bMarks[line] + state.tShift[line]) {
    const text = state.src.slice(from, state.eMarks[line]);
    const end = text.indexOf(closer);
    if (end >= 0) {
      const before = text.slice(0, end);
      if (text.slice(end + closer.length).trim() || (line === startLine && !before.trim())) return false;
      lines.push(before);
      break;
    }
    if (text.trim() || line === startLine) lines.push(text);
    open += environments(text);
    line += 1;
    if (line >= endLine || line - startLine > MATH_LINES) return false;
    if (state.isEmpty(line) ? open <= 0 : state.sCount[line] < indent) return false;
  }
  if (silent) return true;
  state.line = line + 1;
  const token = state.push("math_block", "div", 0);
  token.content = content(opener, lines.join("\n"), closer);
  token.markup = opener;
  token.map = [startLine, state.line];
  return true;
}

/** How many environments this opens and does not close. */
const environments = (text) => text.split("\\begin{").length - text.split("\\end{").length;

/* In a line */

// Chemistry and units stand without dollars, too.
const CHEMISTRY = /\\(?:ce|pu)\{/y;

/** Where the braces end that this place begins, in the same paragraph; -1 where they don't. */
function bracesEnd(src, start, max) {
  let depth = 1;
  for (let end = start; end < max; end += 1) {
    const code = src.charCodeAt(end);
    if (code === 0x5c) end += 1;
    else if (code === 0x7b) depth += 1;
    else if (code === 0x7d && (depth -= 1) === 0) return end + 1;
  }
  return -1;
}

/** A formula of chemistry without marks around it; false where this is none. */
function chemistry(state, silent) {
  CHEMISTRY.lastIndex = state.pos;
  if (!CHEMISTRY.test(state.src)) return false;
  // Where one does not end none that begins later does.
  const none = (state.env.noBrace ??= new WeakMap());
  if (none.get(state)) return false;
  const end = bracesEnd(state.src, CHEMISTRY.lastIndex, state.posMax);
  if (end < 0) none.set(state, true);
  if (end < 0 || end === CHEMISTRY.lastIndex + 1) return false;
  if (!silent) {
    const token = state.push("math_inline", "span", 0);
    token.content = state.src.slice(state.pos, end);
    token.markup = "\\(";
  }
  state.pos = end;
  return true;
}

export function mathInline(state, silent) {
  const { src, pos, posMax } = state;
  const mark = src.charCodeAt(pos);
  if (mark !== 0x24 /* $ */ && mark !== 0x5c /* \ */) return false;
  if (mark === 0x5c && chemistry(state, silent)) return true;
  let marks = src[pos + 1] === "(" && mark === 0x5c ? ["\\(", "\\)"] : markAt(src, pos);
  if (!marks && mark === 0x24) marks = ["$", "$"];
  if (!marks) return false;
  const [opener, closer] = marks;
  const start = pos + opener.length;
  // Without a closer none of this kind further on has one either; so nothing is searched twice.
  const none = (state.env.noCloser ??= new WeakMap());
  let known = none.get(state);
  if (!known) none.set(state, (known = Object.create(null)));
  if (known[opener] <= pos) return false;
  const end = opener === "$" ? dollarEnd(src, pos, posMax) : src.indexOf(closer, start);
  const text = src.slice(start, end);
  if (end < 0 || end + closer.length > posMax || !text.trim() || (opener === "$$" && isProse(text))) {
    if (end < 0 && opener !== "$") known[opener] = pos;
    return false;
  }
  if (!silent) {
    const token = state.push("math_inline", "span", 0);
    token.content = content(opener, text, closer);
    token.markup = opener;
    token.block = opener !== "$" && opener !== "\\(";
  }
  state.pos = end + closer.length;
  return true;
}

/* One dollar: by Pandoc's rules (no space inside of the dollars, no digit after them; source:
   https://pandoc.org/MANUAL.html#math), and not where it is money, a variable of a shell, or a key:
   see dollars.py, which has the same rules for what is half written. */

const WORD_BEFORE = /[\p{Script=Latin}\p{Nd}_]$/u;
const WORD_AFTER = /^[\p{Script=Latin}_]/u;
// After the second dollar: what goes on as no sentence does behind a formula.
const MORE_AFTER = /^[^\s)\].,;:!?'"*_|}…—–、。，；：！？）」』”’\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const TEX_FIRST = /^[\\^_]/;
const UNFINISHED = /[-/:,;=+&|.@"'(\[{<>*%!?~#–—、，；：]$/;
const NAME = /^[A-Za-z_]\w+$/;
// "$n$th", "$k$s"
const SUFFIX = /^[a-z]+(?![\w$])/;
const TEX = /[\\^{}]/;
const OPERATOR = /[_=<>]/;
const WORD = String.raw`(?<![\p{L}\p{N}])(?:\p{L}{3,}|or|to|in|is|at|on|by|vs)(?![\p{L}(])`;
// Two words, or the end of a sentence, which no formula has outside of \text.
const WORDS = new RegExp(`${WORD}[.,;:!?)]*\\s+${WORD}|[.!?]\\s+\\p{L}`, "u");
const WORD_OF_PRICE = new RegExp(`^[\\s\\d].*(?:${WORD}|[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}])`, "su");

/** Where the dollar is that ends the formula which this one begins; -1 where it begins none. */
function dollarEnd(src, pos, max) {
  if (BLANK.test(src.charAt(pos + 1))) return -1;
  for (let end = pos + 1; end < max; end += 1) {
    const code = src.charCodeAt(end);
    if (code === 0x5c) end += 1;
    else if (code === 0x24) {
      const text = src.slice(pos + 1, end);
      return text && isFormula(src.slice(Math.max(pos - 2, 0), pos), text, src.slice(end + 1, Math.min(end + 20, max))) ? end : -1;
    }
  }
  return -1;
}

/** Whether this text between two dollars is a formula, by what stands before and after them. */
function isFormula(before, text, after) {
  if (BLANK.test(text.at(-1)) || /^[\d{]/.test(after) || (text[0] === "(" && after[0] === "(")) return false;
  if (text[0] === ")" && text.at(-1) === "(") return false; // cost($) vs gain($)
  if ((UNFINISHED.test(text) && MORE_AFTER.test(after)) || (text.length > 1 && text.endsWith("/"))) return false;
  if (TEX_FIRST.test(text)) return true;
  if (WORD_BEFORE.test(before) || (WORD_AFTER.test(after) && (NAME.test(text) || !SUFFIX.test(after)))) return false;
  return !isProse(text);
}

/** Whether it reads as words between two signs that have nothing to do with each other. */
const isProse = (text) => !TEX.test(text) && (WORDS.test(text) || (!OPERATOR.test(text) && WORD_OF_PRICE.test(text)));

/* What stands at a formula without a space between: it stays in the same line. */

const OPENING = new Set("([{«“‘„‚¿¡（［｛「『【〈《〔");
const CLOSING = /^[.,;:!?)\]}»”’…%。，、；：！？）］｝」』】〉》〕]+/u;

/** Join formulas in a line to the brackets and the stops around them. Those without any are framed
 * too: a stop may come yet, and a drawn formula stays as it is. */
export function joinFormulas(state) {
  for (const { children } of state.tokens) {
    for (let at = 0; at < (children?.length ?? 0); at += 1) {
      if (children[at].type !== "math_inline" || children[at].block) continue;
      const [before, after] = [children[at - 1], children[at + 1]];
      const opening = before?.type === "text" ? endOf(before.content) : "";
      const closing = after?.type === "text" ? CLOSING.exec(after.content) : null;
      const joined = [new state.Token("joint_open", "span", 1), children[at], new state.Token("joint_close", "span", -1)];
      joined[0].attrSet("class", "joint");
      if (opening) {
        before.content = before.content.slice(0, -opening.length);
        joined.splice(1, 0, text(state, opening));
      }
      if (closing) {
        after.content = after.content.slice(closing[0].length);
        joined.splice(-1, 0, text(state, closing[0]));
      }
      children.splice(at, 1, ...joined);
      at += joined.length - 1;
    }
  }
}

/** The opening signs at the end. From there on: a pattern would begin anew at each of a long row. */
function endOf(content) {
  let at = content.length;
  while (at > 0 && OPENING.has(content[at - 1])) at -= 1;
  return content.slice(at);
}

const text = (state, content) => Object.assign(new state.Token("text", "", 0), { content });
