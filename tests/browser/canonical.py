"""HTML as a list of what it says, so that ours and that of a suite can be compared.

What is different by design is taken out of ours here: headings begin at the third level, code and
tables stand in frames with buttons, an address that must not be opened stands in a title, an image
from elsewhere is a button, alignment is a class. All else has to be the same.
"""

import re
from html.parser import HTMLParser

_VOID = frozenset({"br", "hr", "img", "input"})
_BLOCKS = frozenset(
    [
        "blockquote",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_FRAMES = frozenset({"code", "code-bar", "table", "table-frame", "table-bar"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._open: list[tuple[str, str]] = []  # the tag as written, and what it stands for
        self._left_out = 0
        self._in_pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        meant, kept = _meaning(tag, given)
        if tag not in _VOID:
            self._open.append((tag, meant))
        self._left_out += self._left_out > 0 or meant == "nothing"
        self._in_pre += meant == "pre"
        if self._left_out == 1 and meant == "nothing" and "img" in kept:
            self._say(f'<img of="{kept["img"]}">')
        if self._left_out or not meant:
            if tag in _VOID:
                self._left_out -= self._left_out > 0
            return
        names = "".join(f' {name}="{kept[name]}"' for name in sorted(kept))
        self._say(f"<{meant}{names}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not self._open:
            return
        _, meant = self._open.pop()
        self._in_pre -= meant == "pre"
        if self._left_out:
            self._left_out -= 1
        elif meant:
            self._say(f"</{meant}>")

    def handle_data(self, data: str) -> None:
        if self._left_out:
            return
        text = data if self._in_pre else re.sub(r"\s+", " ", data)
        if self.said and self.said[-1][:1] != "<":
            self.said[-1] += text
        else:
            self.said.append(text)

    def _say(self, what: str) -> None:
        self.said.append(what)


def canonical(html: str) -> list[str]:
    """Write HTML in one form, tag by tag and text by text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    said = reader.said
    kept = []
    is_pre = False
    for at, each in enumerate(said):
        if each.startswith("<"):
            is_pre = each.startswith("<pre") or (is_pre and each != "</pre>")
            kept.append(each)
            continue
        text = each
        if not is_pre:
            if at == 0 or _is_block(said[at - 1]):
                text = text.lstrip()
            if at + 1 == len(said) or _is_block(said[at + 1]):
                text = text.rstrip()
        if text:
            kept.append(text)
    return kept


def _is_block(tag: str) -> bool:
    return tag.strip("</>").split(" ")[0] in _BLOCKS or tag == "<br>"


def _meaning(tag: str, given: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The plain tag and its attributes; "" is a frame, "nothing" goes with its text."""
    names = given.get("class", "").split()
    if tag == "div" and _FRAMES & set(names):
        return "", {}
    if tag == "button" and "far-image" not in names:
        return "nothing", {}
    if "far-image" in names or "dead-image" in names:
        return "nothing", {
            "img": _image(given["data-source"], given["data-alt"], given.get("title"))
        }
    if tag == "img":
        return "img", {"of": _image(given["src"], given.get("alt", ""), given.get("title"))}
    if tag == "span" and "code-language" in names:
        return "nothing", {}
    if tag == "span" and any(name.startswith("hljs") for name in names):
        return "", {}
    if names and names[0].startswith("level-"):
        return f"h{names[0][-1]}", {}
    if tag == "a" or "dead-link" in names:
        return "a", _link(given)
    if tag in ("th", "td"):
        side = given.get("align") or next(iter(names), "")
        side = side or given.get("style", "").removeprefix("text-align:")
        return tag, {"align": side} if side else {}
    if tag == "code" and names:
        return "code", {"class": names[0]}
    if tag == "del":
        return "s", {}
    if tag == "ol" and given.get("start"):
        return "ol", {"start": given["start"]}
    if tag == "input":
        return "input", {"checked": ""} if "checked" in given else {}
    return tag, {}


def _link(given: dict[str, str]) -> dict[str, str]:
    title = given.get("title")
    if "rel" not in given and "dead-link" not in given.get("class", ""):
        return {"href": given.get("href", ""), **({} if title is None else {"title": title})}
    shown, line, address = (title or "").rpartition("\n")
    return {"href": address, **({"title": shown} if line else {})}


def _image(source: str, alt: str, title: str | None) -> str:
    return f"{source}|{alt}|{title}"
