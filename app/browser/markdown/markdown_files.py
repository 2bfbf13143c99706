"""Forms in which parts of an answer leave the page: files of code, tables as CSV."""

import re

from ...core.file_names import SUFFIXES, safe_file_name

_FILE_SUFFIXES = {
    "bash": "sh",
    "c#": "cs",
    "c++": "cpp",
    "csharp": "cs",
    "dockerfile": "dockerfile",
    "go": "go",
    "javascript": "js",
    "jsx": "jsx",
    "kotlin": "kt",
    "latex": "tex",
    "makefile": "mk",
    "markdown": "md",
    "objectivec": "m",
    "perl": "pl",
    "plaintext": "txt",
    "powershell": "ps1",
    "python": "py",
    "python3": "py",
    "ruby": "rb",
    "rust": "rs",
    "shell": "sh",
    "text": "txt",
    "typescript": "ts",
    "yaml": "yaml",
    "zsh": "sh",
}
# A name in a comment on the first line, as models like to write it.
_NAMED = re.compile(r"\s*(?:#|//|--|;|/\*|<!--)\s*(?:file(?:name)?:\s*)?([\w-][\w.-]*\.\w{1,8})\b")


def file_name(language: str, code: str) -> str:
    """A name for a block of code that is saved."""
    if named := _NAMED.match(code[:200]):
        return safe_file_name(named[1], "code")
    word = language.lower()
    suffix = _FILE_SUFFIXES.get(word, word)
    return f"code.{suffix if suffix in SUFFIXES else 'txt'}"


# What makes a spreadsheet calculate a cell, also behind what it passes over, and also where it
# takes a semicolon, a tab or a line for the end of a cell.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(
    r"^(?=[\t\r\n])|(?:^|(?<=[;\t\r\n]))(?=[\s\x00-\x1f\x7f\u00ad\ufeff\u200b-\u200f\u2060-\u2064]*[=+\-@＝＋－＠])"
)
_NUMBER = re.compile(
    r"[-+]?\s?[€$£¥]?\s?(?:\d[\d.,'\u00a0\u202f ]*|\.\d+)(?:[eE][-+]?\d+)?\s?[%‰€$£¥]?|-+"
)


def csv(rows: list[list[str]]) -> str:
    """A table as RFC 4180 wants it, in which nothing is a formula; numbers stay numbers."""

    def cell(text: str) -> str:
        if not _NUMBER.fullmatch(text):
            text = _FORMULA.sub("'", text)
        quoted = text.replace('"', '""')
        return f'"{quoted}"' if re.search(r'[",;\t\r\n]', text) else text

    return "".join(",".join(map(cell, row)) + "\r\n" for row in rows)
