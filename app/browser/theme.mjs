// Sets the chosen theme before the first paint, so that nobody sees the other one flash.
// Nothing stored means: follow the system.

let theme;
try {
  theme = localStorage.getItem("tokenfall.theme");
} catch {
  // Storage can be forbidden; the system's theme is then the right one.
}
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
