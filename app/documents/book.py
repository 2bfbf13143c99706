"""An EPUB book as sections. Source: https://www.w3.org/TR/epub-33/"""

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

from .packed import Archive, each, named
from .places import Place, sections
from .web_page import html_lines


def book_places(archive: Archive) -> Iterator[Place]:
    """Give the sections of a book in the order of reading."""
    root = next(each(archive.read("META-INF/container.xml"), ("rootfile",)), None)
    package = named(root, "full-path") if root is not None else ""
    data, folder = archive.read(package), posixpath.dirname(package)
    paths = {
        named(one, "id"): posixpath.normpath(posixpath.join(folder, unquote(named(one, "href"))))
        for one in each(data, ("item",))
    }
    lines = (
        line
        for one in each(data, ("itemref",))
        for line in html_lines(
            archive.read(paths.get(named(one, "idref"), "")).decode("utf-8", "replace")
        )
    )
    yield from sections(lines)
