"""What parts of an answer are when they leave the page: files of code, tables as CSV."""

import re

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
        return named[1]
    word = language.lower()
    suffix = _FILE_SUFFIXES.get(word, word if re.fullmatch(r"[a-z0-9]{1,8}", word) else "txt")
    return f"code.{suffix}"


def csv(rows: list[list[str]]) -> str:
    """A table as RFC 4180 wants it."""

    def cell(text: str) -> str:
        quoted = text.replace('"', '""')
        return f'"{quoted}"' if re.search(r'[",\r\n]', text) else text

    return "".join(",".join(map(cell, row)) + "\r\n" for row in rows)
