"""A secret of a request that an answer says again is nowhere to be seen, however it is written."""

import html
import json
import os
import random
import re
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

import msgspec
import pytest

from app.core.errors import ConnectError, ReadError, TransportError
from app.core.events import ContentDelta, Event, ReasoningDelta
from app.core.fold import Fold
from app.core.messages import AnswerError, Message
from app.core.running.chat import Chat
from app.core.running.retries import Retries
from app.core.wire.hiding import Hiding
from app.core.wire.recording import Recorder
from app.core.wire.recording_lines import render_lines
from app.core.wire.secrets import HIDDEN, Secrets
from app.core.wire.transport import Request
from app.history.stored import batch_line
from app.protocols import decoder
from app.providers import Provider
from app.providers.check import check
from app.scripted.openai_chat import Answer, ToolCall, body, error_body, records, streamed, whole
from app.scripted.steps import Reply, Send
from app.scripted.transport import ScriptedTransport

KEY = "sk-LEAKTEST-a/b+c0DE_fghi="

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "in small letters": str.lower,
    "for an address": lambda key: quote(key, safe=""),
    "for a path": quote,
    "all for an address": lambda key: "".join(f"%{byte:02X}" for byte in key.encode()),
    "for an address, twice": lambda key: quote(quote(key, safe=""), safe=""),
    "in JSON of PHP": lambda key: key.replace("/", "\\/"),
    "in ASCII": lambda key: "".join(f"\\u{ord(letter):04x}" for letter in key),
    "its marks for JSON": lambda key: re.sub(r"\W", lambda m: f"\\u{ord(m[0]):04X}", key),
    "its marks for JSON, twice": lambda key: re.sub(r"\W", lambda m: f"\\\\u{ord(m[0]):04x}", key),
    "its marks for HTML": lambda key: re.sub(r"\W", lambda m: f"&#{ord(m[0])};", key),
    "all for HTML": lambda key: "".join(f"&#x{ord(letter):X};" for letter in key),
    "for HTML by name": lambda key: key.replace("/", "&sol;").replace("+", "&plus;"),
    "for HTML, then JSON": lambda key: re.sub(r"\W", lambda m: f"\\u0026#{ord(m[0])};", key),
    "for HTML, twice": lambda key: re.sub(r"\W", lambda m: f"&amp;#{ord(m[0])};", key),
    "for JSON, then an address": lambda key: re.sub(r"\W", lambda m: f"%5Cu{ord(m[0]):04x}", key),
    "in C": lambda key: re.sub(r"\W", lambda m: f"\\x{ord(m[0]):02x}", key),
    "in octal numbers": lambda key: re.sub(r"\W", lambda m: f"\\{ord(m[0]):03o}", key),
    "in JavaScript": lambda key: re.sub(r"\W", lambda m: f"\\u{{{ord(m[0]):x}}}", key),
    "in CSS": lambda key: re.sub(r"\W", lambda m: f"\\{ord(m[0]):x} ", key),
    "in mail": lambda key: re.sub(r"\W", lambda m: f"={ord(m[0]):02X}", key),
    "in Markdown": lambda key: re.sub(r"\W", lambda m: f"\\{m[0]}", key),
    "with a blank in it": lambda key: f"{key[:9]} {key[9:]}",
    "over two lines": lambda key: f"{key[:9]}\n    {key[9:]}",
    "over two lines of JSON": lambda key: f"{key[:9]}\\r\\n{key[9:]}",
    "with places to break": lambda key: f"{key[:9]}<wbr>\u200b{key[9:]}",
    "in base64 for addresses, escaped": lambda key: quote(b64encode(key.encode()), safe=""),
    "in base64": lambda key: b64encode(key.encode()).decode(),
    "in base64 for addresses": lambda key: urlsafe_b64encode(key.encode()).decode().rstrip("="),
    "in base64 with a user": lambda key: b64encode(f"u:{key}".encode()).decode(),
    "in base64 within JSON": lambda key: b64encode(json.dumps({"k": key}).encode()).decode(),
    "in hexadecimal": lambda key: key.encode().hex(),
}


