"""Feeding what an attacker would write, and looking at whether anything came of it.

A place where text from outside is shown gets its test so: a function that feeds one vector, and the
CSS selector of where it may be seen.

    attack = Attack(page)
    attack.run(vectors(), feed=lambda vector: rename_chat(page, vector), where="#sidebar")
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from playwright.sync_api import Page, Request

from tests.cases import library

# What any vector may turn into. Everything else is an escape.
_TAGS = [
    "a",
    "annotation",
    "article",
    "aside",
    "b",
    "blockquote",
    "br",
    "button",
    "circle",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "input",
    "label",
    "li",
    "line",
    "mark",
    "math",
    "menclose",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "ms",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
    "nav",
    "ol",
    "p",
    "path",
    "pre",
    "s",
    "section",
    "select",
    "semantics",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "textarea",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
]

_WATCH = """
() => {
  const seen = (globalThis.attackSeen = []);
  for (const name of ["alert", "confirm", "prompt", "print", "open"]) {
    globalThis[name] = (...args) => (seen.push(`${name}(${args})`), null);
  }
  document.addEventListener("securitypolicyviolation", (event) =>
    seen.push(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  addEventListener("error", (event) => seen.push(`error: ${event.message}`));
}
"""

_LOOK = """
([where, tags]) => {
  const found = [...attackSeen];
  attackSeen.length = 0;
  const allowed = new Set(tags);
  for (const place of document.querySelectorAll(where)) {
    for (const element of [place, ...place.querySelectorAll("*")]) {
      if (!allowed.has(element.localName)) found.push(`<${element.localName}>`);
      for (const { name, value } of element.attributes) {
        if (/^(on.*|srcdoc|formaction)$/.test(name)) found.push(`${name}=${value}`);
        if (/^(href|xlink:href|action|background|poster|data|src)$/.test(name)) {
          const safe = name === "src"
            ? /^(data:image\\/(png|jpeg|gif|webp|avif);|blob:)/i
            : /^(https?:|mailto:|#)/i;
          if (!safe.test(value)) found.push(`${name}=${value}`);
        }
        if (value === "_blank" && !/noopener/.test(element.rel)) found.push("opener");
        const same = name === "id" ? document.querySelectorAll(`[id="${CSS.escape(value)}"]`) : [];
        if (same.length > 1) found.push(`id ${value} twice`);
      }
    }
  }
  for (const element of document.querySelectorAll(attackTags)) {
    if (!attackKnown.has(element)) found.push(`new <${element.localName}>`);
  }
  if (attackAddress() !== globalThis.attackPlace) found.push(`went to ${location.href}`);
  return found;
}
"""

_REMEMBER = """
() => {
  // Chats have addresses of their own behind the "#", and a new one has an empty one.
  globalThis.attackAddress = () =>
    location.href.split("#")[0] + location.hash.replace(/^#\\/(chat\\/[0-9a-f]+)?$/, "");
  globalThis.attackPlace = attackAddress();
  globalThis.attackTags = "script, iframe, object, embed, base, meta, form, frame, portal, applet";
  globalThis.attackKnown = new Set(document.querySelectorAll(attackTags));
}
"""


def vectors() -> list[str]:
    """Every vector of the recorded cases, as text, once."""
    found: dict[str, None] = {}
    assert library.FOLDER is not None
    for path in sorted((library.FOLDER / "xss").glob("*.json")):
        for case in json.loads(path.read_bytes())["cases"]:
            for member in ("payload", "markdown", "data", "input"):
                given = case.get(member)
                for text in given if isinstance(given, list) else [given]:
                    if isinstance(text, str) and text:
                        found[text] = None
    return list(found)


def embedded() -> list[str]:
    """The vectors again, each in three kinds of Markdown, taken in turn."""
    assert library.FOLDER is not None
    path = library.FOLDER / "xss" / "dompurify-expect.shared.json"
    forms = json.loads(path.read_bytes())["invariants"]["embedding_templates"]
    return [
        forms[(number * 3 + turn) % len(forms)].replace("{V}", vector)
        for number, vector in enumerate(vectors())
        for turn in range(3)
    ]


class Attack:
    """Watches one page from now on. `own` are paths that the page may ask for while it is fed."""

    def __init__(self, page: Page, *, own: Sequence[str] = ()) -> None:
        self._page = page
        self._own = ("/vendor/", "/app/browser/", "/api/model-servers", *own)
        self._requests: list[str] = []
        page.evaluate(_WATCH)
        page.evaluate(_REMEMBER)
        page.on("request", self._on_request)
        page.on("popup", lambda popup: self._requests.append(f"a window: {popup.url}"))
        page.on("dialog", lambda dialog: self._requests.append(f"a dialog: {dialog.message}"))

    def run(self, given: Sequence[Any], feed: Callable[[Any], object], where: str) -> None:
        """Feed each, a vector or a list of them, and fail for the first that does something.

        Raises:
            AssertionError: Something ran, was asked for elsewhere, or got out of its place.
        """
        assert given
        for vector in given:
            feed(vector)
            found = self._page.evaluate(_LOOK, [where, _TAGS]) + self._requests
            assert not found, f"{found} by {vector!r:.3000}"

    def _on_request(self, request: Request) -> None:
        # Our own modules, styles and fonts may come late; nothing else may be asked for.
        host = self._page.url.split("/", 3)[:3]
        parts = request.url.split("/", 3)
        if request.url.startswith(("data:", "blob:")):
            return
        if parts[:3] != host or not f"/{parts[3]}".startswith(self._own):
            self._requests.append(f"asked for {request.url}")
