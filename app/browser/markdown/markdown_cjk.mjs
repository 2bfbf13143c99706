// Chinese, Japanese and Korean, which put no spaces where Markdown looks for some; nor do Thai, Lao,
// Khmer and Burmese.

const CJK = /[\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\u3000-\u303f\uff01-\uffee]/u;

// The same for linkify-it, whose expressions know no properties; its own end of an address, and
// such a letter that follows a Latin one or a digit: "https://example.org/docs查看", not "/wiki/中文".
const SEPARATORS = /[><\uff5c]|(?<=[A-Za-z0-9])[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff01-\uffee]/;

/** Addresses end where such a letter follows. */
export function endAddresses(parser) {
  parser.linkify.re.get_text_separators = () => SEPARATORS;
}

/** Emphasis by "*" may begin and end beside such a letter whatever stands on its other side:
 * "**注意：**正文". By hand, since the library for it (markdown-it-cjk-friendly) has to be built.
 * Source: https://github.com/tats-u/markdown-cjk-friendly/blob/main/specification.md */
export function freeEmphasis(parser) {
  const { isWhiteSpace, isMdAsciiPunct, isPunctChar } = parser.utils;
  const isPunctuation = (char) => isMdAsciiPunct(char.codePointAt(0)) || isPunctChar(char);
  parser.inline.State = class extends parser.inline.State {
    scanDelims(start, canSplitWord) {
      const found = super.scanDelims(start, canSplitWord);
      if (!canSplitWord || (found.can_open && found.can_close)) return found;
      const before = lastOf(this.src.slice(Math.max(start - 3, 0), start)) ?? " ";
      const end = start + found.length;
      const after = end < this.posMax ? String.fromCodePoint(this.src.codePointAt(end)) : " ";
      const isFree = !isWhiteSpace(before.codePointAt(0)) && !isWhiteSpace(after.codePointAt(0));
      if (!isFree || !(CJK.test(before) || CJK.test(after)) || !(isPunctuation(before) || isPunctuation(after))) return found;
      return { ...found, can_open: true, can_close: true };
    }
  };
}

/** The last letter, without what only chooses its shape. */
const lastOf = (text) => [...text.replace(/[\ufe00-\ufe0e\ud800-\udbff]+$|[\ufe00-\ufe0e]/g, "")].at(-1);
