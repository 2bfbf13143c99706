"""Hosts that no cell may be let reach, whatever a person says."""

import pytest

from app.browser.tools.session.public_hosts import refusal


@pytest.mark.parametrize(
    "host",
    [
        "example.org",
        "a.b.example.org",
        "93.184.216.34",
        "[2606:2800:220:1::1]",
        "xn--bcher-kva.de",
        "10.0.0.1.example.org",
        "93-184-216-34.nip.io",
        "notlocaltest.me",
        "127-0-0-1.org",
    ],
)
def test_a_public_host_is_for_the_person_to_decide(host: str) -> None:
    assert refusal("https:", host, "localhost") == ""


# As a browser's URL has them: other ways of writing an IPv4 address it has read before.
@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost.", "a.localhost", "printer", "nas.local", "a.home.arpa"),
        *("metadata.google.internal", "router.lan", "x.home", "a.intranet"),
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1"),
        *("169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"),
        *("[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[ff02::1]", "[::ffff:7f00:1]"),
        *("[::7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001:db8::1]"),
        *("[2001:0:7f00:1::]", "", "x.localdomain", "a.private", "b.corp", "fritz.box", "c.test"),
        # Public names that lead here.
        *("localtest.me", "a.localtest.me.", "x.lvh.me", "127.0.0.1.nip.io", "a-10-0-0-1.sslip.io"),
        *("app.192-168-1-9.nip.io", "7f000001.nip.io", "x-7f000001.nip.io", "--1.sslip.io"),
        *(
            "fe80--1.sslip.io",
            "169.254.169.254.nip.io",
            "8.8.8.8.127.0.0.1.nip.io",
            "8.127.0.0.1.nip.io",
        ),
    ],
)
def test_this_computer_and_its_network_are_not_reached(host: str) -> None:
    assert "it is this computer, or one of its network" in refusal("https:", host, "chat.org")


def test_neither_are_other_schemes_and_the_page_itself() -> None:
    for scheme in ("http:", "ftp:", "file:", "data:", "blob:", "ws:"):
        assert "https addresses only" in refusal(scheme, "example.org", "localhost")
    assert "no whole address" in refusal("https:", f"{'a.' * 200}org", "localhost")
    for host in ("chat.example.org", "CHAT.example.org."):
        assert "this page's own server" in refusal("https:", host, "chat.example.org")
