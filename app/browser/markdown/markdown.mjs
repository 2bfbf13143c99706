// Draws Markdown into the page: parses, cleans, and changes no more of the page than has changed.
// Which blocks are finished is said by Python (app/markdown/blocks.py), once a flush.
// Long, because one message has one state, which all ways of drawing it change.

import DOMPurify from "../../../vendor/dompurify/purify.js";
import { numberNotes } from "./markdown_footnotes.mjs";
import { placeHeadings } from "./markdown_headings.mjs";
import { addRules, roomFor } from "./markdown_render.mjs";
import { createParser, createTypedParser } from "./markdown_syntax.mjs";
import { allowance, enrich, enrichOpen, settled } from "./markdown_extras.mjs";
import { morph, morphFrom } from "./markdown_morph.mjs";
import { OpenBlock, inside } from "./markdown_open.mjs";
import { Pieces, TextBlock, calm } from "./markdown_text.mjs";

export { settled };

const parser = createParser();
const typedParser = createTypedParser();
addRules(parser);
addRules(typedParser);

// All that our own rules write; what else came in by whatever way is taken out.
const CLEAN = {
  ALLOWED_TAGS:
    "a blockquote br button code del details div em h3 h4 h5 h6 hr img input kbd li mark ol p pre s span strong sub summary sup table tbody td th thead tr u ul".split(" "),
  ALLOWED_ATTR:
    "alt aria-label checked class data-alt data-language data-markdown data-note data-source dir disabled href open rel role src start tabindex target title type value".split(" "),
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ADD_URI_SAFE_ATTR: ["data-source"],
  SANITIZE_NAMED_PROPS: false,
  RETURN_DOM_FRAGMENT: true,
};

DOMPurify.setConfig(CLEAN);

/** @returns {DocumentFragment} */
function drawn(source, env) {
  return cleaned(parser.render(calm(source), env));
}

// Stands between blocks that are cleaned together; no rule writes another like it.
const END = '<hr class="end">';

/** A fragment of each source. They are cleaned in one go, since that begins with a document of its own. */
function drawnAll(sources, env) {
  const pages = sources.map((source) => parser.render(calm(source), env));
  if (pages.length < 2) return pages.map(cleaned);
  const fragments = [document.createDocumentFragment()];
  for (const node of [...cleaned(pages.join(END)).childNodes]) {
    if (node.className === "end") fragments.push(document.createDocumentFragment());
    else fragments.at(-1).append(node);
  }
  return fragments.length === pages.length ? fragments : pages.map(cleaned);
}

function cleaned(html) {
  const fragment = DOMPurify.sanitize(html);
  // Line ends between blocks are of no use, and would be of different count in pieces.
  for (const node of [...fragment.childNodes]) if (node.nodeType === Node.TEXT_NODE) node.remove();
  return fragment;
}

// Blocks stand in groups of so many, and those that are full are not laid out while they are far
// from what is seen: else a browser that lays out the end of a text goes through all before it.
const GROUP = 32;
// A group does not end with these, since the space after them depends on what follows; but it does
// where nothing else comes.
const MOST = 4 * GROUP;
const LEADING = ":is(h3, h4, h5, h6, hr)";

// What concerns the whole message again and again takes one part in so many of the time.
const SELDOM = 10;
// Unless it takes no longer than this.
const QUICK_MS = 2;

let messages = 0;

/** One message: what is finished stays, the tail is drawn again. */
export class Drawing {
  /** @param {Element} element */
  constructor(element) {
    this.element = element;
    messages += 1;
    this.prefix = `note-${messages}-`;
    this.clear();
  }

  clear() {
    this.element.replaceChildren();
    this.group = undefined; // the element that further blocks go into
    this.inGroup = 0;
    this.env = { references: Object.create(null), notes: Object.create(null) };
    this.blocks = []; // of each its nodes
    this.under = [[]]; // of each the headings it stands under, and last of what follows
    this.sources = [];
    this.tail = [];
    this.open = undefined; // the list or table that grows
    this.code = undefined; // pieces of an open fence
    this.text = undefined; // the block of an open end that is shown as text
    this.left = allowance();
    this.late = new Set(); // numbers of blocks to draw again
    this.notes = undefined;
    this.hasNotes = false;
    this.areNotesOld = false;
    this.due = 0; // when that may be, by performance.now()
  }

