"""Pictures from outside that the page may draw itself. Pure.

Bitmaps cost what their size says. An SVG is a program: 1,400 letters of `<use>` in each other hold
up the thread that draws the page for ever. So the page draws what charts are made of, each part of
it once, or as often as it is named; all else belongs into the frame of displays.
"""

import re
from base64 import b64decode
from urllib.parse import unquote_to_bytes

# What charts have, and who has written them.
_SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text"}
_OTHERS = {
    *("svg", "g", "defs", "use", "clipPath", "pattern", "tspan", "title", "desc", "style", "a"),
    *("image", "linearGradient", "radialGradient", "stop", "script"),  # no script runs in an image
    *("metadata", "RDF", "Work", "type", "date", "format", "creator", "Agent"),
}
_AGAIN = ("clipPath", "pattern")
_MOST_CHARACTERS = 400_000
_MOST_ELEMENTS = 10_000
_MOST_BITMAPS = 20
_MOST_LETTERS = 10_000
_DEEPEST = 100
# Letters of all parts that are named, as often as they are named.
_MOST_NAMED = 10_000_000

_DATA = re.compile(r"data:image/svg\+xml(?:;charset=utf-?8)?(;base64)?,", re.IGNORECASE)
_TAG = re.compile(r"<(/?)(?:[\w.-]*:)?(\w+)([^<>]*)>?")
# Types and entities of the document's own, sheets of style, and tags with a ">" in an attribute, of
# which the expression above does not see the rest.
_ODD = re.compile(
    r"<!ENTITY|<!DOCTYPE[^<>]*\[|<\?(?!xml\s)|<!\[CDATA\[(?!\s*\*\{)|\0|=\s*(?:\"[^\"<>]*>|'[^'<>]*>)"
)
_ENCODING = re.compile(
    r"\A\ufeff?<\?xml[^<>]*encoding\s*=\s*[\"'](?!utf-8[\"']|us-ascii[\"'])", re.I
)
_COSTLY = r"filter|mask|marker|animation|transition|@|\\|&#|url\((?!\s*[\"']?#)"
_COSTLY_STYLE = re.compile(rf"\b(?:style|class)\s*=\s*[\"'][^\"'<>]*(?:{_COSTLY})", re.I)
_COSTLY_ATTRIBUTE = re.compile(r"\b(?:filter|mask|marker(?:-\w+)?)\s*=", re.I)
_SHEET = re.compile(rf"<(?:[\w.-]*:)?style\b[^<>]*>[^<]*(?:{_COSTLY})", re.I)
_MARKUP = re.compile(r"<[^<>]*>|\s+")
_TARGET = re.compile(r"\bhref\s*=\s*[\"']#([\w.:-]+)[\"']")
_ID = re.compile(r"\bid\s*=\s*[\"']([^\"'<>]*)[\"']")
_BITMAP = re.compile(r"\bhref\s*=\s*[\"']data:image/(?:png|jpeg|gif|webp);base64,")


def may_be_drawn(url: str) -> bool:
    """Tell whether the page may show the picture of a `data:` address as an image."""
    head = url[:100].partition(",")[0].lower()
    if not head.startswith("data:image/"):
        return False
    if "svg" not in head and "xml" not in head:
        return True
    found = _DATA.match(url)
    if found is None or len(url) > 4 * _MOST_CHARACTERS:
        return False
    body = url[found.end() :]
    try:
        data = b64decode(body) if found[1] else unquote_to_bytes(body)
        return is_plain_svg(data.decode("utf-8"))
    except ValueError:
        return False


def is_plain_svg(text: str) -> bool:
    """Tell whether an SVG costs about what its length says."""
    if len(text) > _MOST_CHARACTERS or _ODD.search(text) or _ENCODING.match(text):
        return False
    if _COSTLY_STYLE.search(text) or _COSTLY_ATTRIBUTE.search(text) or _SHEET.search(text):
        return False
    if len(_MARKUP.sub("", text)) > _MOST_LETTERS:
        return False
    kinds: dict[str, set[str]] = {}
    sizes: dict[str, int] = {}
    named: list[str] = []
    depth = elements = bitmaps = 0
    within = ""  # what is drawn again and again: it names nothing that is
    for closing, name, attributes in _TAG.findall(text):
        if name not in _SHAPES and name not in _OTHERS:
            return False
        if closing:
            depth -= 1
            within = "" if name == within else within
            continue
        depth += not attributes.endswith("/")
        elements += 1
        if name in _AGAIN:
            within = name
        if within and (
            name in ("use", "image") or "clip-path" in attributes or "url(" in attributes
        ):
            return False
        if name == "use":
            if (target := _TARGET.search(attributes)) is None:
                return False
            named.append(target[1])
        if name == "image":
            bitmaps += 1
            if _BITMAP.search(attributes) is None:
                return False
        for id in _ID.findall(attributes):
            kinds.setdefault(id, set()).add(name)
            sizes[id] = max(sizes.get(id, 0), len(attributes))
        if depth > _DEEPEST or elements > _MOST_ELEMENTS or bitmaps > _MOST_BITMAPS:
            return False
    return (
        all(kinds.get(id, {""}) <= _SHAPES for id in named)
        and sum(sizes.get(id, 0) for id in named) <= _MOST_NAMED
    )
