"""How deep JSON may nest before it is read: whoever walks it recurses.

CPython refuses in time. In the tab the stack of WebAssembly overflows first, and that is the end
of Python there: in Chromium msgspec's decoder fell at 3,000 lists within each other, `json` at
7,000, sooner where the stack is already in use.
"""

import re
from typing import Final

# Levels of lists and objects within each other; nobody writes so many on purpose.
DEEPEST: Final = 200

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)


def is_too_deep(text: str | bytes) -> bool:
    """Whether JSON text nests deeper than `DEEPEST`. Looks at each character a few times."""
    if isinstance(text, bytes):
        if text.count(b"[") + text.count(b"{") <= DEEPEST:
            return False
        text = text.decode("latin-1")  # of UTF-8, only ASCII matters here
    elif text.count("[") + text.count("{") <= DEEPEST:
        return False
    depth = 0
    for token in _TOKEN.finditer(text):
        character = text[token.start()]
        if character in "[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif character in "]}":
            depth -= 1
    return False
