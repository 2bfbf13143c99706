"""The page's own Python, driven from a test: for what would take a person a thousand answers."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_INSIDE = Path(__file__).with_name("inside_markdown.py")

_CALL = """
async ([source, call]) => {
  const { whenDefined } = await import("/vendor/pyscript/core.js");
  const { interpreter } = await whenDefined("py");
  if (!globalThis.isLabReady) {
    interpreter.runPython("import types, sys; sys.modules['lab'] = types.ModuleType('lab')");
    interpreter.globals.set("lab_source", source);
    interpreter.runPython("exec(lab_source, sys.modules['lab'].__dict__)");
    globalThis.isLabReady = true;
  }
  interpreter.globals.set("lab_call", call);
  return await interpreter.runPythonAsync(`
import json, lab
name, arguments = json.loads(lab_call)
json.dumps(await getattr(lab, name)(*arguments))
`);
}
"""


class Lab:
    """Calls the functions of `inside_markdown.py` in an open, ready page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def drawn(self, texts: list[str], how: str) -> list[str]:
        """The HTML of each text, drawn as `how` says."""
        return [html for part in _parts(texts) for html in self._call("drawn", part, how)]

    def drawn_in_slices(self, text: str, further: str) -> str:
        """The HTML of a long text that is drawn while `further` comes."""
        return str(self._call("drawn_in_slices", text, further))

    def steps(self, text: str) -> list[str]:
        """The visible text after each character."""
        return list(self._call("steps", text))

    def open_end(self, text: str) -> str:
        """The HTML of a text that has not ended."""
        return str(self._call("open_end", text))

    def stream_into_page(self, texts: list[str], how: str = "characters") -> None:
        """Show each as an answer that came so."""
        self._call("stream_into_page", texts, how)

    def show_output(self, pieces: list[str]) -> None:
        """Show what a cell prints so, and the same as its value."""
        self._call("show_output", pieces)

    def fill_cells(self, bundles: list[dict[str, Any]]) -> None:
        """Show these in each cell of the shown chat."""
        self._call("fill_cells", bundles)

    def items_read_of_json(self, count: int) -> int:
        """Show a list of so many items as the value of a cell; tell how many of them were read."""
        return int(self._call("items_read_of_json", count))

    def heard_of_a_document(self, said: list[str]) -> list[Any]:
        """Give what the page takes of these messages from the Python that reads documents."""
        return list(self._call("heard_of_a_document", said))

    def can_interrupt(self) -> bool:
        """Start a Python for a chat, and tell whether a cell of it could be stopped."""
        return bool(self._call("can_interrupt"))

    def changed_nodes(self, begun: str, further: str) -> int:
        """Count the items or rows that were there, but for the last, and did not stay untouched."""
        return int(self._call("changed_nodes", begun, further))

    def let_a_tool_repeat(self, name: str) -> None:
        """Have one of the page's tools give back its words, or fail with them where it should."""
        self._call("let_a_tool_repeat", name)

    def markdown_it(self, texts: list[str], *, html: bool) -> list[str]:
        """Give markdown-it's HTML of the texts, without anything of ours."""
        return list(
            self.page.evaluate(
                """async ([texts, html]) => {
                  const module = await import("/vendor/markdown-it/markdown-it.mjs");
                  const parser = new module.default({ html });
                  return texts.map((text) => parser.render(text));
                }""",
                [texts, html],
            )
        )

    def _call(self, name: str, *arguments: Any) -> Any:
        call = json.dumps([name, arguments])
        return json.loads(self.page.evaluate(_CALL, [_INSIDE.read_text("utf-8"), call]))


def _parts(texts: list[str]) -> list[list[str]]:
    """Cut a list into parts so small that one call is short."""
    return [texts[at : at + 100] for at in range(0, len(texts), 100)]
