// The few tags of HTML that mean something here, without any attribute, and callouts. No other rule
// reads HTML: what is not listed, or has no partner, stays text. See app/markdown/block_lines.py, too.

const PAIRS = "sub sup kbd mark u s".split(" ");
const TAG = new RegExp(`<(?:(/?)(${PAIRS.join("|")})|br[ \\t]*/?)>`, "iy");
const LINE_END = /[ \t]*\n?[ \t]*/y;

const DETAILS = /^<details( open)?>/i;
const DETAILS_END = /<\/details>$/i;
const SUMMARY = /^<summary>(.*?)<\/summary>/is;

export function addTags(parser, interrupts) {
  parser.inline.ruler.before("autolink", "tag", tag);
  // After emphasis, which wins where both cross, and before levels are counted.
  parser.inline.ruler2.before("fragments_join", "tag_pairs", tagPairs);
  parser.block.ruler.before("math_block", "details", details, { alt: interrupts });
  // What is still open ends with what it stands in.
  const tokenize = parser.block.tokenize;
  parser.block.tokenize = function (state, startLine, endLine) {
    const open = (state.openDetails ??= []);
    const before = open.length;
    tokenize.call(this, state, startLine, endLine);
    while (open.length > before) endDetails(state);
  };
}

/* In a line */

function tag(state, silent) {
  if (state.src.charCodeAt(state.pos) !== 0x3c) return false;
  TAG.lastIndex = state.pos;
  const found = TAG.exec(state.src);
  if (!found || TAG.lastIndex > state.posMax) return false;
  state.pos = TAG.lastIndex;
  if (!found[2]) {
    // A line end right after it is the same break.
    LINE_END.lastIndex = state.pos;
    LINE_END.exec(state.src);
    state.pos = Math.min(LINE_END.lastIndex, state.posMax);
  }
  if (silent) return true;
  const token = state.push(found[2] ? "tag" : "hardbreak", found[2]?.toLowerCase() ?? "br", 0);
  if (found[2]) {
    token.content = found[0];
    token.info = found[1] ? "end" : "begin";
  }
  return true;
}

function tagPairs(state) {
  const open = []; // tokens: tags that began, and what else nests
  for (const token of state.tokens) {
    if (token.type === "tag" && token.info === "begin") open.push(token);
    else if (token.type === "tag") {
      const begin = open.at(-1);
      if (begin?.type !== "tag" || begin.tag !== token.tag) continue;
      open.pop();
      pair(begin, "tag_open", 1);
      pair(token, "tag_close", -1);
    } else if (token.nesting > 0) open.push(token);
    else if (token.nesting < 0) {
      while (open.at(-1)?.type === "tag") open.pop();
      open.pop();
    }
  }
  for (const token of state.tokens) {
    if (token.type !== "tag") continue;
    token.type = "text";
    token.tag = "";
  }
}

function pair(token, type, nesting) {
  token.type = type;
  token.nesting = nesting;
  token.content = "";
}

/* <details> and <summary>, in lines of their own */

function details(state, startLine, _endLine, silent) {
  if (state.sCount[startLine] - state.blkIndent >= 4) return false;
  const start = state.bMarks[startLine] + state.tShift[startLine];
  if (state.src.charCodeAt(start) !== 0x3c) return false;
  let end = state.eMarks[startLine];
  while (" \t".includes(state.src[end - 1])) end -= 1;
  const line = state.src.slice(start, end);
  const begins = DETAILS.exec(line);
  const summary = SUMMARY.exec(line);
  const isSummary = summary?.[0].length === line.length;
  if (!begins && !isSummary && !/^<\/details>$/i.test(line)) return false;
  if (silent) return true;
  state.line = startLine + 1;
  const open = (state.openDetails ??= []);
  if (begins) {
    state.push("details_open", "details", 1).block = true;
    if (begins[1]) state.tokens.at(-1).attrSet("open", "");
    open.push(state.level);
    inDetails(state, startLine, line.slice(begins[0].length).trim());
    return true;
  }
  const isInside = open.at(-1) === state.level;
  if (isSummary && isInside && state.tokens.at(-1).type === "details_open") inline(state, startLine, "summary", summary[1]);
  else if (!isSummary && isInside) endDetails(state);
  else inline(state, startLine, "paragraph", line);
  return true;
}

/** What follows <details> in its own line. */
function inDetails(state, line, rest) {
  const summary = SUMMARY.exec(rest);
  if (summary) inline(state, line, "summary", summary[1]);
  const isWhole = DETAILS_END.test(rest);
  const text = rest.slice(summary?.[0].length ?? 0, isWhole ? -"</details>".length : undefined).trim();
  if (text) inline(state, line, "paragraph", text);
  if (isWhole) endDetails(state);
}

function endDetails(state) {
  state.openDetails.pop();
  state.push("details_close", "details", -1).block = true;
}

function inline(state, line, kind, content) {
  const tag = kind === "summary" ? "summary" : "p";
  state.push(`${kind}_open`, tag, 1).map = [line, line + 1];
  const token = state.push("inline", "", 0);
  token.content = content.trim();
  token.map = [line, line + 1];
  token.children = [];
  state.push(`${kind}_close`, tag, -1);
}

/* Callouts: a quote whose first line is [!NOTE] or the like, as on GitHub; what stands behind it
   in that line is its title. A sign behind it folds it elsewhere. */

const CALLOUT = /^\[!(note|tip|important|warning|caution)\][-+]?(?:[ \t]+([^\n]*))?(?:\n|$)/i;

export function callouts(state) {
  const { tokens } = state;
  const open = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token.type === "blockquote_open") {
      const [paragraph, text] = tokens.slice(at + 1, at + 3);
      const found = paragraph?.type === "paragraph_open" ? CALLOUT.exec(text.content) : null;
      open.push(found && [token, found]);
      if (found) begin(state, at, token, found, text);
    } else if (token.type === "blockquote_close" && open.pop()) token.tag = "div";
  }
}

function begin(state, at, token, [whole, kind, title], text) {
  const name = kind.toLowerCase();
  token.tag = "div";
  token.attrSet("class", `callout callout-${name}`);
  token.attrSet("role", "note");
  token.meta = { callout: name, title: title?.trim() ?? "" };
  text.content = text.content.slice(whole.length).trim();
  if (!text.content) state.tokens.splice(at + 1, 3);
}
