// Sets what must be right before the first paint, so that nothing flashes or jumps: the chosen
// theme (nothing stored means: follow the system), and which columns are open.

const { dataset } = document.documentElement;
try {
  const theme = localStorage.getItem("tokenfall.theme");
  if (theme === "light" || theme === "dark") dataset.theme = theme;
  if (localStorage.getItem("tokenfall.sidebar") === "closed") dataset.sidebar = "closed";
  if (localStorage.getItem("tokenfall.drawer") === "open") dataset.drawer = "open";
} catch {
  // Storage can be forbidden; the system's theme and the usual columns are then right.
}
