// Text that is shown as it is, in pieces: a browser lays out a whole text node when it grows, and
// of some letters (marks on marks, words without end) a long run takes it minutes.

// A piece ends with the first line that ends after so many characters, or in a longer line, and with
// so many lines.
const PIECE = 1000;
const LONGEST = 2000;
const LINES = 100;
// The last pieces are as high as what is seen of them, and are laid out; those before only when
// they come near, see `far`.
const NEAR = 4;

// Runs that a browser shapes or breaks in more than linear time; ordinary ones are much shorter. Of
// marks and what has no width the further ones are left out, words are given places to break.
const MARKS = /([\p{M}\p{Cf}]{32})[\p{M}\p{Cf}]+/gu;
const WORDS = /([\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]{100})(?=[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])/gu;
// Letters that join are shaped anew for each line up to the end of their word, so it ends there.
const JOINING = "[\\p{scx=Arab}\\p{scx=Syrc}\\p{scx=Nkoo}\\p{scx=Mand}\\p{scx=Adlm}\\p{scx=Mong}]";
const JOINED = new RegExp(`(${JOINING}{100})(?=${JOINING})`, "gu");
const UNUSUAL = /[^\x00-\u02ff\u3000-\ud7ff]/;
// What turns the direction of letters: for each of them a browser looks for its end. Where there are
// more, they are left out; and of many changes without them all letters run one way.
const CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;
const RIGHT = "\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}";
const TURNS = new RegExp(`[${RIGHT}](?:(?![${RIGHT}])[^\\p{L}\\p{N}])*(?![${RIGHT}])(?=[\\p{L}\\p{N}])`, "gu");
const MOST_TURNS = 100;

const count = (text, what) => text.match(what)?.length ?? 0;
const straight = (text, controls) => (controls > MOST_TURNS ? text.replace(CONTROLS, "") : text);
const short = (text) => text.replace(MARKS, "$1").replace(WORDS, "$1\u200b").replace(JOINED, "$1\u200c\u200b");

/** The text without what would hold up the page in runs of letters. */
export const calm = (text) => (UNUSUAL.test(text) ? short(straight(text, count(text, CONTROLS))) : text);

/** Whether letters change their direction so often that all are to run one way. */
export const turnsOften = (text) => UNUSUAL.test(text) && count(text, TURNS) > MOST_TURNS;

/** Text that grows in `element`, by pieces that are elements of their own. */
export class Pieces {
  constructor(element) {
    this.element = element;
    this.length = 0; // of all text
    this.controls = 0;
    this.near = [];
    this.last = undefined; // the text node that grows, with
    this.known = 0; // characters, of
    this.source = "";
    this.lines = 0;
  }

  append(text) {
    this.length += text.length;
    for (let from = 0; from < text.length; ) {
      if (!this.last) this.begin();
      const part = text.slice(from, from + LONGEST - this.known);
      const end = this.end(part);
      this.add(part.slice(0, end));
      from += end ?? part.length;
      if (end !== undefined) this.last = undefined;
    }
  }

  /** Where in this text the piece ends; undefined where it goes on. */
  end(text) {
    for (let at = text.indexOf("\n") + 1; at; at = text.indexOf("\n", at) + 1) {
      this.lines += 1;
      if (this.known + at >= PIECE || this.lines === LINES) return at;
    }
    if (this.known + text.length < LONGEST) return undefined;
    return text.charCodeAt(text.length - 1) >> 10 === 0x36 ? text.length - 1 : text.length;
  }

  begin() {
    this.known = this.lines = 0;
    this.source = "";
    this.last = document.createTextNode("");
    const piece = document.createElement("span");
    piece.className = "piece";
    piece.append(this.last);
    this.element.append(piece);
    if (this.near.push(piece) > NEAR) this.near.shift().classList.add("far");
  }

  add(text) {
    this.known += text.length;
    this.source += text;
    if (!UNUSUAL.test(text)) {
      this.last.appendData(text);
      return;
    }
    this.controls += count(text, CONTROLS);
    // Of all of the piece, so that it does not matter how it came.
    const shown = short(straight(this.source, this.controls));
    const before = this.last.data;
    if (shown.startsWith(before)) this.last.appendData(shown.slice(before.length));
    else this.last.data = shown;
    if (turnsOften(this.last.data)) this.last.parentNode.classList.add("one-way");
  }
}

const NOTE = "This part is shown as text: drawing it would hold up the page.";

/** What a short remark beside such text looks like. */
export function remark(words) {
  const element = document.createElement("span");
  element.className = "past-limit";
  element.textContent = words;
  return element;
}

/** A block that is shown as text, with a word about it. */
export class TextBlock {
  constructor() {
    this.element = document.createElement("div");
    this.element.className = "as-text";
    this.element.dir = "auto";
    this.element.append(remark(NOTE));
    const text = document.createElement("div");
    text.className = "pieces";
    this.element.append(text);
    this.pieces = new Pieces(text);
  }
}
