// What many pages do: parse the whole text anew with every frame, and replace all that is shown.

import DOMPurify from "/vendor/dompurify/purify.js";
import MarkdownIt from "/vendor/markdown-it/markdown-it.mjs";
import { marked } from "/npm/marked/lib/marked.esm.js";

const parser = new MarkdownIt();
const RENDER = { marked: (text) => marked.parse(text), "markdown-it": (text) => parser.render(text) };

export function writer(name, tokens) {
  const element = document.createElement("div");
  element.className = "markdown";
  document.getElementById("transcript").append(element);
  const scroller = document.getElementById("scroller");
  let text = "";
  let frame = 0;
  const draw = () => {
    frame = 0;
    element.replaceChildren(DOMPurify.sanitize(RENDER[name](text), { RETURN_DOM_FRAGMENT: true }));
    scroller.scrollTop = 1 << 30;
  };
  let at = 0;
  return {
    async write(count, pace) {
      const began = performance.now();
      let done = 0;
      while (done < count) {
        const due = Math.min(Math.floor((performance.now() - began) / pace) + 1, count);
        if (due > done) {
          text += tokens.slice(at + done, at + due).join("");
          done = due;
          frame ||= requestAnimationFrame(draw);
        }
        await new Promise((resolve) => setTimeout(resolve, 4));
      }
      at += count;
      draw();
    },
    remove: () => element.remove(),
  };
}
