"""The bytes of a document -> its places, whatever it is."""

from collections.abc import Iterator

from .book import book_places
from .notebook import notebook_places
from .open_document import open_places
from .packed import Archive
from .places import Picture, Place, divided
from .plain_text import text_places
from .problems import Unreadable
from .sheets import sheet_places
from .slides import slide_places
from .web_page import page_places
from .word import word_places

# Where the text of an Office document lies that does not tell it.
_USUAL = ("word/document.xml", "ppt/presentation.xml")
_OLE = b"\xd0\xcf\x11\xe0"


def read(name: str, data: bytes) -> Iterator[Place | Picture | int]:
    """Give the places of a document, none of them long; for some before them how many there are.
    The content tells the kind, and the name only of what is text.

    Raises:
        Unreadable: It holds nothing that can be read here.
    """
    for one in _places(name, data):
        if isinstance(one, Place) and one.text:
            yield from divided(one.name, one.text.split("\n"))
        else:
            yield one


def _places(name: str, data: bytes) -> Iterator[Place | Picture | int]:
    if b"%PDF-" in data[:1024]:
        from .pdf import pdf_places  # a library of its own

        return pdf_places(data)
    if data.startswith(_OLE):
        # What Office locks with a password it puts into a file of the old form.
        is_locked = "EncryptedPackage".encode("utf-16-le") in data
        raise Unreadable("encrypted" if is_locked else "old")
    if data.startswith(b"PK"):
        return _packed(Archive(data))
    if name.lower().endswith(".ipynb"):
        return notebook_places(data)
    if name.lower().endswith((".html", ".htm", ".xhtml")):
        return page_places(data)
    if b"\0" in data[:4096]:
        raise Unreadable("unknown")
    return text_places(data)


def _packed(archive: Archive) -> Iterator[Place]:
    if "META-INF/container.xml" in archive:
        return book_places(archive)
    if "content.xml" in archive:
        return open_places(archive)
    kinds = {"word": word_places, "xl": sheet_places, "ppt": slide_places}
    told = [path for kind, path in archive.related("").values() if kind == "officeDocument"]
    for path in told or [path for path in _USUAL if path in archive]:
        if places := kinds.get(path.partition("/")[0]):
            if path not in archive:
                raise Unreadable("damaged")
            return places(archive, path)
    raise Unreadable("damaged" if "[Content_Types].xml" in archive else "unknown")
