// From the parsed Markdown to HTML: links that open safely, images that ask first, code and tables
// with their buttons. Everything goes through the sanitiser in markdown.mjs afterwards.

import { isPrivateHost, webAddress } from "../web/addresses.mjs";
import { turnsOften } from "./markdown_text.mjs";

// A picture inside of the answer itself may be so long, in characters of its address.
const IMAGE_CHARACTERS = 8_000_000;
const IMAGE = /^data:image\/(?:png|jpeg|gif|webp|avif);base64,[a-z0-9+/=\s]*$/i;

export function addRules(parser) {
  const { rules } = parser.renderer;
  const { escapeHtml } = parser.utils;
  const written = (name, value) => ` ${name}="${escapeHtml(value)}"`;

  const plain = parser.renderer.renderToken.bind(parser.renderer);
  const withDirection = (tokens, at, options) => {
    tokens[at].attrSet("dir", "auto");
    return plain(tokens, at, options);
  };
  for (const name of ["paragraph", "bullet_list", "ordered_list", "blockquote"]) {
    rules[`${name}_open`] = withDirection;
  }

  /* The page has headings of its own: those of an answer begin at the third level. */

  rules.heading_open = (tokens, at) => {
    const level = Number(tokens[at].tag.slice(1));
    const deeper = level > 4 ? written("aria-level", String(level + 2)) : "";
    return `<${heading(level)} class="level-${level}" dir="auto"${deeper}>`;
  };
  rules.heading_close = (tokens, at) => `</${heading(Number(tokens[at].tag.slice(1)))}>\n`;

  /* Code */

  const code = (text, language) => {
    const label = escapeHtml(language);
    const marked = language ? written("class", `language-${language}`) : "";
    return (
      `<div class="code" data-language="${label}"><div class="code-bar"><span class="code-language">${label}</span>` +
      `${button("wrap", "Wrap lines")}${button("download", "Download")}${button("copy-code", "Copy")}</div>` +
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
    return `<button type="button" class="far-image" data-markdown="image"${data}>${escapeHtml(label)}<span class="far-image-alt">${escapeHtml(alt)}</span></button>`;
  };

  /* Formulas: their source, until KaTeX has drawn them */

  const formula = (token, kind) => `<span class="math ${kind}">${escapeHtml(token.content)}</span>`;
  rules.math_inline = (tokens, at) => formula(tokens[at], tokens[at].block ? "display" : "inline");
  rules.math_block = (tokens, at) => `<div class="formula">${formula(tokens[at], "display")}${button("copy-tex", "Copy TeX")}</div>\n`;

  /* Footnotes: marked here, numbered and gathered by markdown_footnotes.mjs */

  rules.footnote_open = (tokens, at) => `<div class="footnote"${written("data-note", tokens[at].meta.label)}>`;
  rules.footnote_close = () => "</div>\n";
  rules.footnote_use = (tokens, at) => `<sup class="footnote-use"${written("data-note", tokens[at].meta.label)}></sup>`;

  rules.too_deep = () => ` <span class="past-limit">Shown as text: too many marks within each other.</span>`;

  rules.task = (tokens, at) => `<input type="checkbox" disabled${tokens[at].meta.done ? ' checked aria-label="Done"' : ' aria-label="To do"'}>`;
}

const heading = (level) => `h${Math.min(level + 2, 6)}`;

const button = (action, label) => `<button type="button" class="quiet small" data-markdown="${action}">${label}</button>`;