def holds(text: str, spelled: str) -> bool:
    """Tell whether so much of it stands there that the key could be put together."""
    piece = spelled[4 : 4 + len(spelled) // 2]
    return piece.lower() in text.lower()


def provider(**more: object) -> Provider:
    return Provider("mine", "Mine", "https://api.example/v1", key=KEY, **more)  # type: ignore[arg-type]


async def answered(reply: Reply, *, streaming: bool = True, key: str = KEY) -> tuple[Message, str]:
    """The answer, and all that anybody could see of it: events, log, message, recording."""
    recorder = Recorder(ScriptedTransport(lambda request: reply))
    who = msgspec.structs.replace(provider(), key=key)
    chat = Chat(who, "m", transport=recorder, retries=Retries(attempts=0))
    events: list[Event] = []
    async for event in chat.stream("Hi", streaming=streaming):
        events.append(event)
    fold = Fold()
    fold.add(events)
    seen = [repr(events), batch_line(events).decode(), repr(fold.message)]
    seen += [msgspec.json.encode(chat.messages).decode(), "".join(render_lines(recorder.exchanges))]
    return chat.messages[-1], "\n".join(seen)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("place", ["message", "code", "param", "text", "header", "stream"])
async def test_an_error_says_no_key(spelling: str, place: str) -> None:
    said = SPELLINGS[spelling](KEY)
    sent = json.dumps({"error": {"message": "No.", "type": "x"} | {place: said}}).encode()
    if place == "text":
        sent = f"Incorrect API key provided: {said}. Look.".encode()
    headers = {"x-echo": said} if place == "header" else {}
    if place == "stream":
        sent = json.dumps({"error": {"message": f"Wrong key {said}!"}}).encode()
        reply = Reply(steps=(Send(b"data: " + sent + b"\n\n"),))
    else:
        reply = Reply(401, headers, (Send(sent),))
    message, seen = await answered(reply)
    assert message.error is not None
    assert not holds(seen, said)
    if place != "header":
        assert HIDDEN in msgspec.json.encode(message.error).decode()


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("streaming", [True, False])
async def test_an_answer_says_no_key(spelling: str, streaming: bool) -> None:
    said = SPELLINGS[spelling](KEY)
    answer = Answer(
        text=f"Your key is {said}, is it?",
        reasoning=f"They sent {said}.",
        tool_calls=(ToolCall("call1", "mail", json.dumps({"to": said})),),
    )
    reply = streamed(records(answer)) if streaming else whole(body(answer))
    message, seen = await answered(reply, streaming=streaming)
    shown = repr(message.parts)
    assert not holds(shown, said)
    assert shown.count(HIDDEN) >= 2
    assert "Your key is " in message.text
    assert message.text.endswith(", is it?")
    if not streaming:
        assert not holds(seen, said)


@pytest.mark.parametrize("size", range(1, len(KEY) + 3))
def test_a_key_in_pieces_is_no_key(size: int) -> None:
    text = f"It is {KEY}; sk-LEAKTEST is none."
    out = []
    reader = decoder("openai-chat")
    reader.hide(Secrets([KEY]))
    for at in range(0, len(text), size):
        delta = {"choices": [{"delta": {"content": text[at : at + size]}}]}
        out += reader.feed(b"data: " + json.dumps(delta).encode() + b"\n\n")
    out += reader.close()
    said = reader.message.text
    # A few first letters may have gone out before it was clear what they are.
    begun = os.path.commonprefix([said.removeprefix("It is "), KEY])
    assert len(begun) < 4
    assert said == f"It is {begun}{HIDDEN}; sk-LEAKTEST is none."
    assert "".join(getattr(event, "text", "") for event in out) == reader.message.text


@pytest.mark.parametrize("cut", range(0, 60, 7))
async def test_a_key_between_two_chunks_is_in_no_recording(cut: int) -> None:
    said = quote(KEY, safe="")
    sent = f'{{"error": {{"message": "Wrong: {said}, again {KEY.upper()}"}}}}'.encode()
    _, seen = await answered(Reply(401, {}, (Send(sent[: cut + 20]), Send(sent[cut + 20 :]))))
    recorded = re.sub(r'"\}\n\{[^\n]*?"text":"', "", seen)
    assert not holds(recorded, said)
    assert not holds(recorded, KEY)


async def test_what_is_masked_or_only_alike_stays() -> None:
    words = "Incorrect API key: sk-LE********hi=. The task-LEAKTEST failed."
    message, _ = await answered(whole(error_body(words, type="x"), status=401))
    assert message.error is not None
    assert message.error.message == words


async def test_a_word_as_a_key_stays_in_what_is_said() -> None:
    text = "Enter lm-studio as the key of LM-Studio."
    message, _ = await answered(streamed(records(Answer(text=text))), key="lm-studio")
    assert message.text == text


@pytest.mark.parametrize("kind", [ConnectError, ReadError])
async def test_an_exception_says_no_key(kind: type[TransportError]) -> None:
    def fail(request: Request) -> Reply:
        raise kind(f"Proxy refused {request.headers}: {quote(KEY, safe='')}")

    chat = Chat(provider(), "m", transport=ScriptedTransport(fail), retries=Retries(attempts=0))
    with pytest.raises(AnswerError) as caught:
        await chat.ask("Hi", raises=True)
    assert HIDDEN in str(caught.value)
    assert not holds(str(caught.value) + repr(caught.value.info), KEY)


async def test_a_retry_says_no_key() -> None:
    replies = [whole(error_body(f"Slow down, {KEY}", type="x"), status=429)]
    replies.append(streamed(records(Answer(text="Now."))))
    chat = Chat(
        provider(),
        "m",
        transport=ScriptedTransport(lambda request: replies.pop(0)),
        retries=Retries(base_s=0),
    )
    events = [event async for event in chat.stream("Hi")]
    assert f"Slow down, {HIDDEN}" in repr(events)
    assert not holds(repr(events), KEY)


async def test_a_tool_that_fails_says_no_key() -> None:
    async def mail() -> str:
        raise RuntimeError(f"Refused: Authorization: Bearer {KEY}")

    asks = Answer(tool_calls=(ToolCall("call1", "mail", "{}"),), finish_reason="tool_calls")
    replies = [streamed(records(asks)), streamed(records(Answer(text="Well.")))]
    asked: list[Request] = []

    def reply(request: Request) -> Reply:
        asked.append(request)
        return replies.pop(0)

    chat = Chat(provider(), "m", transport=ScriptedTransport(reply), tools=[mail])
    events = [event async for event in chat.stream("Hi")]
    seen = repr(events) + repr(chat.messages) + asked[-1].body.decode()
    assert "Refused" in seen
    assert not holds(seen, KEY)


@pytest.mark.parametrize("status", [200, 401])
@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_a_connection_test_says_no_key(status: int, spelling: str) -> None:
    said = SPELLINGS[spelling](KEY)
    sent = {"data": [{"id": said}]} if status == 200 else {"error": {"message": f"Bad {said}"}}
    reply = whole(json.dumps(sent).encode(), status=status)
    found = await check(provider(), "m", ScriptedTransport(lambda request: reply), "")
    assert not holds(repr(found), said)


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "https://a.example", {"x-api-key": KEY}),
        Request("GET", "https://a.example", {"X-My-Password": KEY}),
        Request("GET", "https://a.example", {"authorization": f"Bearer {KEY}"}),
        Request("GET", "https://a.example", {"proxy-authorization": KEY}),
        Request("GET", "https://a.example", {"cookie": f"a=1; session={KEY}"}),
        Request("GET", f"https://a.example?alt=sse&key={quote(KEY, safe='')}", {}),
        Request("GET", f"https://me:{quote(KEY, safe='')}@a.example/v1", {}),
        Request(
            "GET",
            "https://a.example",
            {"authorization": "Basic " + b64encode(f"me:{KEY}".encode()).decode()},
        ),
    ],
    ids=["key", "password", "bearer", "proxy", "cookie", "query", "user", "basic"],
)
def test_secrets_are_found_wherever_a_request_has_them(request_: Request) -> None:
    assert Secrets.of(request_).clean(f"<{KEY}>") == f"<{HIDDEN}>"


