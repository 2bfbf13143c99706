// Inside another page nothing starts: that page could lie over this one and let a person press what
// they don't see. serve.py forbids it in a header, which a file host can't send; where a program has
// named who may frame its page, its header keeps out all others, and `server/embedding` says so here.

if (top !== self && !("frameable" in document.documentElement.dataset)) {
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
