"""Model servers of this computer: known by what they answer, and never told anything."""

import gzip
import json

import pytest

from app.native.model_servers import model_servers_here
from app.providers import provider
from app.providers.model_facts import ModelFacts
from app.providers.model_servers import LIMIT_S, ModelServer
from app.providers.models import ask_further
from app.scripted.steps import Reply, Send, Stall
from app.scripted.transport import ScriptedTransport
from tests import model_servers
from tests.model_servers import Answers, answering, sending

# For who does answer, on a busy machine; nobody waits for it.
PATIENCE_S = 30.0


async def at(port: int, usual: str = "", limit_s: float = PATIENCE_S) -> ModelServer | None:
    found = await model_servers_here({port: usual}, limit_s)
    return found[0] if found else None


KINDS: list[tuple[str, Answers, ModelServer]] = [
    (
        "ollama",
        model_servers.OLLAMA,
        ModelServer(
            "ollama",
            "Ollama",
            "http://localhost:PORT",
            ["otter:3b"],
            {
                "otter:3b": ModelFacts(
                    window=131_072, chats=True, tools=True, images=False, thinks=True
                )
            },
        ),
    ),
    (
        "lm-studio",
        model_servers.LM_STUDIO,
        ModelServer(
            "lm-studio",
            "LM Studio",
            "http://localhost:PORT/v1",
            ["badger-8b"],
            {"badger-8b": ModelFacts(window=4096, chats=True, tools=True, images=True)},
        ),
    ),
    (
        "lm-studio",
        model_servers.LM_STUDIO_1,
        ModelServer(
            "lm-studio",
            "LM Studio",
            "http://localhost:PORT/v1",
            ["p/badger"],
            {"p/badger": ModelFacts(window=32_768, chats=True, tools=True, images=False)},
        ),
    ),
    (
        "",
        model_servers.LLAMA_CPP,
        ModelServer(
            "llama.cpp",
            "llama.cpp",
            "http://localhost:PORT/v1",
            ["stoat.gguf"],
            {"stoat.gguf": ModelFacts(window=8192, images=True)},
        ),
    ),
    (
        "",
        model_servers.VLLM,
        ModelServer(
            "vllm",
            "vLLM",
            "http://localhost:PORT/v1",
            ["org/weasel"],
            {"org/weasel": ModelFacts(window=16_384)},
        ),
    ),
    (
        "",
        model_servers.KOBOLD,
        ModelServer("other", "KoboldCpp", "http://localhost:PORT/v1", ["koboldcpp/mink"]),
    ),
    (
        "",
        model_servers.ANOTHER,
        ModelServer("other", "Model server", "http://localhost:PORT/v1", ["polecat"]),
    ),
    # Another one at the port of Ollama is what it is.
    (
        "ollama",
        model_servers.VLLM,
        ModelServer(
            "vllm",
            "vLLM",
            "http://localhost:PORT/v1",
            ["org/weasel"],
            {"org/weasel": ModelFacts(window=16_384)},
        ),
    ),
]


@pytest.mark.parametrize(("usual", "answers", "server"), KINDS)
async def test_a_server_is_known_by_its_list(
    usual: str, answers: Answers, server: ModelServer
) -> None:
    with answering(answers) as (port, asked):
        found = await at(port, usual)
    assert found is not None
    told = (found.name, found.label, found.base_url.replace(str(port), "PORT"))
    assert told == (server.name, server.label, server.base_url)
    assert (found.models, found.facts) == (server.models, server.facts)
    # Lists, and nothing but the name of a model: no key, no prompt.
    documented = {*answers, "GET /api/tags", "GET /api/v0/models", "GET /v1/models"}
    assert set(asked) <= documented | {"GET /api/v1/models"}


STRANGERS: list[object] = [
    "Welcome",
    [],
    {"models": []},
    {"object": "list", "data": []},
    {"data": [{"id": "users"}, {"id": "orders"}]},
    {"models": [{"name": "Ford Focus"}]},
    {"data": [{"id": "x" * 201, "object": "model"}]},
    {"data": [{"id": "turn\u202eover", "object": "model"}]},
    {"data": [{"id": 7, "object": "model"}]},
    {"data": {"id": "m", "object": "model"}},
]


@pytest.mark.parametrize("usual", ["ollama", "lm-studio", ""])
@pytest.mark.parametrize("answer", STRANGERS, ids=range(len(STRANGERS)))
async def test_a_stranger_is_left_alone(answer: object, usual: str) -> None:
    paths = ("/api/tags", "/api/v0/models", "/api/v1/models", "/v1/models")
    with answering({f"GET {path}": answer for path in paths}) as (port, _):
        assert await at(port, usual) is None


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
LISTED = json.dumps(model_servers.ANOTHER["GET /v1/models"]).encode()


@pytest.mark.parametrize(
    ("pieces", "again"),
    [
        ((), b""),
        ((b"SSH-2.0-OpenSSH_9.9\r\n",), b""),
        ((HEAD,), b"x-more: and more\r\n"),
        ((HEAD + b"content-length: 99\r\n\r\n", LISTED[:20]), b""),
        ((HEAD + b"\r\n[",), b" " * 65_536),
        ((HEAD + b"\r\n",), b"[" * 65_536),
        ((b"HTTP/1.1 302 Found\r\nlocation: http://localhost:1/v1/models\r\n\r\n",), b""),
        ((b"HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n",), b""),
        (
            (
                HEAD + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(LISTED),
                gzip.compress(LISTED),
            ),
            b"",
        ),
    ],
    ids=["silent", "ssh", "headers", "half", "flood", "deep", "elsewhere", "locked", "packed"],
)
async def test_who_never_ends_or_floods_is_left(pieces: tuple[bytes, ...], again: bytes) -> None:
    with sending(*pieces, again=again) as port:
        assert await at(port, limit_s=LIMIT_S) is None


async def test_a_flood_ends_by_itself_and_the_others_are_found() -> None:
    with (
        sending(HEAD + b"\r\n[", again=b" " * 65_536) as odd,
        answering(model_servers.VLLM) as (good, _),
    ):
        found = await model_servers_here({odd: "", good: ""}, PATIENCE_S)
    assert [server.models for server in found] == [["org/weasel"]]


async def test_a_list_stands_where_a_page_beside_it_never_ends() -> None:
    facts: dict[str, ModelFacts] = {}
    silent = ScriptedTransport(lambda _: Reply(200, {}, (Send(b"{"), Stall())))
    await ask_further(provider("llama.cpp"), ["stoat.gguf"], facts, silent, limit_s=0.01)
    await ask_further(provider("ollama"), ["a", "b"], facts, silent, limit_s=0.01)
    assert facts == {}


async def test_nobody_there() -> None:
    with answering({}) as (port, _):
        pass
    assert await model_servers_here({port: "ollama"}) == []
