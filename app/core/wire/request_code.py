"""A request as something to paste elsewhere: a curl command, a Python script. The key is left to
an environment variable.
"""

from pprint import pformat

import msgspec

from ..nesting import is_too_deep
from .secrets import HIDDEN, hidden
from .transport import Request

VARIABLE = "API_KEY"


def as_curl(request: Request, variable: str = VARIABLE) -> str:
    """The command for a POSIX shell that sends this request and shows the answer as it arrives."""
    shown = hidden(request)
    head = f"curl --no-buffer --request {shown.method} {_quoted(shown.url, variable)}"
    lines = [head]
    for name, value in shown.headers.items():
        lines.append(f"--header {_quoted(f'{name}: {value}', variable)}")
    if shown.body:
        lines.append(f"--data-raw {_quote(shown.body.decode('utf-8', 'replace'))}")
    return " \\\n  ".join(lines) + "\n"


def as_python(request: Request, variable: str = VARIABLE) -> str:
    """The script that sends this request with httpx and prints the answer as it arrives."""
    shown = hidden(request)
    named = [("", _literal(shown.method, variable)), ("", _literal(shown.url, variable))]
    headers = [
        f"        {name!r}: {_literal(value, variable)},\n" for name, value in shown.headers.items()
    ]
    named.append(("headers=", "{\n" + "".join(headers) + "    }"))
    if shown.body:
        named.append(_python_body(shown.body))
    named.append(("timeout=", "None"))
    arguments = "".join(f"    {name}{value},\n" for name, value in named)
    needs_key = any("os.environ" in value for _, value in named[:3])
    return (
        ("import os\n\n" if needs_key else "")
        + f"import httpx\n\nwith httpx.stream(\n{arguments}) as response:\n"
        + "    for text in response.iter_text():\n"
        + '        print(text, end="", flush=True)\n'
    )


def _quoted(text: str, variable: str) -> str:
    """Quote for a shell, with the variable where the key was."""
    pieces = [_quote(piece) if piece else "" for piece in text.split(HIDDEN)]
    return f'"${variable}"'.join(pieces)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _literal(text: str, variable: str) -> str:
    """A Python expression of the text, with the variable where the key was."""
    key = f'os.environ["{variable}"]'
    parts = [part for piece in text.split(HIDDEN) for part in (key, repr(piece))][1:]
    return " + ".join(part for part in parts if part != "''") or "''"


def _python_body(body: bytes) -> tuple[str, str]:
    """Write the body as a Python value where it is JSON that can be read, else as its bytes."""
    if not is_too_deep(body):
        try:
            value = msgspec.json.decode(body)
        except msgspec.DecodeError:
            pass
        else:
            return "json=", pformat(value, width=92, sort_dicts=False).replace("\n", "\n         ")
    return "content=", repr(body)
