// Sets what must be right before the first paint, so that nothing flashes or jumps: the chosen
// theme (nothing stored means: follow the system), and which columns are open.

// Inside another page nothing starts: that page could lie over this one and let a person press what
// they don't see. serve.py forbids it in a header, which a file host can't send.
if (top !== self) {
  const link = document.createElement("a");
  link.href = location.href;
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = "Open Tokenfall in a tab of its own";
  document.body.className = "framed";
  document.body.replaceChildren(link);
  throw new Error("Tokenfall does not start inside another page."); // nor does boot.mjs then
}

const { dataset } = document.documentElement;
try {
  const kept = (name) => localStorage.getItem(`${dataset.space ?? ""}tokenfall.${name}`);
  const theme = kept("theme");
  if (theme === "light" || theme === "dark") dataset.theme = theme;
  if (kept("sidebar") === "closed") dataset.sidebar = "closed";
  if (kept("drawer") === "open") dataset.drawer = "open";
} catch {
  // Storage can be forbidden; the system's theme and the usual columns are then right.
}
