"""The address under which a proxy in front of the server is asked: `serve.py --behind`.

Only the standard library: it is read before the set-up.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """`origin` as browsers write it, `path` where the page lies below it: "" or "/some/where"."""

    origin: str
    path: str = ""

    @staticmethod
    def of(text: str) -> "PublicAddress":
        """Read it from a person's words.

        Raises:
            ValueError: That is no address of a page.
        """
        parts = urlsplit(text)
        is_plain = not (parts.query or parts.fragment or "@" in parts.netloc)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname or not is_plain:
            raise ValueError(f"{text} is no address of a page, as https://chat.example.org is one")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        port = "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
        return PublicAddress(f"{parts.scheme}://{host}{port}", parts.path.rstrip("/"))

    @property
    def url(self) -> str:
        """The address of the page, without the slash at its end."""
        return self.origin + self.path

    @property
    def is_secure(self) -> bool:
        """Tell whether browsers come by https."""
        return self.origin.startswith("https:")

    def is_named(self, host: str) -> bool:
        """Tell whether this `Host` of a request is the one of this address."""
        scheme, _, known = self.origin.partition("://")
        return host.lower().removesuffix(f":{DEFAULT_PORTS[scheme]}") == known

    def below(self, path: str) -> str:
        """The path of a request as the server knows it, whether or not the proxy passed all on."""
        return path.removeprefix(self.path) if path.startswith(f"{self.path}/") else path