  /**
   * @param {string[]} finished sources of new finished blocks
   * @param {number[]} texts which of them are shown as text
   * @param {number[]} late numbers of earlier blocks to draw again
   * @param {string} grown whole items or rows of the list or table that is open after those
   * @param {string} tail source of what may still change
   */
  draw(finished, texts, late, grown, tail) {
    this.code = undefined;
    if (finished.length) this.finish(finished, new Set(texts));
    this.text?.element.remove();
    this.text = undefined;
    for (const number of late) this.late.add(number);
    if (grown) {
      this.open ??= new OpenBlock(parser, cleaned, this.env);
      this.open.grow(grown);
    }
    if (!this.open) this.drawTail(tail);
    else if (!this.drawOpen(tail)) {
      this.open.forget();
      this.drawTail(this.open.source + tail);
    }
    this.areNotesOld ||= this.hasNotes;
    this.enrichTail();
  }

  /** Formulas and headings of the open end, which is of some items or rows where those before are whole. */
  enrichTail() {
    const { open } = this;
    const nodes = open?.kept ? childrenFrom(inside(this.tail[0]), open.kept) : this.tail;
    for (const node of nodes) enrichOpen(node, this.left);
    placeHeadings(nodes, (open?.kept && open.under) || this.under.at(-1));
  }

  /** Draw again what later labels have changed, and number the notes; whether there is more to do.
   *
   * @param {number} until by performance.now()
   * @param {boolean} isEnd no text follows
   */
  settle(until, isEnd) {
    const began = performance.now();
    if (!isEnd && began < this.due) return false;
    for (const number of this.late) {
      this.late.delete(number);
      this.redraw(number);
      if (performance.now() > until) break;
    }
    const isBehind = this.late.size > 0;
    if (this.areNotesOld && !(isEnd && isBehind)) {
      this.notes = numberNotes(this.element, this.notes, this.prefix, this.left);
      if (this.notes) placeHeadings([this.notes], []);
      this.areNotesOld = false;
    }
    const now = performance.now();
    this.due = now - began > QUICK_MS ? now + SELDOM * (now - began) : 0;
    return isEnd && isBehind;
  }

  /** Text goes on in the open fence that the tail is. */
  appendCode(text) {
    this.code ??= new Pieces(this.openCode());
    this.code.append(text);
  }

  /** Text goes on at the end, which is shown as text. */
  appendText(text) {
    if (!this.text) {
      this.text = new TextBlock();
      this.end().append(this.text.element);
    }
    this.text.pieces.append(text);
  }

  finish(finished, texts) {
    // The first of them is what the tail has become: its nodes stay as far as they are the same.
    const isDrawn = this.endOpen(finished[0]);
    const nodes = this.tail;
    this.tail = [];
    const marked = finished.filter((_, number) => !(texts.has(number) || (isDrawn && number === 0)));
    const fragments = drawnAll(marked, this.env);
    this.hasNotes ||= Object.keys(this.env.notes).length > 0;
    for (const [number, source] of finished.entries()) {
      const before = number === 0 ? nodes : [];
      if (isDrawn && number === 0) this.blocks.push(before);
      else this.blocks.push(this.replace(before, texts.has(number) ? this.asText(source) : fragments.shift()));
      this.sources.push(source);
      for (const node of this.blocks.at(-1)) enrich(node, this.left);
      this.under.push(placeHeadings(this.blocks.at(-1), this.under.at(-1)));
      this.inGroup += 1;
      if (this.inGroup >= GROUP) this.endGroup();
    }
  }

  /** The open list or table has ended: whether what is drawn of it may stay, with its rest. */
  endOpen(source) {
    const { open } = this;
    this.open = undefined;
    if (!open) return false;
    const rest = source.slice(open.source.length);
    if (open.ends(rest) || !this.drawOpen(rest, open)) return false;
    return !open.defines;
  }

