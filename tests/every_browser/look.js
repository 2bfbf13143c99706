// What the expressions of tests may use, in every browser; see `chat_tab.py`.

const called = (part) => {
  const labels = [...(part.labels ?? [])].map((label) => label.innerText);
  return part.ariaLabel || labels.join() || part.innerText;
};

// The first part to be seen that fits a selector and has these words in its label or its text.
const find = (selector, words = "") =>
  [...document.querySelectorAll(selector)].find(
    (part) => part.checkVisibility() && called(part).includes(words),
  );

// What stands in the last part that fits.
const text = (selector) => [...document.querySelectorAll(selector)].at(-1)?.innerText.trim() ?? "";

// Where a part can be pressed; null where it is off, out of sight, or something lies over it. In the
// second case it is brought into sight, for the next look.
const place = (part) => {
  if (!part || part.matches(":disabled")) return null;
  const { x, y, width, height } = part.getBoundingClientRect();
  const point = [x + width / 2, y + height / 2];
  if (part.contains(document.elementFromPoint(...point))) return point;
  part.scrollIntoView({ block: "center" });
  return null;
};

// Looks until there is something to be seen. Only a test that fails looks so often.
const until = async (look) => {
  for (let left = 2400; left; left -= 1) {
    const seen = look();
    if (seen) return seen;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`not seen: ${look}\n${document.body.innerText}`);
};