# A letter, as something escapes it.
ESCAPES: tuple[Callable[[str], str], ...] = (
    str,
    lambda one: one.upper() if one.isascii() else one,
    lambda one: "".join(f"%{byte:02X}" for byte in one.encode()),
    lambda one: quote("".join(f"%{byte:02X}" for byte in one.encode()), safe=""),
    lambda one: json.dumps(one)[1:-1],
    lambda one: json.dumps(json.dumps(one)[1:-1])[1:-1],
    lambda one: "".join(f"\\u{int.from_bytes(unit):04X}" for unit in units(one)),
    lambda one: "".join(f"\\\\\\\\u{int.from_bytes(unit):04x}" for unit in units(one)),
    lambda one: html.escape(one),
    lambda one: html.escape(html.escape(one)),
    lambda one: f"&#{ord(one)};",
    lambda one: f"&#x{ord(one):06x};",
    lambda one: f"\\u0026#{ord(one)};",
    lambda one: f"%26#{ord(one)};",
    lambda one: f"\\u{{{ord(one):x}}}",
    lambda one: f"\\U{ord(one):08x}",
)


def units(letter: str) -> list[bytes]:
    encoded = letter.encode("utf-16-be")
    return [encoded[at : at + 2] for at in range(0, len(encoded), 2)]


