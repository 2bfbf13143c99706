"""Addresses that the page may call, without a browser."""

import pytest

from app.browser.net import address_policy

FROM_SERVE = "http://localhost:8765/"
FROM_HTTPS = "https://example.org/tokenfall/"


@pytest.mark.parametrize("page", [FROM_SERVE, FROM_HTTPS])
@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/v1/models",
        "http://localhost:11434/v1",
        "http://127.0.0.1:1234/v1",
    ],
)
def test_https_and_this_computer_may_be_called(url: str, page: str) -> None:
    assert address_policy.forbidden(url, page) == ""


def test_the_pages_own_server_may_be_called_wherever_it_is() -> None:
    assert (
        address_policy.forbidden("http://192.168.1.5:8765/api/status", "http://192.168.1.5:8765/")
        == ""
    )


def test_plain_http_elsewhere_is_refused_with_the_reason() -> None:
    url = "http://192.168.1.5:1234/v1"
    assert "mixed content" in address_policy.forbidden(url, FROM_HTTPS)
    assert "on this computer only" in address_policy.forbidden(url, FROM_SERVE)
    assert "192.168.1.5:1234" in address_policy.forbidden(url, FROM_SERVE)


@pytest.mark.parametrize("url", ["", "localhost:1234", "ftp://example.org", "http://", "http://["])
def test_what_is_no_address_is_said_to_be_none(url: str) -> None:
    assert "is not an address" in address_policy.forbidden(url, FROM_SERVE)
