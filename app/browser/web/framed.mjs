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
  document.documentElement.hidden = false;
  throw new Error("Tokenfall does not start inside another page."); // nor does boot.mjs then
}
