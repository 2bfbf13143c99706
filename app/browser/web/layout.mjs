// What frames the conversation: the list of chats on the left, the details on the right. Beside
// it where there is room, else sheets over it, one at a time. Works before Python is up.

const page = document.documentElement;
// The limits of layout.css, in letters of the page.
const parts = {
  sidebar: { element: document.querySelector("#sidebar"), isNarrow: () => width() <= 48 || letters(page.clientHeight) <= 30 },
  drawer: { element: document.querySelector("#drawer"), isNarrow: () => width() <= 72 },
};
const letters = (pixels) => pixels / parseFloat(getComputedStyle(page).fontSize);
const width = () => letters(page.clientWidth);
const rest = document.querySelectorAll(".skips, .middle");
const scrim = document.querySelector("#scrim");

let returnTo = null; // what had the focus when a sheet opened

const isSheet = (name) => parts[name].isNarrow();
const isOpen = (name) =>
  isSheet(name) ? page.dataset.sheet === name : page.dataset[name] !== "closed";

function show() {
  const sheet = page.dataset.sheet;
  scrim.hidden = !sheet;
  // Inert is what keeps the focus, and a screen reader, inside the sheet.
  for (const element of rest) element.inert = Boolean(sheet);
  for (const [name, { element }] of Object.entries(parts)) {
    element.inert = !isOpen(name) || Boolean(sheet && sheet !== name);
    for (const button of document.querySelectorAll(`[data-frame="${name}"][aria-expanded]`)) {
      button.ariaExpanded = String(isOpen(name));
    }
  }
}

function openSheet(name) {
  returnTo ??= document.activeElement;
  page.dataset.sheet = name;
  show();
  parts[name].element.querySelector("button, input")?.focus();
}

/** Close the sheet that lies over the page, if there is one, and give the focus back. */
export function closeSheet() {
  if (!page.dataset.sheet) return false;
  delete page.dataset.sheet;
  show();
  returnTo?.focus();
  returnTo = null;
  return true;
}

export function isFrameOpen(name) {
  return isOpen(name);
}

/** Open or close "sidebar" or "drawer". */
export function setFrame(name, open) {
  if (isOpen(name) === open) return;
  if (isSheet(name)) {
    if (open) openSheet(name);
    else closeSheet();
    return;
  }
  const hadFocus = parts[name].element.contains(document.activeElement);
  page.dataset[name] = open ? "open" : "closed";
  keep(name);
  show();
  if (hadFocus) document.querySelector(`.top [data-frame="${name}"]`).focus();
}

/** Open the drawer at one of its panels: "settings" or "wire". */
export function openDrawer(panel) {
  setFrame("drawer", true);
  choose(document.querySelector(`#tab-${panel}`));
}

function keep(name) {
  try {
    localStorage.setItem(`${page.dataset.space ?? ""}tokenfall.${name}`, page.dataset[name]);
  } catch {
    // Storage can be forbidden; then it holds for this visit.
  }
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-frame]");
  if (button) setFrame(button.dataset.frame, !isOpen(button.dataset.frame));
});
scrim.addEventListener("click", closeSheet);

const areSheets = () => Object.keys(parts).map(isSheet).join();
let before = areSheets();
function fit() {
  const now = areSheets();
  if (now !== before) closeSheet() || show();
  before = now;
  turn();
}
addEventListener("resize", fit);
// Text may become larger by itself.
const letter = document.createElement("div");
letter.style.cssText = "position: fixed; width: 1rem; visibility: hidden";
document.body.append(letter);
new ResizeObserver(fit).observe(letter);

/* Escape closes what lies on top: a menu or a dialog does so itself, then a sheet, then the
   answer that runs is stopped, then the drawer closes. */

const stop = document.querySelector("#stop");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.keyCode === 229) return;
  if (event.defaultPrevented || document.querySelector("dialog[open], [popover]:popover-open")) return;
  if (closeSheet()) event.preventDefault();
  else if (!stop.hidden) {
    event.preventDefault();
    stop.click();
  } else if (parts.drawer.element.contains(event.target)) setFrame("drawer", false);
});

/* Tabs, after the ARIA practices: arrows move between them, Tab goes on to the panel. */

function choose(tab) {
  for (const other of tab.parentElement.children) {
    const chosen = other === tab;
    other.ariaSelected = String(chosen);
    other.tabIndex = chosen ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
  }
  tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  tab.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
}

function keysOf(tabs) {
  if (tabs.ariaOrientation === "vertical") return ["ArrowDown", "ArrowUp"];
  const isLeftToRight = getComputedStyle(tabs).direction !== "rtl";
  return isLeftToRight ? ["ArrowRight", "ArrowLeft"] : ["ArrowLeft", "ArrowRight"];
}

for (const tabs of document.querySelectorAll("[role=tablist]")) {
  tabs.addEventListener("click", ({ target }) => target.closest("[role=tab]") && choose(target.closest("[role=tab]")));
  tabs.addEventListener("keydown", (event) => {
    const all = [...tabs.children];
    const at = all.indexOf(document.activeElement);
    const [forward, backward] = keysOf(tabs);
    const to = { [forward]: at + 1, [backward]: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const tab = all.at(to % all.length);
    choose(tab);
    tab.focus();
  });
}

// Tabs beside their panels stand above them, in a row, where there is no room.
function turn() {
  for (const tabs of document.querySelectorAll("[data-beside]")) {
    tabs.ariaOrientation = width() <= 44 ? "horizontal" : "vertical";
  }
}
turn();

show();
