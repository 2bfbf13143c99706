"""One provider: its name, address and key. Data, and a request made of it."""

from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import urlencode

import msgspec

from ..core.errors import ErrorInfo
from ..core.messages import Message
from ..core.options import Options, ProviderToolName
from ..core.wire.transport import Request, Response
from ..protocols import WireFormat, http_error, wire_format
from ..protocols.decoding import Decoder
from ..protocols.takes import Takes
from ..protocols.valid_history import with_files_told, with_question_first
from .families import takes
from .model_facts import ModelFacts
from .provider_tools import Availability, availability, with_provider_tools
from .unasked import note_refusal, refused

# Whether a web page may call it: any page, any page that sends `browser_headers`, the pages that
# its owner allowed, none; or nobody showed it.
Browser = Literal["direct", "header", "setting", "no", "unknown"]


class Provider(msgspec.Struct, frozen=True, omit_defaults=True):
    """One provider, and the person's key for it.

    `base_url` is what the protocol's paths are appended to, without a slash at its end.
    `habits` are what it does otherwise than its protocol has it; each protocol names those that it
    knows. The key is sent nowhere but to `base_url`: in `key_header`, or where that is empty as the
    protocol has it.

    `hosts` are the names of a service that has several: its key may go to each.

    `models_path` lists the models: None where the protocol has it, "" where the provider has no
    list. Where that list is open to all (`has_open_list`), it does not tell whether a key is good;
    `key_path` does, where there is one.

    The rest is for people: `key_variables` and `address_variable` are the environment variables in
    which key and address usually are, `key_url` is where a key is to be had, and `default_model` is
    a small model to begin with ("" where none can be named). `browser` is whether a web page may
    call it directly, `browser_source` the page that shows it, `browser_headers` what a page has to
    send for it, and `browser_setting` what its owner has to do; `{origin}` in it stands for the
    page's. `facts` are what its list of models has said of some of them.
    """

    name: str
    label: str
    base_url: str
    key: str = ""
    protocol: str = "openai-chat"
    headers: dict[str, str] = {}
    habits: frozenset[str] = frozenset()
    key_header: str = ""
    models_path: str | None = None
    has_open_list: bool = False
    key_path: str = ""
    hosts: tuple[str, ...] = ()
    needs_key: bool = False
    key_variables: tuple[str, ...] = ()
    address_variable: str = ""
    key_url: str = ""
    default_model: str = ""
    browser: Browser = "unknown"
    browser_source: str = ""
    browser_headers: dict[str, str] = {}
    browser_setting: str = ""
    facts: dict[str, ModelFacts] = {}

    def __repr__(self) -> str:
        return f"Provider({self.name}, {self.base_url})"  # never the key

    @property
    def wire_format(self) -> WireFormat:
        """The protocol it speaks. Raises `UsageError` where `protocol` is not known."""
        return wire_format(self.protocol)

    @property
    def lists_models(self) -> bool:
        """Tell whether it can be asked for its models."""
        return self.models_path != ""

    def in_browser(self) -> "Provider":
        """The same provider as a page calls it: with the headers that let a page in."""
        return msgspec.structs.replace(self, headers=self.headers | self.browser_headers)

    def takes(self, model: str) -> Takes:
        """Give a model's settings: as the provider's list says, else by the table of families."""
        known = takes(self.name, self.base_url, model)
        return self.facts[model].over(known) if model in self.facts else known

    def render(
        self, messages: Sequence[Message], *, model: str, options: Options, stream: bool
    ) -> Request:
        """The request that asks `model` to go on with `messages`."""
        taken = self.takes(model)
        habits = self.habits
        for name in refused(self.base_url, model):
            match name:
                case "thoughts":
                    taken = msgspec.structs.replace(taken, shows=False)
                case "cache":
                    taken = msgspec.structs.replace(taken, cache="")
                case "usage":
                    habits |= {"no-stream-usage"}
                case "progress":
                    habits -= {"prompt-progress"}
        rendered = self.wire_format.render(
            with_question_first(with_files_told(messages, taken.unseen(options))),
            model=model,
            options=with_provider_tools(taken.fitted(options), self.protocol, self.base_url, model),
            takes=taken,
            stream=stream,
            habits=habits,
            provider=self.name,
        )
        headers = {"content-type": "application/json"} | rendered.headers | self._headers()
        return Request("POST", self._url(rendered.path), headers, rendered.body)

    def models_request(self, query: Mapping[str, str] | None = None) -> Request:
        """The request that lists the provider's models; `query` asks for a further page."""
        path = self.wire_format.MODELS_PATH if self.models_path is None else self.models_path
        if query:
            path += ("&" if "?" in path else "?") + urlencode(query)
        return Request("GET", self._url(path), self._headers())

    def request(
        self, method: str, path: str, body: bytes = b"", *, at_root: bool = False
    ) -> Request:
        """Make a request that the protocol has no word for. Its path begins where the protocol's
        do, or `at_root` beside `/v1`.
        """
        base_url = self.base_url.rstrip("/")
        base_url = base_url.removesuffix("/v1") if at_root else base_url
        kind = {"content-type": "application/json"} if body else {}
        return Request(method, base_url + path, self._headers() | kind, body)

    def key_request(self) -> Request:
        """The request that tells whether the key is good; only where there is a `key_path`."""
        return Request("GET", self._url(self.key_path), self._headers())

    def decoder(self) -> Decoder:
        """A new decoder for one answer."""
        return self.wire_format.Decoder(self.name)

    def http_error(self, response: Response, body: bytes) -> ErrorInfo:
        """Read the error in a response other than 2xx."""
        return http_error(self.protocol, response.status, response.headers, body)

    def provider_tool(self, name: ProviderToolName, model: str) -> Availability:
        """Tell whether the provider can run this tool for a model, and why not."""
        return availability(name, self.protocol, self.base_url, model)

    def withdraws(self, error: ErrorInfo, model: str) -> bool:
        """Take back what nobody asked for where an error refuses it; tell whether anything was."""
        return note_refusal(self.base_url, model, error)

    def _url(self, path: str) -> str:
        return self.base_url.rstrip("/") + path

    def _headers(self) -> dict[str, str]:
        headers = {"accept": "application/json, text/event-stream"}
        if self.key and self.key_header:
            headers[self.key_header] = self.key
        elif self.key:
            headers |= self.wire_format.authorization(self.key)
        return headers | self.headers
