// The list or table that is open while it grows: whole items and rows are drawn once, and only what
// follows them is drawn again. In the end it must be what it would be if it were drawn at once.

import { calm } from "./markdown_text.mjs";

/** What is open is written in chunks, each a list or a table of its own in the parser's eyes. */
export class OpenBlock {
  /**
   * @param parser
   * @param {(html: string) => DocumentFragment} clean
   * @param references of the message, and notes: what the block itself defines does not count yet
   */
  constructor(parser, clean, { references, notes }) {
    this.parser = parser;
    this.clean = clean;
    this.env = { references: Object.create(references), notes: Object.create(notes) };
    this.source = ""; // of all whole items or rows
    this.fresh = ""; // what of it is not in the page
    this.kept = 0; // child nodes in the page that are as they will be
    this.isLoose = false;
  }

  /** Items or rows that are whole. */
  grow(source) {
    this.source += source;
    this.fresh += source;
  }

  /** Everything is drawn anew the next time. */
  forget() {
    this.fresh = this.source;
    this.kept = 0;
  }

  /** Whether the block defines labels, which then hold for all of it. */
  get defines() {
    return Object.keys(this.env.references).length + Object.keys(this.env.notes).length > 0;
  }

  /**
   * What is to follow the kept nodes: `fragment` is the block with that alone in it, and `settled`
   * how many of its nodes are final. Undefined where this is no plain list or table.
   */
  draw(rest) {
    if (!this.isLoose && this.loosens()) {
      this.isLoose = true;
      this.forget();
    }
    const head = /^[^\n]*\n[^\n]*\n/.exec(this.source)?.[0] ?? "";
    const isTable = !LIST.test(this.source);
    const first = isTable && this.kept ? head + this.fresh : this.fresh;
    const settled = first ? this.part(first) : undefined;
    if (first && !settled) return undefined;
    const open = rest ? this.part(isTable ? head + rest : rest) : undefined;
    if (rest && !open) return undefined;
    if (!settled) return open && { fragment: open, settled: 0 };
    const into = inside(settled);
    const count = into ? Math.max(into.childNodes.length - 1, 0) : 0;
    if (open) {
      if (into) into.append(...[...(inside(open)?.childNodes ?? [])].slice(1));
      else return inside(open) ? { fragment: open, settled: 0 } : { fragment: settled, settled: 0 };
    }
    return { fragment: settled, settled: count };
  }

  /** Whether the last item alone makes all of the list loose; `rest` is the end of the block. */
  ends(rest) {
    return !this.isLoose && LIST.test(this.source) && this.isLooseAs(`${rest.trimEnd()}\n`);
  }

  loosens() {
    return this.fresh !== "" && LIST.test(this.source) && this.isLooseAs(this.fresh);
  }

  /** Whether an item after these would have paragraphs. */
  isLooseAs(source) {
    const mark = LIST.exec(this.source)[1];
    const tokens = this.parser.parse(`${source}${/\d/.test(mark) ? `1${mark.at(-1)}` : mark} x\n`, this.env);
    const last = tokens.findLast((token) => token.type === "paragraph_open" && token.level === 2);
    return last !== undefined && !last.hidden;
  }

  part(source) {
    const tokens = this.parser.parse(calm(source), this.env);
    const [first, last] = [tokens[0], tokens.at(-1)];
    const isOne = first && BLOCKS.has(first.type) && tokens.findIndex(({ nesting, level }) => nesting < 0 && level === 0) === tokens.length - 1;
    if (!isOne || !last) return undefined;
    if (this.isLoose) {
      for (const token of tokens) if (token.level === 2 && token.type.startsWith("paragraph_")) token.hidden = false;
    }
    return this.clean(this.parser.renderer.render(tokens, this.parser.options, this.env));
  }
}

const LIST = /^ {0,3}([-+*]|\d{1,9}[.)])(?:[ \t]|\n)/;
const BLOCKS = new Set(["bullet_list_open", "ordered_list_open", "table_open"]);

/** The element that holds the items or rows; a table without rows has none. */
export function inside(root) {
  const block = root instanceof DocumentFragment ? root.firstElementChild : root;
  return block.localName === "div" ? block.querySelector("tbody") : block;
}
