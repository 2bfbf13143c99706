// What React pages draw a streamed answer with. Bundled by the set-up of this benchmark.

import { code } from "@streamdown/code";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { Streamdown } from "streamdown";

const ELEMENTS = {
  streamdown: (text) => createElement(Streamdown, { isAnimating: true, plugins: { code } }, text),
  "react-markdown": (text) => createElement(ReactMarkdown, { remarkPlugins: [remarkGfm] }, text),
};

/** Gives what draws a whole text into this element, and what takes it away. */
export function drawing(name, element) {
  const root = createRoot(element);
  return { draw: (text) => root.render(ELEMENTS[name](text)), remove: () => root.unmount() };
}
