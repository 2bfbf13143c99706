"""The interface of a browser for a test, and the common part of the two that speak WebDriver."""

import json
from typing import Any, Protocol

# Only a test that fails waits so long: a page that starts Python on a busy machine takes its time.
LIMIT_S = 180


class Driver(Protocol):
    """One open tab of a running browser."""

    def goto(self, url: str) -> None:
        """Go to an address and wait until the document is loaded."""

    def run(self, body: str, *args: Any) -> Any:
        """Run the body of an async JavaScript function, whose `args` these are; what it returns."""

    def click(self, x: float, y: float) -> None:
        """Press and release the mouse at a point of the window."""

    def press(self, *keys: str) -> None:
        """Press keys together: characters, `Enter`, `Escape` or `Control`."""

    def write(self, text: str) -> None:
        """Press the keys of a text, one after the other."""

    def resize(self, width: int, height: int) -> None:
        """Give the window another size, in CSS pixels."""

    def complaints(self) -> list[str]:
        """List the console's errors and warnings since the last call."""


def function(body: str) -> str:
    """`Driver.run` as a function from JSON to JSON, which fits every way to call one."""
    return f"""async (json) => {{
      const args = JSON.parse(json);
      const value = await (async () => {{ {body} }})();
      return JSON.stringify(value ?? null);
    }}"""


# https://www.w3.org/TR/webdriver2/#keyboard-actions
_KEYS = {"Enter": "\ue007", "Control": "\ue009", "Escape": "\ue00c"}


class WebDriver:
    """Input as W3C's WebDriver describes it, which is the same in its classic form and in BiDi."""

    def perform(self, actions: list[dict[str, Any]]) -> None:
        """Perform the actions of one input device."""
        raise NotImplementedError

    def click(self, x: float, y: float) -> None:
        steps = [
            {"type": "pointerMove", "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self.perform([{"type": "pointer", "id": "mouse", "actions": steps}])

    def press(self, *keys: str) -> None:
        codes = [_KEYS.get(key, key) for key in keys]
        down = [{"type": "keyDown", "value": code} for code in codes]
        up = [{"type": "keyUp", "value": code} for code in reversed(codes)]
        self.perform([{"type": "key", "id": "keyboard", "actions": [*down, *up]}])

    def write(self, text: str) -> None:
        strokes = [
            {"type": kind, "value": character}
            for character in text
            for kind in ("keyDown", "keyUp")
        ]
        self.perform([{"type": "key", "id": "keyboard", "actions": strokes}])


def arguments(args: tuple[Any, ...]) -> str:
    """The argument of a `function`."""
    return json.dumps(args)
