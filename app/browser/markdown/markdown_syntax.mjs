// The Markdown that answers are written in: CommonMark, GFM's tables, strikethrough and task lists,
// footnotes, formulas, callouts and a few tags. A line end is a line break, as in most chats. All
// other HTML stays text. What a block is must agree with app/markdown/blocks.py.

import MarkdownIt from "../../../vendor/markdown-it/markdown-it.mjs";
import { endAddresses, freeEmphasis } from "./markdown_cjk.mjs";
import { joinFormulas, mathBlock, mathInline } from "./markdown_math.mjs";
import { callouts, addTags } from "./markdown_tags.mjs";
import { texFences } from "./markdown_tex.mjs";

export function createParser() {
  const parser = new MarkdownIt("default", { html: false, linkify: true, typographer: false, breaks: true });
  limitLinks(parser);
  const interrupts = ["paragraph", "reference", "blockquote", "list"];
  parser.block.ruler.before("blockquote", "math_block", mathBlock, { alt: interrupts });
  const notes = { alt: ["paragraph", "reference", "blockquote"] };
  parser.block.ruler.before("reference", "footnote", footnote, notes);
  // The first row of a table is a paragraph that nothing else claims, as in cmark-gfm; markdown-it
  // itself would make one of a heading or an item, too.
  const rules = parser.block.ruler.__rules__;
  const table = rules.splice(rules.findIndex((rule) => rule.name === "table"), 1)[0];
  parser.block.ruler.before("lheading", "table", table.fn, { alt: table.alt });
  parser.inline.ruler.before("escape", "math_inline", mathInline);
  parser.inline.ruler.before("link", "footnote_use", footnoteUse);
  parser.core.ruler.after("inline", "tasks", tasks);
  parser.core.ruler.after("block", "tex_fences", texFences);
  parser.core.ruler.before("inline", "callouts", callouts);
  addTags(parser, interrupts);
  freeEmphasis(parser);
  parser.core.ruler.push("join_formulas", joinFormulas);
  parser.core.ruler.push("depth", depth);
  return parser;
}

function limitLinks(parser) {
  // Addresses are judged when they are drawn: what may not be opened is shown, as text.
  parser.validateLink = () => true;
  // Not every word with a dot in it is a link ("main.py"): only http, www. and e-mail, as in GFM.
  parser.linkify.set({ fuzzyLink: false, fuzzyEmail: true });
  parser.linkify.add("ftp:", null).add("//", null).add("www.", WWW);
  endAddresses(parser);
}

/** The parser for what a person typed: code, lists and addresses. Marks of all else are no marks, since
 * people paste logs, listings and mails, and spaces and line ends stay. */
export function createTypedParser() {
  const parser = new MarkdownIt("zero", { linkify: true, maxNesting: 100 });
  parser.enable(["fence", "list", "backticks", "linkify"]);
  limitLinks(parser);
  parser.core.ruler.after("block", "as_typed", asTyped);
  parser.core.ruler.after("inline", "typed_tasks", typedTasks);
  return parser;
}

/** Keep how lines begin and how items are marked. */
function asTyped(state) {
  const lines = state.src.split("\n");
  for (const token of state.tokens) {
    token.hidden = false;
    if (token.type === "inline" && token.level === 1) token.content = /^[ \t]*/.exec(lines[token.map[0]])[0] + token.content;
    if (token.type === "bullet_list_open" && token.markup !== "*") token.attrSet("class", token.markup === "-" ? "dashes" : "pluses");
    if (token.type === "list_item_open" && token.info) token.attrSet("value", token.info);
  }
}

/** The x of a task that is done is no letter: which way the item runs, its words say. */
function typedTasks(state) {
  for (const { type, level, children } of state.tokens) {
    const [text] = (type === "inline" && level > 1 && children) || [];
    const mark = text?.type === "text" && /^\s*\[[xX]\](?=\s)/.exec(text.content)?.[0];
    if (!mark) continue;
    const open = new state.Token("mark_open", "span", 1);
    const inner = new state.Token("text", "", 0);
    open.attrSet("dir", "ltr");
    inner.content = mark;
    text.content = text.content.slice(mark.length);
    children.unshift(open, inner, new state.Token("mark_close", "span", -1));
  }
}

