"""The wire view: request and response of one answer, record by record.

It is drawn only while it is seen, and no more rows than a reader asks for.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from js import URL, document
from tokenfall_page import isFrameOpen, openDrawer

from ....core.text.pretty_json import pretty
from ....core.wire.recording import Exchange
from ....core.wire.recording_lines import render_lines
from ....core.wire.request_code import as_curl, as_python
from ....core.wire.transport import Request
from ...markdown.painter import Growing
from ...web import words as web_words
from ...web.dom import Node, clone, find, listen, part, save_file, show, to_clipboard
from ...web.tasks import beside
from .. import words as conversation_words
from . import words
from .recordings import Recorded
from .wire_rows import Row, WireRows, told

# Rows that are drawn before more are asked for.
_ROWS = 200
_RECORD_CHARACTERS = 4000
_BODY_CHARACTERS = 100_000


class Wire:
    """Fills the panel "Wire" of the drawer. `latest()` gives the recordings of the answer that is
    shown where none was chosen.
    """

    def __init__(self, latest: Callable[[], Sequence[Recorded]]) -> None:
        self._panel: Node = find("panel-wire")
        self._latest = latest
        self._recorded: Sequence[Recorded] = ()
        self._drawn: list[_Drawn] = []
        listen(find("tab-wire"), "chosen", lambda _: self.follow())
        listen(find("open-drawer"), "click", lambda _: self.follow())
        listen(self._panel, "click", self._on_click)

    @property
    def is_seen(self) -> bool:
        """Tell whether the panel can be read now."""
        return bool(isFrameOpen("drawer")) and not self._panel.hidden

    def open(self, recorded: Sequence[Recorded]) -> None:
        """Show these recordings."""
        openDrawer("wire")  # which shows the latest
        self._set(recorded)
        self.refresh()

    def refresh(self) -> None:
        """Show the new rows; costs nothing while nobody looks."""
        if not self.is_seen:
            return
        exchanges = [
            (exchange, recorded)
            for recorded in self._recorded
            for exchange in recorded.recorder.exchanges
        ]
        for exchange, recorded in exchanges[len(self._drawn) :]:
            drawn = _Drawn(len(self._drawn) + 1, exchange, recorded)
            self._panel.append(drawn.element)
            self._drawn.append(drawn)
        for drawn in self._drawn:
            drawn.refresh()

    def follow(self) -> None:
        """Show the latest answer's recordings: the panel was opened, or another answer is the
        latest.
        """
        if self.is_seen:
            self._set(self._latest())
            self.refresh()

    def _set(self, recorded: Sequence[Recorded]) -> None:
        self._recorded = recorded
        self._drawn = []
        self._panel.replaceChildren()
        if not recorded:
            nothing = document.createElement("p")
            nothing.className = "note"
            nothing.textContent = words.NOTHING_RECORDED
            self._panel.append(nothing)

    def _on_click(self, event: Any) -> None:
        button = event.target.closest("[data-wire]")
        if not button:
            return
        number = int(button.closest("[data-exchange]").getAttribute("data-exchange"))
        drawn = self._drawn[number - 1]
        match button.getAttribute("data-wire"):
            case "curl":
                beside(_copy(drawn.as_code(as_curl), button))
            case "python":
                beside(_copy(drawn.as_code(as_python), button))
            case "save":
                lines = "".join(render_lines([drawn.exchange]))
                save_file(lines, words.RECORDING_NAME, "application/x-ndjson")
            case "more":
                drawn.show_more()


class _Drawn:
    """One exchange in the panel."""

    def __init__(self, number: int, exchange: Exchange, recorded: Recorded) -> None:
        self.exchange = exchange
        self.element: Node = clone("template-exchange")
        self.element.setAttribute("data-exchange", str(number))
        self._rows = WireRows(exchange, recorded.decoder())
        self._waiting: list[Row] = []
        self._limit = _ROWS
        self._shown = 0
        self._head = ""
        self._is_relayed = recorded.is_relayed
        request = exchange.request
        part(self.element, "title").textContent = words.request_title(number)
        part(self.element, "target").textContent = f"{request.method} {request.url}"
        way = part(self.element, "way")
        way.textContent = words.WENT_THROUGH_SERVER
        show(way, recorded.is_relayed)
        part(self.element, "request-headers").textContent = _headers(request.headers)
        body = request.body.decode("utf-8", "replace")
        Growing(part(self.element, "request-body")).append(pretty(body)[:_BODY_CHARACTERS])

    def refresh(self) -> None:
        """Draw the rows that are new, within the limit."""
        self._waiting += self._rows.more()
        self._draw_rows()
        exchange, rows = self.exchange, self._rows
        part(self.element, "state").textContent = words.exchange_state(
            exchange.status, exchange.end, exchange.error
        )
        head = _headers(exchange.headers)
        if head != self._head:
            self._head = head
            part(self.element, "response-headers").textContent = head
        total_s = exchange.ended_s
        part(self.element, "totals").textContent = words.exchange_totals(
            rows.count,
            rows.total_bytes,
            web_words.seconds(rows.longest_gap_s),
            "" if total_s is None else web_words.seconds(total_s),
        )

    def as_code(self, write: Callable[[Request], str]) -> str:
        """The request as something to paste elsewhere, with a comment on the way it went."""
        code = write(_absolute(self.exchange.request))
        return f"# {words.WENT_THROUGH_SERVER}\n{code}" if self._is_relayed else code

    def show_more(self) -> None:
        """Draw as many rows again."""
        self._limit += _ROWS
        self._draw_rows()

    def _draw_rows(self) -> None:
        room = self._limit - self._shown
        now, self._waiting = self._waiting[:room], self._waiting[room:]
        if now:
            self._shown += len(now)
            part(self.element, "rows").append(*[_row(row) for row in now])
        more = part(self.element, "more")
        show(more, bool(self._waiting))
        more.textContent = conversation_words.more_rows(len(self._waiting))


def _row(row: Row) -> Node:
    made = clone("template-wire-row")
    part(made, "at").textContent = f"{row.at_s:.3f} s"
    gap = part(made, "gap")
    gap.textContent = f"+{web_words.seconds(row.gap_s)}"
    if row.is_late:
        made.setAttribute("data-late", "")
    record = row.data.decode("utf-8", "replace").strip()
    part(made, "record").textContent = record[:_RECORD_CHARACTERS] or words.END_OF_STREAM
    part(made, "events").textContent = "\n".join(map(told, row.events))
    return made


def _headers(headers: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


def _absolute(request: Request) -> Request:
    """The request with its whole address: outside of this page nobody knows whose `api/` it is."""
    return msgspec.structs.replace(request, url=str(URL.new(request.url, document.baseURI).href))


async def _copy(text: str, button: Node) -> None:
    label = button.textContent
    button.textContent = web_words.COPIED if await to_clipboard(text) else web_words.COPY_FORBIDDEN
    await asyncio.sleep(2)
    button.textContent = label
