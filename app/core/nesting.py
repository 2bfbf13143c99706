"""How deep JSON nests, told without parsing it.

Parsers of JSON call themselves for each level. CPython raises `RecursionError`; in the tab some
thousands of levels end the interpreter for good. So every text from outside is asked here first.
"""

import re

# No provider nests deeper than its tools' schemas, and Python can't follow much deeper.
MAX_DEPTH = 128

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


def is_too_deep(data: bytes) -> bool:
    """Whether a parser that begins at the first byte would go deeper than anybody means.

    Brackets inside strings do not count. Where `data` is not JSON, the answer holds for the part
    before the first mistake, which is all that a parser reads.
    """
    if data.count(b"{") + data.count(b"[") <= MAX_DEPTH:
        return False
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", data)):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False
