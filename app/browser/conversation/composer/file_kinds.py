"""Beginning of a file -> its kind, where it is no plain text. Pure."""

import re

from .text_encodings import is_utf8

# How files begin, and after so many bytes.
_KINDS = (
    (0, b"%PDF-", "a PDF"),
    (0, b"\x89PNG\r\n", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF8", "a GIF image"),
    (8, b"WEBP", "a WebP image"),
    (0, b"II*\0", "a TIFF image"),
    (0, b"MM\0*", "a TIFF image"),
    (0, b"BM", "a BMP image"),
    (4, b"ftyphei", "a HEIC image"),
    (4, b"ftypmif1", "a HEIC image"),
    (4, b"ftypavif", "an AVIF image"),
    (4, b"ftypM4A", "a sound file"),
    (4, b"ftyp", "a video"),
    (0, b"\x1aE\xdf\xa3", "a video"),
    (8, b"AVI ", "a video"),
    (8, b"WAVE", "a sound file"),
    (0, b"ID3", "a sound file"),
    (0, b"OggS", "a sound file"),
    (0, b"fLaC", "a sound file"),
    (0, b"\xd0\xcf\x11\xe0", "an old Office document"),
    (0, b"PK\3\4", "a zip archive"),
    (0, b"PK\5\6", "a zip archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"7z\xbc\xaf", "a 7z archive"),
    (0, b"Rar!", "a RAR archive"),
    (0, b"SQLite format 3\0", "a database"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ\x90", "a program"),
    (0, b"\0asm", "a program"),
)
# Within a zip archive: the folder that tells which it is.
_IN_ZIP = (
    (b"word/", "a Word document"),
    (b"xl/", "an Excel workbook"),
    (b"ppt/", "a PowerPoint file"),
    (b"mimetypeapplication/epub", "an EPUB book"),
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "an OpenDocument text"),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "an OpenDocument spreadsheet"),
    (b"mimetypeapplication/vnd.oasis.opendocument.presentation", "an OpenDocument presentation"),
)

_ZIP_SUFFIXES = {
    "docx": "a Word document",
    "xlsx": "an Excel workbook",
    "pptx": "a PowerPoint file",
    "epub": "an EPUB book",
    "odt": "an OpenDocument text",
    "ods": "an OpenDocument spreadsheet",
    "odp": "an OpenDocument presentation",
}
# Text whose text is not what a person reads.
_TEXT_SUFFIXES = {
    "ipynb": "a notebook",
    "html": "a web page",
    "htm": "a web page",
    "xhtml": "a web page",
}
# What can be read as text by its places (`documents`); the last says there why it can't.
_DOCUMENTS = frozenset(
    {"a PDF", "an old Office document", *(kind for _, kind in _IN_ZIP), *_TEXT_SUFFIXES.values()}
)


def kind_of(beginning: bytes, name: str = "") -> str:
    """Name the kind of a file that begins so, with its article; empty where nobody knows."""
    kind = next((kind for at, mark, kind in _KINDS if beginning.startswith(mark, at)), "")
    if kind == "a zip archive":
        suffix = name.lower().rpartition(".")[2]
        # Not at the end of a longer name, as in `password/`.
        inside = (
            inner
            for mark, inner in _IN_ZIP
            if re.search(rb"(?<![\w./-])" + re.escape(mark), beginning)
        )
        return next(inside, _ZIP_SUFFIXES.get(suffix, kind))
    # Few letters, which texts may begin with too.
    is_short = kind in ("a BMP image", "a sound file") and beginning[:2] in (b"BM", b"ID")
    return "" if is_short and is_utf8(beginning) else kind


def document_kind(beginning: bytes, name: str) -> str:
    """Name the kind of a document that begins so; empty for what is none."""
    kind = kind_of(beginning, name)
    if not kind and not beginning.startswith(b"\0"):
        kind = _TEXT_SUFFIXES.get(name.lower().rpartition(".")[2], "")
    return kind if kind in _DOCUMENTS else ""
