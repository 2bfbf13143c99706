"""Links whose words name another host than the one that they lead to. Pure."""

import re
from collections.abc import Callable
from unicodedata import category, normalize

# What ends an address where it stands alone in a sentence. Other endings count only where the words
# are an address beyond doubt (`https://`, `www.`, a path, a port): models link names of functions,
# as `asyncio.run`, and of files, as `main.py`, all day.
_WIDELY_KNOWN = """
    com org net edu gov mil int biz eu app dev io ai co me tv xyz online site website shop store
    cloud tech live news blog club top vip icu bank finance money pay credit trade exchange crypto
    wallet support help center services security email mobi name pro travel jobs games video
    google apple amazon microsoft youtube
"""
_ENDINGS = frozenset(_WIDELY_KNOWN.split())
# Two letters that end names of files and members of objects, some of them countries as well.
_NAMES = "py md sh rs so cc ps ml mk pm tf st id is at do vi as my by js ts cs go hs kt vb ex el jl"
_OF_FILES = frozenset(_NAMES.split())
_NO_HOSTS = frozenset({"asp.net", "ado.net", "vb.net", "ml.net"})

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_IN_LABEL = r"[^\s./\\?#:@,;()<>\[\]{}\"'|!*`“”„«»]"
_HOST = re.compile(
    rf"(?<!{_IN_LABEL})(?P<host>{_IN_LABEL}++(?:\.{_IN_LABEL}++)++)\.?(?P<rest>:\d+|[/?#\\]\S*+)?"
)
_NUMBERS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


def other_host(words: str, host: str, canonical: Callable[[str], str]) -> str:
    """Give the host that the words name though the link goes to `host`; empty where they do not.

    A host below the one that is named is its own: `docs.example.org` for "example.org".
    `canonical` writes a host as browsers do; it gives "" for none.
    """
    for named in _named(words):
        known = canonical(named).removeprefix("www.")
        if known and host != known and not host.endswith(f".{known}"):
            return known
    return ""


def _named(words: str) -> list[str]:
    # Letter by letter: to put a run of marks in order takes time that grows with its square.
    each = (normalize("NFKC", letter) for letter in words if category(letter) != "Cf")
    plain = "".join(each).lower()
    plain = re.sub("[。․]", ".", plain)
    found = _hosts(plain)
    if _TURNING.search(words):
        found += _hosts(plain[::-1])
    return found


def _hosts(words: str) -> list[str]:
    found = []
    # Before an @ stands a name, or what is meant to be taken for the host.
    words = words.replace("@", " ")
    for match in _HOST.finditer(words):
        before = words[max(match.start() - 2, 0) : match.start()].replace("\\", "/")
        is_address = before == "//" or before.endswith(":") or bool(match["rest"])
        is_in_path = before.endswith("/") and before != "//"
        if not is_in_path and _is_host(match["host"], is_address=is_address):
            found.append(match["host"])
    return found


def _is_host(host: str, *, is_address: bool) -> bool:
    ending = host.rpartition(".")[2]
    if host in _NO_HOSTS:
        return False
    if _NUMBERS.fullmatch(host):
        return True
    if not ending.startswith("xn--") and not ending.isalpha():
        return False
    if is_address or host.startswith("www."):
        return len(ending) > 1
    if not ending.isascii() or ending in _ENDINGS:
        return True
    return len(ending) == 2 and ending not in _OF_FILES or ending.startswith("xn--")
