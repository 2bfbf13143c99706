"""One answer: reasoning, text, refusal, tool calls, and beneath them how it went.

Events come in batches; text goes to the painter, which writes it with the next frame. What has
arrived is never taken away again.
"""

from collections.abc import Sequence

from js import document, performance

from ...core.events import (
    ContentDelta,
    Event,
    ReasoningDelta,
    RefusalDelta,
    ToolCallDelta,
    ToolCallStart,
)
from ...core.messages import Message
from ..dom import clone, part, show
from ..painter import Growing, Painter
from . import attachments, words


class Answer:
    """An <article> that grows. `sync` only changes what is said of times."""

    def __init__(self, painter: Painter, model: str, *, sync: bool) -> None:
        self.article = clone("template-answer")
        self._painter = painter
        self._text = Growing(part(self.article, "text"))
        self._reasoning = Growing(part(self.article, "reasoning-text"))
        self._refusal = Growing(part(self.article, "refusal"))
        self._tools: dict[int, Growing] = {}
        self._is_waiting = True
        self._began_ms: float = performance.now()
        self._thought_s: float | None = None
        self._is_sync = sync
        self._waits_for = "the whole answer" if sync else "the first token"
        part(self.article, "model").textContent = model
        self.waited(0)

    def waited(self, waited_s: int) -> None:
        """Say how long nothing has come; without effect once something has."""
        if self._is_waiting:
            for_how_long = f", {waited_s} s" if waited_s else ""
            line = part(self.article, "waiting-text")
            line.textContent = f"Waiting for {self._waits_for}{for_how_long}"

    @property
    def is_waiting(self) -> bool:
        return self._is_waiting

    def take(self, batch: Sequence[Event]) -> None:
        """Show what arrived, one write for all text of a kind."""
        text: list[str] = []
        reasoning: list[str] = []
        refusal: list[str] = []
        arguments: dict[int, list[str]] = {}
        for event in batch:
            match event:
                case ContentDelta():
                    text.append(event.text)
                case ReasoningDelta():
                    reasoning.append(event.text)
                case RefusalDelta():
                    refusal.append(event.text)
                case ToolCallStart():
                    self._add_tool(event.index, event.name)
                case ToolCallDelta():
                    arguments.setdefault(event.index, []).append(event.arguments)
        if reasoning:
            self._write_reasoning("".join(reasoning))
        if text:
            self._stop_waiting()
            self._end_reasoning()
            self._painter.write(self._text, "".join(text))
        if refusal:
            self._stop_waiting()
            show(part(self.article, "refusal"), True)
            self._painter.write(self._refusal, "".join(refusal))
        for index, fragments in arguments.items():
            self._painter.write(self._tools[index], "".join(fragments))

    def finish(self, message: Message, notice: words.Notice | None) -> None:
        """Show how it went, and what is wrong with it, if anything."""
        self._painter.flush()
        self._stop_waiting()
        self._end_reasoning()
        self.article.setAttribute("data-state", message.status or "error")
        self._show_facts(message)
        attachments.show_in(part(self.article, "attachments"), message)
        show(part(self.article, "foot"), True)
        copy = self.article.querySelector('[data-action="copy"]')
        show(copy, bool(message.text or message.refusal))
        if notice is not None:
            self._show_notice(notice)

    def count_down(self, left_s: float) -> None:
        """Say when Retry will be of use; at 0 it is offered."""
        line = part(self.article, "countdown")
        show(line, left_s > 0)
        left = words.seconds(left_s) if left_s >= 60 else f"{left_s:.0f} s"
        line.textContent = f"The provider asks to wait {left} more."
        self.article.querySelector('[data-action="retry"]').disabled = left_s > 0

    def retire(self, *, retried: bool) -> None:
        """Something follows: only the last answer offers Retry. `retried` says another attempt."""
        self.article.classList.toggle("retried", retried)
        show(self.article.querySelector('[data-action="retry"]'), False)
        show(self.article.querySelector('[data-action="settings"]'), False)
        show(part(self.article, "countdown"), False)

    def _write_reasoning(self, text: str) -> None:
        details = part(self.article, "reasoning")
        if not self._reasoning.started:
            self._stop_waiting()
            show(details, True)
            details.open = not self._text.started
            part(self.article, "reasoning-title").textContent = "Thinking…"
        self._painter.write(self._reasoning, text)

    def _end_reasoning(self) -> None:
        """Fold the reasoning when the answer begins, unless the reader has taken hold of it."""
        if not self._reasoning.started or self._thought_s is not None:
            return
        self._thought_s = (performance.now() - self._began_ms) / 1000
        details = part(self.article, "reasoning")
        title = part(self.article, "reasoning-title")
        # In sync mode all comes at once, and nobody knows how long the model thought.
        lasted = "" if self._is_sync else f", {words.seconds(self._thought_s)}"
        title.textContent = f"Reasoning{lasted}"
        if not details.hasAttribute("data-touched"):
            details.open = False

    def _add_tool(self, index: int, name: str) -> None:
        self._stop_waiting()
        tool = clone("template-tool")
        part(tool, "name").textContent = name or "(unnamed)"
        tools = part(self.article, "tools")
        tools.append(tool)
        show(tools, True)
        self._tools[index] = Growing(part(tool, "arguments"))

    def _stop_waiting(self) -> None:
        if self._is_waiting:
            self._is_waiting = False
            show(part(self.article, "waiting"), False)
            self.article.setAttribute("data-state", "writing")

    def _show_facts(self, message: Message) -> None:
        for fact in words.facts(message):
            item = document.createElement("li")
            item.textContent = fact
            part(self.article, "facts").append(item)

    def _show_notice(self, notice: words.Notice) -> None:
        box = part(self.article, "notice")
        box.classList.toggle("error", notice.is_error)
        part(self.article, "notice-text").textContent = notice.sentence
        part(self.article, "notice-advice").textContent = notice.advice
        show(self.article.querySelector('[data-action="retry"]'), notice.retry)
        show(self.article.querySelector('[data-action="settings"]'), notice.settings)
        show(box, True)
