"""Failures of the set-up, in words for the person who waits for it.

Tools report the same few mishaps in many wordings. Here each becomes a sentence on the mishap and
one on its remedy.
"""

import errno
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

# Exit codes for the shell, besides 0 for success.
FAILED = 2
INTERRUPTED = 130


class SetupError(Exception):
    """The set-up cannot go on. Its text is complete: what happened and what to do."""


class MissingLibraryError(SetupError):
    """A program lacks a library of the system; `package` is Debian's that holds it, if known."""

    def __init__(self, message: str, package: str | None) -> None:
        super().__init__(message)
        self.package = package


# What the words of a program that lacks a library look like, and which package has it. These
# are those that the wheels expect of every system and the barest ones do not have.
_MISSING_LIBRARY = re.compile(r"(lib[\w.+-]+): cannot open shared object file")
_DEBIAN_PACKAGES = {"libgomp.so.1": "libgomp1", "libatomic.so.1": "libatomic1"}

# Lower-case pieces of what pip, npm, Node.js, apt and Playwright print.
_DISK_FULL = (
    "no space left on device",
    "enospc",
    "not enough space on the disk",
    "disk quota exceeded",
)
_WRONG_HASH = ("do not match the hashes", "eintegrity", "integrity checksum failed")
_NOT_TRUSTED = (
    "self_signed_cert",
    "self-signed certificate",
    "self signed certificate",
    "unable_to_get_issuer_cert",
    "unable_to_verify_leaf_signature",
    "certificate verify failed",
    "certificate_verify_failed",
)
_NO_NETWORK = (
    "newconnectionerror",
    "nameresolutionerror",
    "connecttimeouterror",
    "readtimeouterror",
    "proxyerror",
    "sslerror",
    "name resolution",
    "network is unreachable",
    "connection refused",
    "connection reset",
    "getaddrinfo",
    "enotfound",
    "eai_again",
    "econnrefused",
    "econnreset",
    "enetunreach",
    "etimedout",
    "err_socket_timeout",
)
_NO_PACKAGE = ("no matching distribution found", "etarget", "npm error code e404")
_NOT_ALLOWED = ("permission denied", "eacces", "eperm", "read-only file system", "erofs")

# Some tools keep to themselves why they failed; with less left, this is why.
_FULL_BELOW_BYTES = 4_000_000

# A tool's words on a failure are shorter.
_LONGEST_LINE = 2000

_FULL_DISK_ERRNOS = {errno.ENOSPC, errno.EDQUOT}
_NOT_ALLOWED_ERRNOS = {errno.EACCES, errno.EPERM, errno.EROFS}


def tool_failed(title: str, output: str, log: Path) -> SetupError:
    """Say why a tool failed, judged by everything it printed.

    The order matters: pip without a network also says that it found no such package.
    """
    # Node prints the line of source that failed: of a bundled file that is all of it, words for
    # every kind of failure among it.
    output = "\n".join(line for line in output.splitlines() if len(line) < _LONGEST_LINE)
    if missing := _MISSING_LIBRARY.search(output):
        return _library_missing(title, missing.group(1))
    text = output.lower()

    def printed(pieces: tuple[str, ...]) -> bool:
        return any(piece in text for piece in pieces)

    if printed(_DISK_FULL) or _fuller_place(log.parent)[0] < _FULL_BELOW_BYTES:
        reason = disk_full(log.parent)
    elif printed(_WRONG_HASH):
        reason = (
            "what was downloaded is not the file that this version expects (its hash differs). "
            "Start again; if it stays so, something between here and the package registry "
            "changes downloads, and nothing of it was installed."
        )
    elif printed(_NOT_TRUSTED):
        reason = (
            "the package registry's certificate is not trusted here, as when a company's proxy "
            "opens connections. Set PIP_CERT and NODE_EXTRA_CA_CERTS to the file with that "
            "proxy's certificate and start again."
        )
    elif printed(_NO_NETWORK):
        reason = (
            "the package registry could not be reached. Check the network (and the proxy, if "
            "there is one) and start again; what is done stays done."
        )
    elif printed(_NO_PACKAGE):
        reason = (
            "there is no ready-made package for this system and Python version. "
            "Try a current Python on Linux, macOS or Windows."
        )
    elif printed(_NOT_ALLOWED):
        reason = not_writable(log.parent)
    else:
        reason = f"the tool for it failed: {_last_line(output)}. Start again to try once more."
    return SetupError(f"{title}: {reason} Its full output is in {log}")


def os_failed(title: str, problem: OSError, folder: Path) -> SetupError:
    """Say why the operating system refused something the set-up did itself."""
    if problem.errno in _FULL_DISK_ERRNOS:
        return SetupError(f"{title}: {disk_full(folder)}")
    if problem.errno in _NOT_ALLOWED_ERRNOS:
        return SetupError(f"{title}: {not_writable(folder)}")
    return SetupError(f"{title}: {problem}. Mend that and start again.")


def disk_full(folder: Path) -> str:
    """Name the fuller of the two places that the set-up fills, with what is left there."""
    free, place = _fuller_place(folder)
    return (
        f"the disk is full ({free // 1_000_000} MB left for {place}). Free about 1 GB there "
        "and start again; what is done stays done."
    )


def not_writable(folder: Path) -> str:
    """Say that a folder cannot be written, and the two ways out."""
    return (
        f"{folder} can't be written. Make it writable for you, or copy the whole folder "
        "of Tokenfall to a place of yours and start it there."
    )


def _library_missing(title: str, library: str) -> MissingLibraryError:
    package = _DEBIAN_PACKAGES.get(library)
    hint = f" (Debian, Ubuntu: “sudo apt install {package}”)" if package else ""
    return MissingLibraryError(
        f"{title}: this system lacks the library {library}. Install the package that holds "
        f"it{hint} and start again.",
        package,
    )


def _fuller_place(folder: Path) -> tuple[int, Path]:
    places = (folder, Path(tempfile.gettempdir()))
    return min((_free_bytes(place), place) for place in places)


def _free_bytes(place: Path) -> int:
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


def _last_line(output: str) -> str:
    # npm ends every failure with the place of a log of its own.
    lines = [
        line.strip()
        for line in output.splitlines()
        if line.strip() and "complete log of this run" not in line
    ]
    return lines[-1].rstrip(".") if lines else "it printed nothing"


def explained(work: Callable[[], int]) -> int:
    """Run a command; turn a failure of the set-up into a sentence and an exit code."""
    try:
        return work()
    except SetupError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nStopped. Start again to go on from here.", file=sys.stderr)
        return INTERRUPTED
