// The frames for what is not ours to draw, from the page's side: begins and ends them, and sees to it
// that none stands still, floods the page or takes the keyboard. By hand because Python would be told
// of a message too late.

import { apart } from "../web/apart.mjs";

const DISPLAY = await apart(new URL("./display.html", import.meta.url).href, "allow-scripts allow-forms");
// A frame that does not answer is asked after so long, and so often waited for: twice, since a
// computer that has slept has not answered either; longer while a diagram is laid out.
const PING_MS = 1_000;
const PATIENCE_MS = 5_000;
const PATIENCE = 2;
const DRAWING_PATIENCE = 8;
// What may come of a frame from one answer to the next, and for each thing that it is told.
const MOST_MESSAGES = 1_000;
// Characters of a diagram, bytes of a bitmap.
const LONGEST = 50_000_000;
// So long it may take to tell that somebody pressed into a frame. One that takes the focus more often is
// ended.
const TELLING_MS = 50;
const MOST_THEFTS = 3;

const frames = new Set();

let tellStuck = () => {};

/** Tell when all frames were ended because one stood still. */
export const onStuck = (tell) => (tellStuck = tell);

export class DisplayFrame {
  /**
   * @param {Element} place where it goes
   * @param {string} title for who can't see it
   * @param {(type: string, value: unknown) => void} tell what it says; "ended" with the reason, once
   */
  constructor(place, title, tell) {
    this.tell = tell;
    this.allowed = MOST_MESSAGES;
    this.strays = MOST_MESSAGES;
    this.missed = 0;
    this.pressed = -Infinity;
    this.thefts = 0;
    this.isDrawing = false;
    this.waiting = []; // what is sent before it is there
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.onmessage = ({ data }) => this.take(data);
    this.element = document.createElement("iframe");
    this.element.title = title;
    for (const [name, value] of Object.entries(DISPLAY)) this.element.setAttribute(name, value);
    let loads = 0;
    this.element.addEventListener("load", () => {
      loads += 1;
      if (loads > 1) this.end("left");
      // It has no origin that could be named. There is nothing secret in this.
      else this.element.contentWindow.postMessage("display", "*", [port2]);
    });
    frames.add(this);
    place.append(this.element);
    this.ask();
  }

  /** Tell it something, with bytes that are its own from then on. */
  send(message, transfer = []) {
    this.allowed += MOST_MESSAGES;
    this.isDrawing ||= ["diagram", "chart", "library"].includes(message.type);
    if (this.waiting) this.waiting.push([message, transfer]);
    else this.port.postMessage(message, transfer);
  }

  /** Take it away; whatever runs in it ends with the last of its process. */
  end(reason) {
    if (!frames.delete(this)) return;
    clearTimeout(this.timer);
    this.port.onmessage = null;
    this.port.close();
    this.element.remove();
    this.tell("ended", reason);
  }

  take(message) {
    this.allowed -= 1;
    const { type, value } = message ?? {};
    const size = value?.byteLength ?? value?.length ?? 0;
    if (this.allowed < 0 || size > LONGEST || type === "flood") return this.end("flood");
    if (type === "left") return this.end("left");
    if (type === "pressed") {
      this.pressed = performance.now();
      return;
    }
    if (type === "pong") {
      this.missed = 0;
      this.allowed = Math.max(this.allowed, MOST_MESSAGES);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), PING_MS);
      return;
    }
    if (type === "here") {
      for (const [told, transfer] of this.waiting ?? []) this.port.postMessage(told, transfer);
      this.waiting = undefined;
      return;
    }
    if (["drawn", "failed", "loaded"].includes(type)) this.isDrawing = false;
    this.tell(String(type), typeof value === "object" && !(value instanceof ArrayBuffer) ? null : value);
  }

  /** Ask whether it still answers. Where it is loading the question waits for it. */
  ask() {
    if (!this.element.isConnected) return this.end("gone");
    this.port.postMessage({ type: "ping" });
    this.timer = setTimeout(() => this.miss(), PATIENCE_MS);
  }

  miss() {
    this.missed += 1;
    const isDrawing = [...frames].some((frame) => frame.isDrawing);
    if (this.missed < (isDrawing ? DRAWING_PATIENCE : PATIENCE)) {
      this.timer = setTimeout(() => this.miss(), PATIENCE_MS);
      return;
    }
    // A browser runs them all in one process, which lives on until the last of them is gone: which
    // one stands still is not to be told, and none could answer.
    const reason = this.waiting ? "absent" : "stuck";
    for (const frame of [...frames]) frame.end(reason);
    tellStuck();
  }
}

/* What stands in a frame may speak to this window itself, past the document between. Nobody listens;
   but whoever goes on and on is ended. */

addEventListener("message", ({ source }) => {
  const frame = source && frameOf(source);
  if (frame && (frame.strays -= 1) < 0) frame.end("flood");
});

function frameOf(source) {
  for (let at = source; at && at !== at.parent; at = at.parent) {
    for (const frame of frames) if (frame.element.contentWindow === at) return frame;
  }
}

/* Nor may it take the keyboard from a field of the page: what is typed next would go to it. Who wants
   to be in it has pressed Tab, or into it, of which the frame tells. */

let field = null; // what has the focus here
let focused = -Infinity; // since when
let tabbed = -Infinity;

addEventListener("focusin", ({ target }) => {
  field = target.matches("input, textarea") ? target : null;
  focused = performance.now();
});
addEventListener("keydown", ({ key }) => {
  if (key === "Tab") tabbed = performance.now();
}, true);
addEventListener("blur", () => {
  const frame = frameOf(document.activeElement?.contentWindow);
  if (!frame || !field) return;
  const from = field;
  setTimeout(() => {
    const isEntered = Math.max(tabbed, frame.pressed) > focused;
    if (isEntered || document.activeElement !== frame.element) return;
    from.focus({ preventScroll: true });
    if ((frame.thefts += 1) >= MOST_THEFTS) frame.end("focus");
  }, TELLING_MS);
});

/* Whether a frame's scripts run on the page's own thread, so that one that goes on for ever would
   stop the page too. Browsers differ, and change; so it is tried. */

let shared;

/** Resolves with whether they share it, as far as a few tries tell. */
export function sharesThread() {
  shared ??= tryThreads();
  return shared;
}

async function tryThreads() {
  let spun;
  const frame = new DisplayFrame(document.body, "", (type, value) => spun?.(type === "spun" ? value : undefined));
  frame.element.hidden = true;
  try {
    for (const ms of [30, 60, 120, 240, 480]) {
      const ticks = [];
      const ticking = setInterval(() => ticks.push(Date.now()), 5);
      frame.send({ type: "spin", ms });
      const said = await new Promise((resolve) => (spun = resolve));
      clearInterval(ticking);
      if (said === undefined) return true;
      const [from, to] = said.split(" ").map(Number);
      if (ticks.some((at) => at > from + 5 && at < to - 5)) return false;
    }
    return true;
  } finally {
    frame.end("done");
  }
}

/* What is looked at, and which theme is shown */

let tellSight;
const sights = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) tellSight(target, isIntersecting);
  },
  { rootMargin: "50% 0px" },
);

/** Tell of a watched element when it comes near to what is seen, and when it leaves that. */
export const onSight = (tell) => (tellSight = tell);
export const watch = (element) => sights.observe(element);
export const unwatch = (element) => sights.unobserve(element);

export const isDark = () => {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

/** Tell when the page's theme may have become another one. */
export function onTheme(tell) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
  new MutationObserver(tell).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}
