"""The secrets of a request, hidden wherever an answer says them again.

Some servers repeat the key that they refuse, gateways their headers, proxies the whole address.
Every answer goes through here before anything else sees it, so nothing that is shown, kept,
exported, logged, recorded or copied holds a key. A part of one, as in `sk-ab…yz`, is left: it opens
nothing.
"""

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec

from .transport import Request

HIDDEN = "(hidden)"

# Words in the names of request headers and query fields whose values are nobody else's business.
_NAMES = re.compile(r"auth|key|token|secret|pass|cookie|credential|signature|^sig$", re.IGNORECASE)
_FIELD = re.compile(r"([?&])([^=&#]*)=([^&#]*)")
_USER = re.compile(r"(?<=://)[^/?#@]*(?=@)")
_SCHEMES = ("basic", "bearer", "token")  # the first words of an authorization that may be seen
# A shorter value would be found in innocent text.
_SHORTEST = 8
# A shorter value without digits is a word, as `lm-studio`, which an answer may say.
_SHORTEST_WORD = 16

_Value = TypeVar("_Value")


def hidden(request: Request) -> Request:
    """The request with its keys replaced: in headers, in the query and before the host's name."""
    headers = {name: _hidden_value(name, value) for name, value in request.headers.items()}
    url = _USER.sub(HIDDEN, _FIELD.sub(_hidden_field, request.url))
    return Request(request.method, url, headers, request.body)


class Secrets:
    """Values that may not appear, in any of the spellings in which systems hand text on."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values = sorted({one for one in values if len("".join(one.split())) >= _SHORTEST})
        # In base64 and the like they are found as they are, the rest letter by letter.
        self._forms: list[bytes] = []
        self._spelled: list[Any] = []
        if self._values:
            from .spellings import Spelled, whole  # a start without a key needs none of it

            self._forms = sorted({form for one in self._values for form in whole(one)}, key=len)
            self._spelled = [Spelled(one) for one in self._values]
        lengths = (*map(len, self._forms), *(one.longest for one in self._spelled))
        self.longest = max(lengths, default=0)
        first = {chr(form[0]) for form in self._forms}
        self._first = first.union(map(str.upper, first), *(one.first for one in self._spelled))

    @classmethod
    def of(cls, request: Request) -> "Secrets":
        """Collect the secrets of a request: in its headers, in the query and before the host's
        name.
        """
        return cls(_values(request))

    def __bool__(self) -> bool:
        return bool(self._values)

    def in_prose(self) -> "Secrets":
        """Leave out secrets that are plain words: a model may say those without meaning a key."""
        return Secrets(value for value in self._values if not _is_word(value))

    def may_begin_in(self, text: str) -> bool:
        """Tell whether a secret may begin in a text: a quick look, for each piece of an answer."""
        return not self._first.isdisjoint(text)

    def spans(self, data: bytes) -> list[tuple[int, int]]:
        """Find the secrets in these bytes: their spans, in order, none over another."""
        lower = data.lower()  # of bytes: ASCII alone, so that no place moves
        spans = [span for one in self._spelled for span in one.spans(lower)]
        for form in self._forms:
            at = lower.find(form)
            while at >= 0:
                spans.append((at, at + len(form)))
                at = lower.find(form, at + len(form))
        return _joined(spans)

    def clean_bytes(self, data: bytes) -> bytes:
        """Replace the secrets in these bytes."""
        if not (spans := self.spans(data)):
            return data
        pieces, done = [], 0
        for begin, end in spans:
            pieces += [data[done:begin], HIDDEN.encode()]
            done = end
        return b"".join([*pieces, data[done:]])

    def clean(self, text: str) -> str:
        """Replace the secrets in this text."""
        data = text.encode("utf-8", "surrogatepass")
        cleaned = self.clean_bytes(data)
        return text if cleaned is data else cleaned.decode("utf-8", "surrogatepass")

    def cleaned(self, value: _Value) -> _Value:
        """The same value with every text in it cleaned: of lists, objects and records."""
        return self._cleaned(value) if self else value

    def begun(self, text: str) -> int:
        """Count the characters at the end of a text that may begin a secret."""
        data = text[-self.longest :].encode("utf-8", "surrogatepass").lower()
        places = [one.begins_in(data) for one in self._spelled]
        longest = max((len(data) - at for at in places if at is not None), default=0)
        for form in self._forms:
            at = data.find(form[:1], max(0, len(data) - len(form) + 1))
            while at >= 0 and len(data) - at > longest:
                if form.startswith(data[at:]):
                    longest = len(data) - at
                at = data.find(form[:1], at + 1)
        return len(data[len(data) - longest :].decode("utf-8", "surrogatepass"))

    def _cleaned(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, list | tuple):
            return type(value)(map(self._cleaned, value))
        if isinstance(value, dict):
            return {self._cleaned(name): self._cleaned(each) for name, each in value.items()}
        if isinstance(value, msgspec.Struct):
            before = msgspec.structs.asdict(value)
            after = {name: self._cleaned(each) for name, each in before.items()}
            return value if after == before else msgspec.structs.replace(value, **after)
        return value


def _is_word(value: str) -> bool:
    return len(value) < _SHORTEST_WORD and not any(map(str.isdecimal, value))


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if joined and begin < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined


def _values(request: Request) -> Iterator[str]:
    for name, value in request.headers.items():
        if not _NAMES.search(name):
            continue
        if "cookie" in name.lower():
            yield from (pair.partition("=")[2].strip() for pair in value.split(";"))
        elif "auth" in name.lower():
            scheme, _, rest = value.partition(" ")
            # A scheme of its own may have several fields behind it, of which the last is a secret.
            yield from (rest if scheme.lower() in _SCHEMES else value, value.rpartition(" ")[2])
            if scheme.lower() == "basic":
                yield from _with_password(_decoded(rest))
        else:
            yield value
    for _, name, value in _FIELD.findall(request.url):
        if _NAMES.search(name):
            yield from (value, unquote(value))
    for user in _USER.findall(request.url):
        yield from _with_password(user)
        yield from _with_password(unquote(user))


def _decoded(basic: str) -> str:
    try:
        return b64decode(basic, validate=True).decode()
    except ValueError:
        return ""


def _with_password(user: str) -> tuple[str, str]:
    return user, user.partition(":")[2]


def _hidden_value(name: str, value: str) -> str:
    if not _NAMES.search(name):
        return value
    scheme = value.partition(" ")[0]
    return f"{scheme} {HIDDEN}" if scheme.lower() in _SCHEMES else HIDDEN


def _hidden_field(field: re.Match[str]) -> str:
    mark, name, value = field.groups()
    return f"{mark}{name}={HIDDEN if _NAMES.search(name) else value}"
