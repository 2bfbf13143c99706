"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

BUILT_IN_MODEL = "Built-in model"
FOREIGN_STATUS = "The server of this page is not Tokenfall's."

# By HTTP status: why the server of this page does not answer it, and what to do.
NOT_LET_IN = {
    401: (
        "The server of this page does not know this browser: open the address that serve.py "
        "printed, with its token."
    ),
    403: (
        "The server of this page is another user's: start your own with serve.py, on another port."
    ),
}
# Codes beside which the server's own words say what to do.
LOGIN_CODES = frozenset({"login_unknown", "login_changed"})


def model_state(state: str, received_bytes: int, total_bytes: int) -> str:
    """The state of the built-in model, in a few words."""
    match state:
        case "downloading" if total_bytes:
            return f"downloading, {received_bytes / 1e6:.0f} of {total_bytes / 1e6:.0f} MB"
        case "absent":
            return "not running"
        case "failed":
            return "did not start"
        case "locked":
            return "not open to this browser"
    return state


NETWORK_WENT = "The network was lost in the middle of the answer."
CONNECTION_BROKE = "The connection broke in the middle of the answer."


def offline(host: str) -> str:
    return f"This computer is offline, so {host} cannot be reached."


def no_server(host: str) -> str:
    return f"The server of this page at {host} does not answer. Start it again with serve.py."


# The headers that carry keys.
_OF_KEYS = ("authorization", "relay-authorization", "api-key", "x-api-key", "x-goog-api-key")


def header_cannot_hold(name: str, letter: str) -> str:
    if name.lower() in _OF_KEYS:
        return (
            f"The API key holds {letter}, which no key has. Enter it again in Settings, Providers."
        )
    return f"The header {name} holds {letter}, which no header can hold."


def not_allowed(host: str, origin: str) -> str:
    return (
        f"{host} answers, but does not let this page read it (CORS). "
        f"Allow the origin {origin} in that server's settings."
    )


def nothing_answers(host: str, *, may_be_asked: bool = False) -> str:
    """`may_be_asked`: browsers ask before a website may reach the person's own machine."""
    asked = " If the browser asked about your network, allow it." if may_be_asked else ""
    return f"Nothing answers at {host}.{asked}"


def no_address(url: str) -> str:
    return f"{url!r} is not an address. It should begin with https:// or http://."


def mixed_content(host: str) -> str:
    return (
        f"This page came over https, so the browser does not let it call {host} over plain "
        "http (mixed content). Use an https address, or open Tokenfall from serve.py."
    )


def plain_http(host: str) -> str:
    return (
        "This page may call plain http addresses on this computer only (its content security "
        f"policy), and {host} is another one. Use an https address."
    )
