// Other pages: each reads the same stream as ours, as short as that can be written, and draws once a
// frame. Some parse the whole text anew with every frame and replace all that is shown, as many do.

import DOMPurify from "/vendor/dompurify/purify.js";
import MarkdownIt from "/vendor/markdown-it/markdown-it.mjs";

const parser = new MarkdownIt();

async function drawing(name, element) {
  if (name === "one text node") {
    const node = element.appendChild(document.createTextNode(""));
    return { draw: (text) => node.appendData(text.slice(node.length)), remove() {} };
  }
  if (name === "markdown-it" || name === "marked") {
    const { marked } = await import("/npm/marked/lib/marked.esm.js");
    const render = name === "marked" ? (text) => marked.parse(text) : (text) => parser.render(text);
    return {
      draw: (text) => element.replaceChildren(DOMPurify.sanitize(render(text), { RETURN_DOM_FRAGMENT: true })),
      remove() {},
    };
  }
  return (await import("/peers.mjs")).drawing(name, element);
}

/** Ask this address, and draw what comes. */
export async function begin(name, url) {
  const element = document.createElement("div");
  element.className = "markdown";
  document.getElementById("transcript").append(element);
  const scroller = document.getElementById("scroller");
  const { draw, remove } = await drawing(name, element);
  let text = "";
  let frame = 0;
  const paint = () => {
    frame = 0;
    draw(text);
    scroller.scrollTop = 1 << 30;
  };
  async function read() {
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: '{"stream":true}' });
    let held = "";
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      const records = (held + piece).split("\n\n");
      held = records.pop();
      for (const record of records) {
        if (record.startsWith("data: {")) text += JSON.parse(record.slice(6)).choices[0]?.delta.content ?? "";
      }
      frame ||= requestAnimationFrame(paint);
    }
  }
  read();
  return {
    remove() {
      remove();
      element.remove();
    },
  };
}
