"""A chat as one HTML page: what was said and how it ended, cells with what they showed, files by
name with their pictures and charts, and folded what was thought and what tools gave back. Nothing
in it runs or loads, so it reads the same in any browser, in both themes and on paper. Pure.
"""

from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from html import escape
from typing import Any

from ...history.tree import Tree
from ...python.messages import (
    TABLE,
    Clear,
    Display,
    Done,
    Failure,
    Message,
    Omitted,
    Output,
    chart_kind,
)
from ..conversation.answer import words as answer_words
from ..web import words as web_words
from . import words
from .told_cells import Attached, Called, Ended, RunCell, Said, Thought, ToldOf, cells_of

# Gives the HTML of an answer's Markdown, and the SVG of a chart; empty where it can't be drawn.
WriteMarkdown = Callable[[str], Awaitable[str]]
DrawChart = Callable[[str, Any], Awaitable[str]]

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --text: light-dark(#1d2126, #e6e8eb);
  --paper: light-dark(#fff, #16181b); --sunken: light-dark(#f3f4f6, #202327);
  --line: light-dark(#d6d9de, #3a3f46); --quiet: light-dark(#5a626d, #a3abb5);
  --wrong: light-dark(#a4262c, #ff9d9d); }}
body {{ max-width: 52rem; margin: 0 auto; padding: 2rem 1rem; background: var(--paper);
  color: var(--text); font: 1rem/1.6 system-ui, sans-serif; overflow-wrap: break-word; }}
article {{ margin-block: 1.5rem; }}
.person {{ padding: 0.75rem 1rem; border-radius: 0.5rem; background: var(--sunken); }}
.person > div, .plain {{ white-space: pre-wrap; }}
.speaker {{ margin: 0 0 0.25rem; font-size: 0.875rem; color: var(--quiet); }}
math[display="block"] {{ margin-block: 1rem; }}
pre {{ padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 0.5rem;
  overflow-x: auto; background: var(--sunken); white-space: pre-wrap;
  font: 0.875rem/1.5 ui-monospace, monospace; }}
pre.output {{ border-style: none none none solid; border-width: 0 0 0 3px; border-radius: 0;
  background: none; }}
pre.failed {{ border-color: var(--wrong); color: var(--wrong); }}
.table {{ margin-block: 1rem; overflow-x: auto; }}
table {{ border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }}
:is(th, td) {{ padding: 0.25rem 0.75rem; border: 1px solid var(--line); }}
:where(th:not([align])) {{ text-align: start; }}
caption {{ white-space: nowrap; }}
.number {{ text-align: end; }}
thead th {{ background: var(--sunken); }}
.ending {{ padding-inline-start: 0.75rem; border-inline-start: 3px solid var(--wrong);
  color: var(--wrong); }}
blockquote {{ margin-inline: 0; padding-inline-start: 1rem; color: var(--quiet);
  border-inline-start: 3px solid var(--line); }}
.callout {{ padding: 0.6rem 1rem; border-inline-start-color: var(--kind); color: inherit;
  border-radius: 0.25rem; background: color-mix(in srgb, var(--kind) 8%, transparent); }}
.callout > :first-child {{ margin-top: 0; color: var(--kind); }}
.callout > :last-child {{ margin-bottom: 0; }}
.callout-note {{ --kind: light-dark(#1d55a5, #8fbcf5); }}
.callout-tip {{ --kind: light-dark(#1f6b2e, #9bd38b); }}
.callout-important {{ --kind: light-dark(#6a3fa8, #c5a8f2); }}
.callout-warning {{ --kind: light-dark(#855400, #f0b072); }}
.callout-caution {{ --kind: var(--wrong); }}
details {{ margin-block: 1rem; padding: 0.5rem 0.9rem; border: 1px solid var(--line);
  border-radius: 0.5rem; }}
summary {{ cursor: pointer; }}
.aside > summary {{ color: var(--quiet); font-size: 0.875rem; }}
.note, caption {{ color: var(--quiet); font-size: 0.875rem; text-align: start; }}
img {{ max-width: 100%; height: auto; }}
.figure img {{ padding: 0.5rem; border-radius: 0.5rem; background: #fff; }}
iframe {{ width: 100%; height: 24rem; border: 1px solid var(--line); background: #fff; }}
@media print {{
  :root {{ color-scheme: light; }}
  body {{ max-width: none; padding: 0; }}
  :is(tr, img, h2) {{ break-inside: avoid; }}
  h2 {{ break-after: avoid; }}
  a[href^="http"]:not(.bare)::after {{ content: " (" attr(href) ")"; overflow-wrap: anywhere; }}
}}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
"""


async def to_page(tree: Tree, told_of: ToldOf, write: WriteMarkdown, draw: DrawChart) -> str:
    """Write what is shown of a chat."""
    title = " ".join(tree.chat.title.split()) or "Chat"
    pieces = [_HEAD.format(title=escape(title))]
    named = ""

    def head(name: str) -> str:
        """The heading above all that somebody says."""
        nonlocal named
        before, named = named, name
        return f'<h2 class="speaker">{escape(name)}</h2>' if name != before else ""

    for one in cells_of(tree, told_of):
        match one:
            case Said(text=text, speaker=""):
                said = f"<div>{escape(text)}</div>"
                named = ""
                pieces.append(f'<article class="person">{head(words.YOU)}{said}</article>')
            case Said(text=text, speaker=speaker):
                said = await write(text)
                pieces.append(f"<article>{head(speaker)}{said}</article>")
            case Thought(text=text, speaker=speaker):
                thought = _folded(answer_words.REASONING, await write(text))
                pieces.append(f"<article>{head(speaker)}{thought}</article>")
            case Attached():
                pieces.append(await _attached(one, draw))
            case Called(call=call):
                code = f"<code>{escape(call)}</code>"
                pieces.append(f'<p class="note">{words.TOOL_CALL}: {code}</p>')
                if result := _output(one.read, has_failed=one.has_failed):
                    pieces.append(_folded(words.ERROR if one.has_failed else words.RESULT, result))
            case Ended(ending=ending):
                pieces.append(f'<p class="ending">{escape(ending)}</p>')
            case RunCell():
                named = ""
                pieces.append(await _cell(one, write, draw))
    text = "\n".join([*pieces, "</main>\n</body>\n</html>\n"])
    return text.encode("utf-8", "replace").decode()


def _folded(title: str, html: str) -> str:
    return f'<details class="aside"><summary>{title}</summary>{html}</details>'


async def _attached(one: Attached, draw: DrawChart) -> str:
    label = words.FILE if one.is_answered else words.ATTACHED
    name = escape(one.name)
    if one.address:
        name = f'<a href="{escape(one.address)}">{name}</a>'
    size = f" ({web_words.size(one.size_bytes)})" if one.size_bytes else ""
    lost = f" {words.LOST}" if one.is_lost else ""
    note = f'<p class="note">{label}: {name}{size}{lost}</p>'
    picture = f'<img alt="" src="{escape(one.picture)}">' if one.picture else ""
    return note + picture + (await _drawn(*one.drawn, draw) if one.drawn else "")


async def _drawn(kind: str, content: Any, draw: DrawChart) -> str:
    """A chart or HTML of a file or cell; empty where it can't be drawn."""
    if kind == "output":
        text = escape(content)
        return f'<iframe sandbox="" title="{words.HTML_OUTPUT}" srcdoc="{text}"></iframe>'
    svg = await draw(kind, content)
    return _figure("image/svg+xml", _base64(svg)) if svg else ""


async def _cell(cell: RunCell, write: WriteMarkdown, draw: DrawChart) -> str:
    shown: list[str] = []
    clears = False
    for message in cell.told:
        if clears and isinstance(message, Output | Display):
            shown, clears = [], False
        if isinstance(message, Clear):
            shown, clears = (shown, True) if message.waits else ([], False)
            continue
        shown.append(await _shown(message, write, draw))
    if not cell.told and cell.read:  # what it showed is not kept; what the model read of it is
        shown = [_output(cell.read, has_failed=cell.has_failed)]
    code = f"<pre><code>{escape(cell.code.strip(chr(10)))}</code></pre>"
    return f'<article><h2 class="speaker">{words.CELL}</h2>{code}\n{"".join(shown)}</article>'


async def _shown(message: Message, write: WriteMarkdown, draw: DrawChart) -> str:
    match message:
        case Output(text=text):
            return _output(text)
        case Omitted(characters=count):
            return f'<p class="note">{words.omitted(count)}</p>'
        case Failure():
            text = message.trace or f"{message.name}: {message.message}"
            return _output(text, has_failed=True)
        case Display(data=data):
            return await _display(data, write, draw)
        case Done(notes=notes):
            return "".join(f'<p class="note">{escape(note)}.</p>' for note in notes)
    return ""


def _output(text: str, *, has_failed: bool = False) -> str:
    kind = "output failed" if has_failed else "output"
    return f'<pre class="{kind}">{escape(text)}</pre>' if text.strip() else ""


async def _display(data: dict[str, Any], write: WriteMarkdown, draw: DrawChart) -> str:
    """The richest form that stands still: table, picture, HTML in which nothing runs, text."""
    if (table := _table(data.get(TABLE))) is not None:
        return table
    for mime, content in data.items():
        kind = chart_kind(mime) if isinstance(content, dict) else ""
        if kind and (chart := await _drawn(kind, content, draw)):
            return chart
    if isinstance(svg := data.get("image/svg+xml"), str):
        return _figure("image/svg+xml", _base64(svg))
    for mime in _PICTURES:
        if isinstance(picture := data.get(mime), str):
            return _figure(mime, "".join(picture.split()))
    if isinstance(html := data.get("text/html"), str):
        return await _drawn("output", html, draw)
    for mime in ("text/markdown", "text/latex"):
        if isinstance(text := data.get(mime), str):
            return await write(text)
    plain = data.get("text/plain")
    return _output(plain) if isinstance(plain, str) else ""


def _base64(text: str) -> str:
    return b64encode(text.encode("utf-8", "replace")).decode()


def _figure(mime: str, base64: str) -> str:
    address = escape(f"data:{mime};base64,{base64}")
    return f'<p class="figure"><img alt="{words.FIGURE}" src="{address}"></p>'


def _table(data: Any) -> str | None:
    """A table, as `python/tables` writes it; None where it is none."""
    try:
        columns = [str(one["name"]) for one in data["columns"]]
        heads = [bool(one.get("is_index")) for one in data["columns"]]
        rows: Sequence[Sequence[Any]] = data["rows"]
        body = "".join(f"<tr>{''.join(map(_value, row, heads))}</tr>" for row in rows)
        of_all = words.table_of(len(rows), int(data["total_rows"]), int(data["total_columns"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    caption = f"<caption>{of_all}</caption>"
    return (
        f'<div class="table"><table>{caption}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _value(value: Any, is_index: bool) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    kind = ' class="number"' if is_number else ""
    text = "" if value is None else escape(str(value))
    return f'<th scope="row"{kind}>{text}</th>' if is_index else f"<td{kind}>{text}</td>"
