"""Runs in the tab: names in the browser's trace what the page's own Python takes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from js import Object, performance
from pyodide.ffi import to_js

from app.browser.conversation import scroll
from app.browser.conversation.answer import answer
from app.browser.markdown import markdown, painter
from app.browser.storage import answer_log
from app.markdown import blocks
from app.protocols import decoding


def _name(owner: Any, attribute: str, name: str) -> None:
    call: Callable[..., Any] = getattr(owner, attribute)

    @wraps(call)
    def named(*given: Any, **further: Any) -> Any:
        began_ms = performance.now()
        try:
            return call(*given, **further)
        finally:
            span = {"start": began_ms, "end": performance.now()}
            performance.measure(name, to_js(span, dict_converter=Object.fromEntries))

    setattr(owner, attribute, named)


_name(decoding.Decoder, "feed", "decoding")
_name(answer_log.AnswerLog, "append", "log")
_name(answer.Answer, "take", "view")
_name(answer.Answer, "tick", "numbers")
_name(painter.Painter, "_write", "painter")
_name(markdown.Body, "append", "Body.append")
_name(blocks.Blocks, "feed", "blocks")
_name(scroll.Follower, "_left", "scroll: where it is")
_name(scroll.Follower, "_go", "scroll: to the end")
