// Turns keys and example prompts into what the form and its buttons mean, from the first moment
// and for as long as the page lives. Who listens to `submit` changes: boot.mjs, then Python.

const form = document.querySelector("#composer");
const message = document.querySelector("#message");
const page = document.documentElement;

try {
  const name = `${page.dataset.space ?? ""}tokenfall.send`;
  page.dataset.send = localStorage.getItem(name) ?? "enter";
} catch {
  // Storage can be forbidden; Enter sends then.
}

// On a touch screen Enter makes a new line: there is no Shift+Enter, and Send is under the thumb.
const touch = matchMedia("(hover: none) and (pointer: coarse)");
const nameEnterKey = () => (message.enterKeyHint = touch.matches ? "enter" : "send");
touch.addEventListener("change", nameEnterKey);
nameEnterKey();

message.addEventListener("keydown", (event) => {
  // While an input method composes, Enter chooses a candidate. Safari has already ended the
  // composition when its last Enter comes, and tells only by the key code.
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
  const control = event.ctrlKey || event.metaKey;
  if (!control && (touch.matches || page.dataset.send === "control")) return;
  event.preventDefault();
  form.requestSubmit();
});

document.querySelector("#welcome").addEventListener("click", ({ target }) => {
  const example = target.closest("[data-example]");
  if (!example) return;
  message.value = example.textContent;
  form.requestSubmit();
});

form.addEventListener("submit", (event) => event.preventDefault());

// A tap beside the words still means the message box.
form.addEventListener("click", ({ target }) => target.closest("button, li") || message.focus());

// More than a line gets the whole width, with the buttons below it (`tall`). Measured beside the
// buttons, so that what would fit there never goes to and fro.
const fitWidth = () => {
  if (form.classList.contains("tall") && (message.value.length > 500 || message.value.includes("\n"))) return;
  form.classList.remove("tall");
  const { lineHeight, paddingBlockStart, paddingBlockEnd } = getComputedStyle(message);
  const two = 2 * parseFloat(lineHeight) + parseFloat(paddingBlockStart) + parseFloat(paddingBlockEnd);
  form.classList.toggle("tall", message.scrollHeight > two - 1);
};
message.addEventListener("input", fitWidth);
// Text also comes in by itself: a draft, a question that is taken back.
new ResizeObserver(() => requestAnimationFrame(fitWidth)).observe(message);

// The box grows with its text; browsers without field-sizing need its height told.
if (!CSS.supports("field-sizing", "content")) {
  const fit = () => {
    message.style.height = "auto";
    message.style.height = `${message.scrollHeight}px`;
  };
  message.addEventListener("input", fit);
  form.addEventListener("submit", () => queueMicrotask(fit));
}
