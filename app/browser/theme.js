// Sets what must be right before the first paint, so that nothing flashes or jumps: the chosen
// theme (nothing stored means: follow the system), and which columns are open. A classic script in
// the head, for which every browser waits with its first paint, and no longer than it has to.

{
  const page = document.documentElement;
  const { dataset } = page;
  // Nothing of it is to be seen there: web/framed.mjs.
  page.hidden = top !== self && !("frameable" in dataset);
  try {
    const kept = (name) => localStorage.getItem(`${dataset.space ?? ""}tokenfall.${name}`);
    const theme = kept("theme");
    if (theme === "light" || theme === "dark") dataset.theme = theme;
    if (kept("sidebar") === "closed") dataset.sidebar = "closed";
    if (kept("drawer") === "open") dataset.drawer = "open";
  } catch {
    // Storage can be forbidden; the system's theme and the usual columns are then right.
  }
}
