// Lets buttons take no press in the first moment after they appear, move, or come to say something
// else, so that nobody answers a question that was not there when the finger began to move. Python
// would come too late for this: a press that was made while it worked is looked at by its own time.

const STILL_MS = 400;
const LOOK_EVERY_MS = 100;

/** Guard all buttons with `data-choice` in `room`. One that counts has no `aria-disabled`. Gives a
 *  function that looks at them at once. */
export function guardPresses(room) {
  const seen = new WeakMap(); // a button → {look, since}: how it looks and lies, and since when
  let frame = 0;
  let timer = 0;
  let began = null; // when the latest press of a pointer or key began
  let ended = null;

  // Where it is, what it stands for, and "" where something lies over it or it is not seen.
  function lookOf(button) {
    const { x, y, width, height } = button.getBoundingClientRect();
    const top = document.elementFromPoint(x + width / 2, y + height / 2);
    if (document.hidden || !button.contains(top)) return "";
    return [x, y, width, height].map(Math.round).join() + button.disabled + button.textContent;
  }

  function look() {
    const now = performance.now();
    for (const button of room.querySelectorAll("button[data-choice]")) {
      const look = lookOf(button);
      let known = seen.get(button);
      if (!look || known?.look !== look) seen.set(button, (known = { look, since: now }));
      const isStill = now - known.since >= STILL_MS;
      if (isStill) button.removeAttribute("aria-disabled");
      else if (!button.ariaDisabled) button.ariaDisabled = "true";
    }
  }

  // With a frame, so that what counts has been painted; no frames come while nobody looks.
  function keepLooking() {
    clearTimeout(timer);
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (room.hidden) return;
      look();
      timer = setTimeout(keepLooking, LOOK_EVERY_MS);
    });
  }

  // What moves it is seen at once, the rest with the next look.
  const moves = new ResizeObserver(look);
  for (const element of [room, room.parentElement]) moves.observe(element);
  room.addEventListener("scroll", look, true);
  new MutationObserver(keepLooking).observe(room, { attributes: true, attributeFilter: ["hidden"], childList: true, subtree: true });
  document.addEventListener("visibilitychange", look);

  for (const kind of ["pointerdown", "keydown"]) {
    addEventListener(kind, (event) => {
      if (event.repeat) return; // a key that is held has been pressed long ago
      began = event.timeStamp;
      ended = null;
    }, true);
  }
  for (const kind of ["pointerup", "keyup"]) {
    addEventListener(kind, (event) => (ended = event.timeStamp), true);
  }

  room.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-choice]");
    if (!button) return;
    look(); // it may have moved since the last time
    // What presses without pointer and key, as a screen reader does, presses now.
    const isAlone = began === null || (ended !== null && event.timeStamp - ended > LOOK_EVERY_MS);
    const at = isAlone ? event.timeStamp : Math.min(began, event.timeStamp);
    if (at - seen.get(button).since >= STILL_MS) return;
    event.stopImmediatePropagation();
    event.preventDefault();
  }, true);
  return look;
}
