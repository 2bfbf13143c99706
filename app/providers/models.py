"""The models that a provider has, from all pages of its list."""

import msgspec

from ..core.errors import ErrorInfo, TransportError
from ..core.wire.secrets import Secrets
from ..core.wire.transport import Request, Transport
from ..protocols.tolerant import as_dict, as_str, values
from .context_tokens import parse_windows
from .provider import Provider

# Against lists without end; the longest real ones have a few hundred models on one page.
_MAX_PAGES = 50
_MAX_BYTES = 20_000_000


class Listing(msgspec.Struct, frozen=True):
    """What a provider said when it was asked for its models: their names, or why it refused.

    `windows` are how many tokens a model can read, of those of which the list says it.
    """

    models: list[str] = []
    error: ErrorInfo | None = None
    windows: dict[str, int] = {}


async def list_models(provider: Provider, transport: Transport) -> Listing:
    """Ask for the names of all models, in the provider's order, each once.

    Empty without an error where something answered that is no such list.

    Raises:
        TransportError: The answer did not come through.
    """
    models: dict[str, None] = {}
    windows: dict[str, int] = {}
    query: dict[str, str] = {}
    for _ in range(_MAX_PAGES):
        body, error = await fetch(provider, provider.models_request(query), transport)
        if error is not None:
            return _listing(models, error, windows)
        known = len(models)
        models |= dict.fromkeys(provider.wire_format.parse_models(body))
        windows |= parse_windows(body)
        query = _next_page(body, provider.protocol)
        # A server that does not know pages answers with the first one again.
        if not query or len(models) == known:
            break
    return _listing(models, None, windows)


def _listing(models: dict[str, None], error: ErrorInfo | None, windows: dict[str, int]) -> Listing:
    known = {model: windows[model] for model in models if model in windows}
    return Listing(list(models), error, known)


async def fetch(
    provider: Provider, request: Request, transport: Transport
) -> tuple[bytes, ErrorInfo | None]:
    """The whole answer to a request, and what it says went wrong, None where nothing did: both
    without the secrets of the request.

    Raises:
        TransportError: The answer did not come through.
    """
    secrets = Secrets.of(request)
    received = bytearray()
    try:
        async with transport.open(request) as response:
            async for chunk in response.chunks():
                received += chunk
                if len(received) > _MAX_BYTES:
                    break
            body = secrets.clean_bytes(bytes(received))
            failed = response.status >= 300
            error = secrets.cleaned(provider.http_error(response, body)) if failed else None
            return body, error
    except TransportError as failure:
        raise type(failure)(secrets.clean(str(failure))) from None


def _next_page(body: bytes, protocol: str) -> dict[str, str]:
    """What asks for the page after this one; empty after the last.

    Sources: https://ai.google.dev/api/models#method:-models.list,
    https://platform.claude.com/docs/en/api/models/list (OpenAI has no pages; its other lists have
    the same form as Anthropic's, but for the name of the parameter).
    """
    parsed, _ = values(body)
    fields = as_dict(parsed[0]) if parsed else {}
    if token := as_str(fields.get("nextPageToken")):
        return {"pageToken": token}
    if fields.get("has_more") is True and (last := as_str(fields.get("last_id"))):
        return {"after_id" if protocol == "anthropic-messages" else "after": last}
    return {}