const WWW = {
  validate(text, pos, linkify) {
    const host = linkify.re.get_relative_proto_validator();
    host.lastIndex = pos;
    return host.exec(text)?.[0].length ?? 0;
  },
  normalize(match) {
    match.url = `http://${match.url}`;
  },
};

/* Footnotes: [^label] in text, [^label]: at the beginning of a line, its further lines indented by 4.
   They are gathered below the text by markdown_footnotes.mjs. */

const NOTE = /^\[\^([^\s[\]]+)\]:/;
const NOTE_INDENT = 4;

function footnote(state, startLine, endLine, silent) {
  // At the top only; a further note also ends the one before it.
  const isTop = state.blkIndent === 0 && state.level === 0;
  if (!isTop && !(silent && state.env.inNote)) return false;
  if (silent && state.parentType === "blockquote" && !state.env.inNote) return false;
  if (state.sCount[startLine] >= NOTE_INDENT || state.sCount[startLine] < 0) return false;
  const start = state.bMarks[startLine] + state.tShift[startLine];
  const found = NOTE.exec(state.src.slice(start, state.eMarks[startLine]));
  if (!found) return false;
  if (silent) return true;

  const token = state.push("footnote_open", "div", 1);
  token.meta = { label: found[1] };
  token.map = [startLine, 0];
  const { parentType } = state;
  const kept = [state.bMarks[startLine], state.tShift[startLine], state.sCount[startLine]];
  // What follows the label stands as if it were in a line of its own, indented.
  let pos = start + found[0].length;
  while (pos < state.eMarks[startLine] && " \t".includes(state.src[pos])) pos += 1;
  state.bMarks[startLine] = pos;
  state.tShift[startLine] = 0;
  state.sCount[startLine] = NOTE_INDENT;
  state.blkIndent = NOTE_INDENT;
  state.parentType = "footnote";
  state.level += 1;
  state.env.inNote = true;
  state.md.block.tokenize(state, startLine, endLine);
  state.env.inNote = false;
  state.level -= 1;
  state.blkIndent = 0;
  state.parentType = parentType;
  [state.bMarks[startLine], state.tShift[startLine], state.sCount[startLine]] = kept;
  // A label with nothing after it takes its line all the same.
  if (state.line <= startLine) state.line = startLine + 1;
  token.map[1] = state.line;
  state.push("footnote_close", "div", -1);
  (state.env.notes ??= Object.create(null))[found[1]] ??= true;
  return true;
}

const NOTE_USE = /\[\^([^\s[\]]+)\]/y;

function footnoteUse(state, silent) {
  if (state.src.charCodeAt(state.pos) !== 0x5b || state.src.charCodeAt(state.pos + 1) !== 0x5e) return false;
  NOTE_USE.lastIndex = state.pos;
  const found = NOTE_USE.exec(state.src);
  if (!found || NOTE_USE.lastIndex > state.posMax || !state.env.notes?.[found[1]]) return false;
  if (!silent) state.push("footnote_use", "sup", 0).meta = { label: found[1] };
  state.pos = NOTE_USE.lastIndex;
  return true;
}

/* Task lists: - [ ] and - [x] at the beginning of an item */

function tasks(state) {
  const { tokens } = state;
  for (let at = 2; at < tokens.length; at += 1) {
    const isItem = tokens[at].type === "inline" && tokens[at - 2].type === "list_item_open";
    const [text] = tokens[at].children ?? [];
    if (!isItem || text?.type !== "text" || !/^\[[ xX]\][ \t]/.test(`${text.content} `)) continue;
    if (text.content.length === 3 && tokens[at].children.length === 1) continue;
    const box = new state.Token("task", "input", 0);
    box.meta = { done: text.content[1] !== " " };
    text.content = text.content.slice(3);
    tokens[at].children.unshift(box);
    tokens[at - 2].attrJoin("class", "task");
  }
}

/* Emphasis, links and the like stand in each other so many times at most; deeper is shown as text:
   a browser lays out what is nested by calling itself. */

const DEPTH = 40;

function depth(state) {
  for (const token of state.tokens) {
    if (!token.children?.some(({ level }) => level > DEPTH)) continue;
    const text = new state.Token("text", "", 0);
    text.content = token.content;
    token.children = [text, new state.Token("too_deep", "span", 0)];
  }
}