  /** Draw what came to the open list or table; false where it turns out to be something else. */
  drawOpen(tail, open = this.open) {
    const drawn = open.draw(tail);
    const place = open.kept ? inside(this.tail[0]) : undefined;
    if (!drawn) {
      if (!place || tail || open.fresh) return false;
      morphFrom(place, [], place.childNodes[open.kept]);
      makeRoom(place);
      return true;
    }
    const from = open.kept;
    if (place) morphFrom(place, [...(inside(drawn.fragment)?.childNodes ?? [])].slice(1), place.childNodes[open.kept]);
    else this.tail = this.replace(this.tail, drawn.fragment);
    open.fresh = "";
    open.kept = drawn.settled ? (from || 1) + drawn.settled : from;
    if (!open.kept) open.forget();
    const nodes = childrenFrom(inside(this.tail[0]), from).slice(0, open.kept - from);
    for (const node of nodes) enrich(node, this.left);
    open.under = placeHeadings(nodes, (from && open.under) || this.under.at(-1));
    makeRoom(inside(this.tail[0]));
    return true;
  }

  /** What is shown of it already stays, unless that was more: the line that ended it. */
  asText(source) {
    const block = this.text?.pieces.length <= source.length ? this.text : new TextBlock();
    if (block === this.text) this.text = undefined;
    block.pieces.append(source.slice(block.pieces.length));
    const fragment = document.createDocumentFragment();
    fragment.append(block.element);
    return fragment;
  }

  redraw(number) {
    const fragment = drawn(this.sources[number], this.env);
    this.blocks[number] = this.replace(this.blocks[number], fragment);
    for (const node of this.blocks[number]) enrich(node, this.left);
    placeHeadings(this.blocks[number], this.under[number]);
  }

  drawTail(source) {
    // What an unfinished block defines may be half written: it holds for that block alone.
    const env = { references: Object.create(this.env.references), notes: Object.create(this.env.notes) };
    const fragment = source ? drawn(source, env) : document.createDocumentFragment();
    this.tail = this.replace(this.tail, fragment);
  }

  openCode() {
    const codes = this.tail.at(-1)?.querySelectorAll("pre > code");
    const code = codes[codes.length - 1];
    code.replaceChildren();
    return code;
  }

  /** Put the fragment in the place of these nodes, or at the end where there are none; keeps those
   * that it would only repeat. */
  replace(old, fragment) {
    const wanted = [...fragment.childNodes];
    const kept = [];
    for (const [at, node] of wanted.entries()) {
      const before = old[at];
      if (before && morph(before, node)) kept.push(before);
      else if (before) {
        before.replaceWith(node);
        kept.push(node);
      } else {
        if (at) kept[at - 1].after(node);
        else this.end().append(node);
        kept.push(node);
      }
    }
    for (const node of old.slice(wanted.length)) node.remove();
    if (this.group && !this.group.firstChild) {
      this.group.remove();
      this.group = undefined;
    }
    return kept;
  }

  endGroup() {
    const { group } = this;
    if (this.inGroup < MOST && group?.lastChild.matches(LEADING)) return;
    this.group = undefined;
    this.inGroup = 0;
    // Once it has been laid out its size is known.
    if (group) requestAnimationFrame(() => requestAnimationFrame(() => group.classList.add("far")));
  }

  /** The group that further blocks go into. */
  end() {
    if (!this.group) {
      this.group = document.createElement("div");
      this.group.className = "blocks";
      this.element.insertBefore(this.group, this.notes ?? null);
    }
    return this.group;
  }
}

/** Its child nodes from a number on. */
function childrenFrom(element, first) {
  const found = [];
  for (let node = element?.childNodes[first]; node; node = node.nextSibling) found.push(node);
  return found;
}

/** Room for the numbers of a list that grows. */
function makeRoom(list) {
  if (list?.localName !== "ol") return;
  const room = roomFor(list.start + list.childElementCount - 1);
  if (room) list.className = room;
  else list.removeAttribute("class");
}

// What a person typed is shown as it is where it has more of these, or in each other.
const TYPED_TOKENS = 4000;
const TYPED_DEPTH = 60;

/** Show what a person typed; whether that was little enough. */
export function drawTyped(element, source) {
  const tokens = typedParser.parse(calm(source), {});
  const count = tokens.reduce((sum, { children }) => sum + 1 + (children?.length ?? 0), 0);
  if (count > TYPED_TOKENS || tokens.some(({ level }) => level > TYPED_DEPTH)) return false;
  const place = document.createElement("div");
  place.className = "markdown typed";
  place.append(cleaned(typedParser.renderer.render(tokens, typedParser.options, {})));
  element.replaceChildren(place);
  enrich(place, allowance());
  placeHeadings([place], []);
  return true;
}
