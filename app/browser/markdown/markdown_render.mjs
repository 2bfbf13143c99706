// From the parsed Markdown to HTML: links that open safely, images that ask first, code and tables
// with their buttons. Everything goes through the sanitiser in markdown.mjs afterwards.

import { displayOf } from "./markdown_displays.mjs";
import { isPrivateHost, webAddress } from "../web/addresses.mjs";
import { turnsOften } from "./markdown_text.mjs";

// A picture inside of the answer itself may be so long, in characters of its address.
const IMAGE_CHARACTERS = 8_000_000;
// To a heading of the same answer, by the name that GitHub would give it. The page's own addresses
// begin with "#/".
const HEADING = /^#[^/]/;
const IMAGE = /^data:image\/(?:png|jpeg|gif|webp|avif);base64,[a-z0-9+/=\s]*$/i;

export function addRules(parser) {
  const { rules } = parser.renderer;
  const { escapeHtml } = parser.utils;
  const written = (name, value) => ` ${name}="${escapeHtml(value)}"`;

  const plain = parser.renderer.renderToken.bind(parser.renderer);
  /* Which way a text runs: each paragraph by itself (markdown.css), lists and quotes by their first
     words. A browser looks for those only in what has no direction of its own, so code and formulas
     have one, and paragraphs within something have none. */

  rules.paragraph_open = (tokens, at, options) => {
    if (!tokens[at].level) tokens[at].attrSet("dir", "auto");
    return plain(tokens, at, options);
  };
  const withDirection = (tokens, at, options) => {
    tokens[at].attrSet("dir", "auto");
    return plain(tokens, at, options);
  };
  rules.bullet_list_open = rules.summary_open = withDirection;
  rules.ordered_list_open = (tokens, at, options) => {
    const list = tokens[at];
    let count = 0;
    for (let next = at + 1; tokens[next].type !== "ordered_list_close" || tokens[next].level !== list.level; next += 1) {
      if (tokens[next].level === list.level + 1 && tokens[next].type === "list_item_open") count += 1;
    }
    const room = roomFor(Number(list.attrGet("start") ?? 1) + count - 1);
    list.attrSet("dir", "auto");
    if (room) list.attrSet("class", room);
    return plain(tokens, at, options);
  };
  rules.code_inline = (tokens, at) => `<code dir="ltr">${escapeHtml(tokens[at].content)}</code>`;

  rules.blockquote_open = (tokens, at, options) => {
    const { meta } = tokens[at];
    if (!meta?.callout) return withDirection(tokens, at, options);
    const title = escapeHtml(meta.title || meta.callout[0].toUpperCase() + meta.callout.slice(1));
    return `${withDirection(tokens, at, options)}<p class="callout-title"><span dir="auto">${title}</span></p>\n`;
  };

  /* Which place they have in the page's order is told by `placeHeadings`. */

  rules.heading_open = (tokens, at) => {
    const level = Number(tokens[at].tag.slice(1));
    return `<${heading(level)} class="level-${level}" dir="auto">`;
  };
  rules.heading_close = (tokens, at) => `</${heading(Number(tokens[at].tag.slice(1)))}>\n`;

  /* Code */

  const code = (text, language) => {
    const label = escapeHtml(language);
    const shows = displayOf(language, text);
    const marked = language ? written("class", `language-${language}`) : "";
    return (
      `<div class="code" data-language="${label}"><div class="code-bar"><span class="code-language">${label}</span>` +
      `${shows ? button("display", shows === "diagram" ? "Draw" : "Preview") : ""}${button("wrap", "Wrap lines")}${button("download", "Download")}${button("copy-code", "Copy")}</div>` +
      `<pre tabindex="0" dir="ltr"${turnsOften(text) ? written("class", "one-way") : ""}><code${marked}>${escapeHtml(text)}</code></pre></div>\n`
    );
  };
  rules.fence = (tokens, at) => {
    const info = parser.utils.unescapeAll(tokens[at].info).trim();
    return code(tokens[at].content, info.split(/\s+/)[0]);
  };
  rules.code_block = (tokens, at) => code(tokens[at].content, "");

  /* Tables */

  rules.table_open = () =>
    `<div class="table"><div class="table-frame" tabindex="0" role="region" aria-label="Table"><table dir="auto">\n`;
  rules.table_close = () => `</table></div><div class="table-bar">${button("copy-table", "Copy as CSV")}</div></div>\n`;
  for (const name of ["th_open", "td_open"]) {
    rules[name] = (tokens, at) => {
      const side = /text-align:(\w+)/.exec(tokens[at].attrGet("style") ?? "")?.[1];
      return `<${tokens[at].tag}${side ? written("class", side) : ""}>`;
    };
  }

  /* Links: only those that a browser opens elsewhere without harm; of others the text */

  rules.link_open = (tokens, at, _options, env) => {
    const address = tokens[at].attrGet("href");
    const title = tokens[at].attrGet("title");
    if (HEADING.test(address)) {
      env.link = "a";
      return `<a${written("href", address)}${title === null ? "" : written("title", title)}>`;
    }
    const isSafe = Boolean(webAddress(address));
    const shown = written("title", title === null ? address : `${title}\n${address}`);
    // A link ends before another begins.
    env.link = isSafe ? "a" : "span";
    if (!isSafe) return `<span class="dead-link"${shown}>`;
    // One whose text is the address itself; on paper it need not stand behind it once more.
    const bare = tokens[at].info === "auto" ? written("class", "bare") : "";
    return `<a${written("href", address)}${bare}${shown} target="_blank" rel="noopener noreferrer">`;
  };
  rules.link_close = (_tokens, _at, _options, env) => `</${env.link}>`;

  /* Images */

  rules.image = (tokens, at, options, env) => {
    const token = tokens[at];
    const address = token.attrGet("src");
    const alt = parser.renderer.renderInlineAsText(token.children ?? [], options, env);
    const title = token.attrGet("title");
    const named = title === null ? "" : written("title", title);
    if (IMAGE.test(address)) {
      if (address.length > IMAGE_CHARACTERS) return `<span class="dead-image"${named}>${escapeHtml(alt || "Image")} (too large to show)</span>`;
      return `<img${written("src", address)}${written("alt", alt)}${named}>`;
    }
    const url = webAddress(address);
    const data = written("data-source", address) + written("data-alt", alt) + named;
    if (!url?.host) return `<span class="dead-image"${data}>${escapeHtml(alt)}</span>`;
    // Even a mere request can do something there, such as `/delete?all=1` to a program that trusts
    // whoever is on this computer.
    if (isPrivateHost(url.hostname)) {
      const why = `Not shown: ${url.host} is this computer or in its network.`;
      return `<span class="dead-image"${data}>${escapeHtml(alt ? `${alt} (${why})` : why)}</span>`;
    }
    const label = `Show image from ${url.host}`;
    return `<button type="button" class="far-image" data-markdown="image"${data}><span class="on-screen">${escapeHtml(label)}</span><span class="far-image-alt">${escapeHtml(alt)}</span></button>`;
  };

  /* Formulas: their source, until KaTeX has drawn them */

  const formula = (token, kind) => `<span class="math ${kind}" dir="ltr">${escapeHtml(token.content)}</span>`;
  rules.math_inline = (tokens, at) => formula(tokens[at], tokens[at].block ? "display" : "inline");
  rules.math_block = (tokens, at) => `<div class="formula">${formula(tokens[at], "display")}${button("copy-tex", "Copy TeX")}</div>\n`;
  rules.math_fence = (tokens, at) => {
    const { meta, content, info } = tokens[at];
    const drawn = meta.formulas.map((one) => formula({ content: one }, "display")).join("");
    return `<div class="formula">${drawn}<details><summary>Source</summary>${code(content, info)}</details></div>\n`;
  };

  /* Footnotes: marked here, numbered and gathered by markdown_footnotes.mjs */

  rules.footnote_open = (tokens, at) => `<div class="footnote"${written("data-note", tokens[at].meta.label)}>`;
  rules.footnote_close = () => "</div>\n";
  rules.footnote_use = (tokens, at) => `<sup class="footnote-use"${written("data-note", tokens[at].meta.label)}></sup>`;

  rules.too_deep = () => ` <span class="past-limit">Shown as text: too many marks within each other.</span>`;

  rules.task = (tokens, at) => `<input type="checkbox" disabled${tokens[at].meta.done ? ' checked aria-label="Done"' : ' aria-label="To do"'}>`;
}

/** The class of a list of which the numbers need more room than two digits. */
export function roomFor(last) {
  const digits = String(last).length;
  return digits > 2 ? `digits-${digits}` : "";
}

const heading = (level) => `h${Math.min(level + 2, 6)}`;

const button = (action, label) => `<button type="button" class="quiet small" data-markdown="${action}">${label}</button>`;
