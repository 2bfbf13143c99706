"""Files to begin with, in the empty chat of a model that takes tools."""

from typing import Any

from js import File
from pyodide.ffi import to_js

from ..python.messages import RUN_PYTHON
from .conversation.composer import attachments, message_box
from .tools.tool_choice import ToolChoice
from .web.dom import find, listen


class Samples:
    """Attaches one that is pressed, and writes a question to it, which the person sends."""

    def __init__(self, tools: ToolChoice) -> None:
        self._tools = tools
        self._is_on = False
        listen(find("samples"), "click", self._on_click)

    def offer(self, on: bool) -> None:
        """Show them, or not."""
        if on != self._is_on:
            self._is_on = on
            find("samples").inert = not on

    def _on_click(self, event: Any) -> None:
        button = event.target.closest("[data-sample]")
        if not button:
            return
        from .sample_files import SAMPLES  # rarely needed

        name = str(button.getAttribute("data-sample"))
        sample = SAMPLES[name]
        if sample.needs_python:
            self._tools.give(RUN_PYTHON)
            attachments.take_for_python(True)
        attachments.take_files([File.new(to_js([sample.make()]), name)])
        message_box.replace(sample.question)
        message_box.focus()
