"""A certificate of one's own for https: its two files, and the names that it is for."""

import ssl
from pathlib import Path
from typing import Any, NamedTuple

from ..setup.errors import SetupError

_HOW = "docs/deploy.md says how to get a certificate."


class Certificate(NamedTuple):
    """The files of a certificate, with those that lead to it, and of its key, both in PEM form."""

    chain: Path
    key: Path

    def names(self) -> list[str]:
        """The names and addresses that it is for, as browsers compare them.

        Raises:
            SetupError: The files are not there, do not belong together, or are of no use by now.
        """
        for file in self:
            if not file.is_file():
                raise SetupError(f"--https: there is no file {file}. {_HOW}")
        try:
            server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            # A password would be asked for in the terminal, by each worker.
            server.load_cert_chain(self.chain, self.key, password=lambda: "")
            told = _seen_by_a_client(server, self.chain)
        except (ssl.SSLError, OSError, ValueError) as error:
            reason = getattr(error, "verify_message", "") or getattr(error, "reason", "") or error
            words = str(reason).replace("_", " ").lower()
            raise SetupError(
                f"--https: {self.chain} and {self.key} cannot be used ({words}). They have to be a "
                f"certificate in PEM form that is valid today, and its key without a password. "
                f"{_HOW}"
            ) from error
        names = [str(name).lower() for _, name in told.get("subjectAltName", ())]
        if not names:
            raise SetupError(f"--https: {self.chain} is for no name; no browser takes it. {_HOW}")
        return names


def _seen_by_a_client(server: ssl.SSLContext, chain: Path) -> dict[str, Any]:
    """Give the certificate's fields, which the standard library tells only of one that was
    presented, and believed.
    """
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.load_verify_locations(chain)
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # whoever has signed it
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(back, there)
    answering = server.wrap_bio(there, back, server_side=True)
    for side in (asking, answering, asking):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return asking.getpeercert() or {}
