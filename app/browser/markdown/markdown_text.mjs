// Text that is shown as it is, in pieces: a browser lays out a whole text node when it grows, and
// of some letters (marks on marks, words without end) a long run takes it minutes.

// A piece ends with the first line that ends after so many characters, or in a longer line.
const PIECE = 2000;
const LONGEST = 4000;

// Runs that a browser shapes or breaks in more than linear time; ordinary ones are much shorter. Of
// marks and what has no width the further ones are left out, words are given places to break.
const MARKS = /([\p{M}\p{Cf}]{32})[\p{M}\p{Cf}]+/gu;
const WORDS = /([\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]{100})(?=[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])/gu;
const UNUSUAL = /[^\x00-\u02ff\u3000-\ud7ff]/;
// What turns the direction of letters: for each of them a browser looks for its end. Where there are
// more, they are left out; and of many changes without them all letters run one way.
const CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;
const TURNS = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]\s*(?=[A-Za-z0-9])/g;
const MOST_TURNS = 100;

const count = (text, what) => text.match(what)?.length ?? 0;
const straight = (text, controls) => (controls > MOST_TURNS ? text.replace(CONTROLS, "") : text);
const short = (text) => text.replace(MARKS, "$1").replace(WORDS, "$1\u200b");

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
    this.last = undefined;
  }

  append(text) {
    this.length += text.length;
    let from = 0;
    while (from < text.length) {
      const known = this.last ? this.known : 0;
      let end = Math.min(from + LONGEST - known, text.length);
      const line = text.indexOf("\n", from + Math.max(PIECE - known - 1, 0));
      const isFull = (line >= 0 && line < end) || end - from + known >= LONGEST;
      if (line >= 0 && line < end) end = line + 1;
      else if (isFull && end - from > 1 && text.charCodeAt(end - 1) >> 10 === 0x36) end -= 1;
      this.add(text.slice(from, end));
      from = end;
      if (isFull) this.last = undefined;
    }
  }

  add(text) {
    if (!this.last) {
      this.known = 0;
      this.last = document.createTextNode("");
      const piece = document.createElement("span");
      piece.className = "piece";
      piece.append(this.last);
      this.element.append(piece);
      this.turns = 0;
    }
    this.known += text.length;
    if (!UNUSUAL.test(text)) {
      this.last.appendData(text);
      return;
    }
    this.controls += count(text, CONTROLS);
    this.turns += count(text, TURNS);
    this.last.appendData(short(straight(text, this.controls)));
    if (this.turns > MOST_TURNS) this.last.parentNode.classList.add("one-way");
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
