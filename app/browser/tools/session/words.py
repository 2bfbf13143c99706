"""Texts of this room that Python shows, most of them to a model as well. Pure."""

from collections.abc import Sequence

from ...web import words as web_words

BROKE = "Its Python broke down before the cell ended"
RESET = (
    "Python was started anew, so all names and imports of earlier calls are gone. "
    "The files in its folder are still there"
)
RAN_OWN = "The person has run cells of their own meanwhile, so names and files may have changed"
LOST_FILES = "What the cell wrote into files before it was ended is gone"


def did_not_start(reason: str) -> str:
    detail = f" ({reason})" if reason else ""
    return (
        f"Python did not start{detail}. Check that the server of this page still runs, "
        "then try again."
    )


def too_long(characters: int, most: int) -> str:
    return (
        f"The code has {characters:,} characters, and {most:,} is the limit. Write data into files "
        "in smaller pieces, or have the person attach it."
    )


def stopped_after(limit_s: float) -> str:
    return f"It was stopped: a cell may run for {limit_s:g} seconds"


# The panel of a chat's Python.
NOT_RUNNING = (
    "No Python runs in this chat. It begins with the first call of “Run Python”, a tool that you "
    "can offer to the model in the menu of tools."
)
RUNNING = (
    "Python runs in this tab, apart from the page. It reaches only the addresses that you allow."
)
RESTARTED = "The names are gone; the files are still there."
NO_NAMES = "Cells have given no names yet."
NO_FILES = "There are no files yet: attach some, add some, or have Python write some."
NO_PACKAGES = "None was loaded: it has the standard library."
BEGIN_FIRST = "Files can be added once the chat has begun. Attach them to your first question."
KEPT_FOR_GOOD = "The browser has promised to keep them."
NO_PROMISE = "The browser makes no promise. It may clear them when it runs short of space."
BUSY = "A cell runs. Its names are shown when it has ended."
ATTACHED = "attached"


def size_of(count_bytes: int | None) -> str:
    return "" if count_bytes is None else web_words.size(count_bytes)


def files(count: int, size_bytes: int, *, is_lasting: bool) -> str:
    many = "1 file takes" if count == 1 else f"{count:,} files take"
    until = "" if is_lasting else "; the browser may clear them when it runs short of space"
    return f"{many} {web_words.size(size_bytes)}{until}."


def too_large(name: str, most_bytes: int) -> str:
    return f"{name} is too large: {web_words.size(most_bytes)} is the limit."


def added(names: Sequence[str]) -> str:
    return f"Added: {', '.join(names)}"


def download(name: str) -> str:
    return f"Download {name}"


def delete(name: str) -> str:
    return f"Delete {name}"


def deleted(name: str) -> str:
    return f"Deleted: {name}"


# Packages that a cell needs.
KEPT = "kept in this browser"
SERVED = "this page's server"


def told_size(size_bytes: int, about_bytes: int) -> str:
    if size_bytes:
        return f", {web_words.size(size_bytes)}"
    return f", about {web_words.size(about_bytes)}" if about_bytes else ""


def package(name: str, version: str, size: str, place: str) -> str:
    return f"{name} {version}{size}, from {place}"


def project(requirement: str, host: str) -> str:
    return f"{requirement}, with what it needs, from {host} (which tells the size when it is asked)"


def loaded(packages: Sequence[str], size_bytes: int) -> str:
    return f"Loaded before the cell began: {', '.join(packages)} ({web_words.size(size_bytes)})"


def not_kept(names: Sequence[str]) -> str:
    return (
        f"This browser had no room to keep {', '.join(names)}: the next Python asks for them "
        "again, and without a network there are none"
    )


def declined(names: Sequence[str]) -> str:
    return f"The person did not want to load {', '.join(names)}. Do without, or ask them in words"


def other_version(name: str, version: str, requirement: str) -> str:
    return f"There is {name} {version} here, and not what was asked for: {requirement}"


BY_NAME = "packages come by their names from Pyodide's distribution and PyPI, not from addresses"


def not_had(requirement: str, why: str) -> str:
    return f"{requirement} can't be loaded: {why}"


def not_fetched(files: str, address: str, reason: str) -> str:
    return (
        f"{files} could not be fetched from {address} ({reason}). Where there is no network: on a "
        "machine that has one, `python3 serve.py --packages NAME` puts it into .runtime/packages"
    )


def other_file(file: str, address: str) -> str:
    return (
        f"{file} from {address} is not the file that is meant (its hash differs), "
        "so it was not loaded"
    )


def too_many_projects(most: int) -> str:
    return f"It needs more than {most} packages of PyPI, which were not all loaded"


def no_packages(reason: str) -> str:
    return f"Packages can't be loaded now: {reason}"


# Addresses that a cell asks. Most of it goes to a model as well.
OWN_HOST = "Python may not ask this page's own server."
NO_ADDRESSES = "It has asked for none."
ALLOWED = "may be asked in this chat"
REFUSED = "not allowed"


def not_allowed(host: str) -> str:
    return (
        f"This chat may not reach {host}: the person did not allow it. Ask them for it in words; "
        "they can allow it in the panel “Python”."
    )


def no_address(url: str) -> str:
    return f"This is no whole address: {url[:200]}"


def only_https(host: str) -> str:
    return f"Python reaches https addresses only. Try https://{host}."


def not_public(host: str) -> str:
    return f"Python may not reach {host}: it is this computer, or one of its network."


def too_many_hosts(host: str, most: int) -> str:
    return (
        f"This chat may not reach {host}: a cell may ask for {most} new addresses while it runs. "
        "Ask for it in the next one."
    )


def no_request(host: str, reason: str) -> str:
    return f"The browser makes no such request to {host}: {reason[:300]}"


def redirected(url: str) -> str:
    return (
        f"{url[:200]} leads on to another address, which this chat may not reach, or no page may "
        "read; no browser tells a page which it is. A person sees it when they open this one. Name "
        "that address itself in the code, and they are asked for it."
    )


def leads_to(url: str, host: str) -> str:
    return (
        f"{url[:200]} leads on to {host}, which this chat may not reach: the person did not allow "
        "it. Ask them for it in words; they can allow it in the panel “Python”."
    )


def too_slow(host: str, limit_s: float) -> str:
    return f"{host} did not answer within {limit_s:g} seconds."


def too_long_an_answer(host: str, most_bytes: int) -> str:
    return f"{host} sends more than {web_words.size(most_bytes)}, which is the limit of an answer."


def unread(host: str, *, is_online: bool) -> str:
    if not is_online:
        return f"{host} can't be reached: this computer is offline."
    return (
        f"{host} can't be read from a web page: either nothing answers there, or it does not allow "
        "pages of other sites to read it (CORS). The browser does not tell which. A person can "
        "download the file and attach it."
    )


def hosts_declined(hosts: Sequence[str]) -> str:
    return (
        f"The person did not let Python reach {', '.join(hosts)}. Do without, or ask them in words"
    )


def allow(host: str) -> str:
    return f"Allow {host} in this chat"


def disallow(host: str) -> str:
    return f"Take back the leave for {host}"
