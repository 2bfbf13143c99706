"""A request as a command and as a script: both mean what was sent, and hold no key."""

import ast
import re

import pytest

from app.core.wire.request_code import as_curl, as_python
from app.core.wire.secrets import hidden
from app.core.wire.transport import Request

KEY = "sk-secret-secret"
REQUEST = Request(
    "POST",
    "https://api.example/v1/chat?key=" + KEY,
    {"content-type": "application/json", "authorization": f"Bearer {KEY}", "x-api-key": KEY},
    '{"messages":[{"role":"user","content":"It\'s $5 `now`\\n\\"é\\""}],"stream":true}'.encode(),
)


@pytest.mark.parametrize("request_", [REQUEST, hidden(REQUEST)], ids=["sent", "recorded"])
def test_curl(request_: Request) -> None:
    command = as_curl(request_, "MY_KEY")
    assert KEY not in command
    assert command.startswith(
        "curl --no-buffer --request POST 'https://api.example/v1/chat?key='\"$MY_KEY\" \\\n"
    )
    assert "--header 'authorization: Bearer '\"$MY_KEY\" \\\n" in command
    assert "--header 'x-api-key: '\"$MY_KEY\" \\\n" in command
    quoted = re.search(r"--data-raw '(.*)'\n$", command, re.DOTALL)
    assert quoted is not None
    assert quoted[1].replace("'\\''", "'").encode() == REQUEST.body


@pytest.mark.parametrize("request_", [REQUEST, hidden(REQUEST)], ids=["sent", "recorded"])
def test_python(request_: Request) -> None:
    script = as_python(request_, "MY_KEY")
    assert KEY not in script
    sent, streamed_with = _performed(script, {"MY_KEY": "abc"})
    assert sent == ("POST", "https://api.example/v1/chat?key=abc")
    assert streamed_with["headers"] == {
        "content-type": "application/json",
        "authorization": "Bearer abc",
        "x-api-key": "abc",
    }
    assert streamed_with["json"] == {
        "messages": [{"role": "user", "content": 'It\'s $5 `now`\n"é"'}],
        "stream": True,
    }


def test_a_request_without_body_and_key() -> None:
    request = Request("GET", "https://api.example/v1/models", {})
    assert as_curl(request) == ("curl --no-buffer --request GET 'https://api.example/v1/models'\n")
    assert "import os" not in as_python(request)
    assert _performed(as_python(request), {})[1] == {"headers": {}, "timeout": None}


@pytest.mark.parametrize("body", [b"not json", b"[" * 10_000, b"\xff"])
def test_a_body_that_is_no_json_is_sent_as_it_is(body: bytes) -> None:
    script = as_python(Request("POST", "https://api.example", {}, body))
    assert _performed(script, {})[1]["content"] == body


def _performed(
    script: str, environment: dict[str, str]
) -> tuple[tuple[str, ...], dict[str, object]]:
    """Give the script's request to httpx, with a stand-in for it."""
    tree = ast.parse(script)
    call = next(node for node in ast.walk(tree) if isinstance(node, ast.With)).items[0].context_expr
    assert isinstance(call, ast.Call)

    class os:
        environ = environment

    def value(node: ast.expr) -> object:
        return eval(compile(ast.Expression(node), "script", "eval"), {"os": os})

    named = {str(keyword.arg): value(keyword.value) for keyword in call.keywords}
    return tuple(str(value(argument)) for argument in call.args), named


def test_a_script_brings_what_it_uses() -> None:
    assert as_python(REQUEST).startswith("import os\n\nimport httpx\n")
    bare = Request("GET", "https://api.example/v1/models", {})
    assert as_python(bare).startswith("import httpx\n")
