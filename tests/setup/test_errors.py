"""Sentences on tools that failed, by their real output."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from app.setup.errors import MissingLibraryError, os_failed, tool_failed

LOG = Path(__file__).parent / "setup.log"


class Usage(NamedTuple):
    """The result of `shutil.disk_usage`, as far as anybody looks."""

    free: int


OUTPUTS = {
    "pip, disk full": (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        "the disk is full",
    ),
    "npm, disk full": ("npm error code ENOSPC\nnpm error syscall write", "the disk is full"),
    "pip, no network": (
        "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError("
        "'[Errno -3] Temporary failure in name resolution')': /simple/msgspec/\n"
        "ERROR: No matching distribution found for msgspec==0.22.0",
        "could not be reached. Check the network",
    ),
    "npm, no network": (
        "npm error code ENOTFOUND\nnpm error network request failed, reason: getaddrinfo ENOTFOUND",
        "could not be reached. Check the network",
    ),
    "npm, offline": ("npm error code EAI_AGAIN", "could not be reached. Check the network"),
    "pip, wrong hash": (
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
        "its hash differs",
    ),
    "npm, wrong hash": ("npm error code EINTEGRITY", "its hash differs"),
    "pip, no wheel": (
        "ERROR: No matching distribution found for msgspec==0.22.0",
        "no ready-made package for this system",
    ),
    "npm, untrusted proxy": (
        "npm error code SELF_SIGNED_CERT_IN_CHAIN",
        "Set PIP_CERT and NODE_EXTRA_CA_CERTS",
    ),
    "pip, untrusted proxy": (
        "Could not fetch URL: SSLError(SSLCertVerificationError('certificate verify failed'))\n"
        "ERROR: No matching distribution found",
        "Set PIP_CERT and NODE_EXTRA_CA_CERTS",
    ),
    "npm, forbidden folder": ("npm error code EACCES", "can't be written"),
    "something new": (
        "first line\nit went wrong.\n\nnpm error A complete log of this run can be found in: x\n",
        "the tool for it failed: it went wrong. Start again",
    ),
    "node, with the line of source that failed": (
        "var codes = {ENOSPC: 1};" * 200 + "\nPythonError: SyntaxError: invalid syntax",
        "the tool for it failed: PythonError: SyntaxError: invalid syntax. Start again",
    ),
    "silence": ("", "it printed nothing"),
}


@pytest.fixture(autouse=True)
def _room_on_the_disk(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(10**12))


@pytest.mark.parametrize("case", OUTPUTS)
def test_a_failed_tool_is_explained(case):
    output, expected = OUTPUTS[case]
    text = str(tool_failed("The packages", output, LOG))
    assert text.startswith("The packages: ")
    assert expected in text
    assert text.endswith(f"Its full output is in {LOG}")


@pytest.mark.parametrize(
    ("library", "package", "hint"),
    [("libgomp.so.1", "libgomp1", "sudo apt install libgomp1"), ("libnew.so.3", None, "package")],
)
def test_a_missing_library_is_named_with_its_package(library, package, hint):
    words = f"node: error while loading shared libraries: {library}: cannot open shared object file"
    error = tool_failed("The browser", words, LOG)
    assert isinstance(error, MissingLibraryError)
    assert error.package == package
    assert f"lacks the library {library}. Install" in str(error)
    assert hint in str(error)


def test_a_tool_that_fails_silently_on_a_full_disk_is_explained(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(1_000))
    assert "the disk is full (0 MB left" in str(tool_failed("The packages", "exit 1", LOG))


def test_another_refusal_of_the_system_keeps_its_own_words():
    text = str(os_failed("The packages", OSError(5, "Input/output error"), LOG.parent))
    assert text.startswith("The packages: [Errno 5] Input/output error.")