@pytest.mark.parametrize("key", [KEY, "a%2D\"<&>\\b'=c%", "clé-😀-geheim-7", "%%%====&&&1"])
def test_each_letter_may_be_escaped_as_it_likes(key: str) -> None:
    chosen = random.Random(7)
    for _ in range(200):
        said = "".join(chosen.choice(ESCAPES)(letter) for letter in key)
        assert Secrets([key]).clean(f"<{said}>") == f"<{HIDDEN}>", said


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("size", [1, 3, 7, 20])
def test_a_spelled_key_in_pieces_is_no_key(spelling: str, size: int) -> None:
    said = SPELLINGS[spelling](KEY)
    hiding = Hiding(Secrets([KEY]))
    text = f"It is {said} , is it?"
    events = [ContentDelta(text[at : at + size]) for at in range(0, len(text), size)]
    out = [event for each in events for event in hiding.cleaned([each])] + hiding.rest()
    shown = "".join(event.text for event in out if isinstance(event, ContentDelta))
    assert not holds(shown, said)
    assert shown.startswith("It is ")
    assert HIDDEN in shown
    assert shown.endswith(", is it?")


@pytest.mark.parametrize("header", ["Bearer {}", "{}", "Token {}"])
@pytest.mark.parametrize(
    "said", ["my secret words 1", "my+secret%20words\\u00201", "mysecretwords1"]
)
def test_a_key_of_several_words_is_hidden_as_a_whole(header: str, said: str) -> None:
    request = Request(
        "GET", "https://a.example", {"authorization": header.format("my secret words 1")}
    )
    assert Secrets.of(request).clean(f"<{said}>") == f"<{HIDDEN}>"


@pytest.mark.parametrize(
    "piece",
    [*("\\", "%25", "%5c", "&amp;", "s ", "s" + " " * 79, KEY[:8], KEY[:-1], "\\" * 15 + "u0073")],
)
def test_the_work_grows_with_the_text(piece: str) -> None:
    secrets = Secrets([KEY])

    def least_s(length: int) -> float:
        text = piece * (length // len(piece))
        return min(taken_s(lambda: secrets.clean(text)) for _ in range(5))

    def taken_s(do: Callable[[], object]) -> float:
        began_s = time.process_time()
        do()
        return time.process_time() - began_s

    # Square growth would be a hundredfold.
    assert least_s(200_000) <= 30 * least_s(20_000) + 0.05


def test_letters_that_change_their_length_move_nothing() -> None:
    assert Secrets([KEY]).clean(f"İİ\ud800 {KEY.upper()} ẞ") == f"İİ\ud800 {HIDDEN} ẞ"


@pytest.mark.parametrize("key", ["Großer-ŉ-Otter-ΐ", "fluß-ﬁscher-2024", "жизнь-выдр-99"])
def test_a_secret_of_any_letters_is_hidden_as_it_is_spelled(key: str) -> None:
    """Also where a letter would be two in capitals."""
    for said in (key, quote(key), quote(quote(key)), json.dumps(key)[1:-1], key.encode().hex()):
        assert Secrets([key]).clean(f"<{said}>") == f"<{HIDDEN}>", said


def test_secrets_that_overlap_are_hidden_as_one() -> None:
    secrets = Secrets(["sk-abc-12345678", "12345678-xyz"])
    assert secrets.clean("a sk-abc-12345678-xyz, 12345678-xyz") == f"a {HIDDEN}, {HIDDEN}"


def test_without_secrets_nothing_is_touched() -> None:
    events: list[Event] = []
    assert Hiding(Secrets()).cleaned(events) is events
    assert Hiding(Secrets(["short"])).cleaned(events) is events


def test_the_last_letter_of_a_text_does_not_wait_for_the_next() -> None:
    reader = Hiding(Secrets([KEY]))
    for text in ("Other words", " and masks", ".", " sk", "ip"):
        assert reader.cleaned([ContentDelta(text)]) == [ContentDelta(text)]
    assert reader.cleaned([ContentDelta(f" {KEY[:6]}")]) == [ContentDelta(" ")]
    assert reader.cleaned([ReasoningDelta("s")]) == [ContentDelta(KEY[:6]), ReasoningDelta("s")]
    assert reader.rest() == []


@pytest.mark.parametrize(
    ("value", "is_hidden"),
    [
        ("abcdefg", False),
        ("abcde-1", False),
        ("abcdef-1", True),
        ("abcdefgh", False),
        ("abcdefghijklmno", False),
        ("abcdefghijklmnop", True),
    ],
)
async def test_short_words_are_no_secrets(value: str, is_hidden: bool) -> None:
    """Fifteen letters without a digit may stand in any answer, and so may seven of any kind."""
    text = f"It is {value}."
    message, _ = await answered(streamed(records(Answer(text=text))), key=value)
    assert (message.text != text) == is_hidden
