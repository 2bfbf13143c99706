"""What a file is by the way it begins, and which of them are documents."""

import pytest

from app.browser.conversation.composer.file_kinds import document_kind, kind_of


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        (b"%PDF-1.7", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\xff\xd8\xff\xe0", "a JPEG image"),
        (b"GIF89a", "a GIF image"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "a WebP image"),
        (b"RIFF\x10\x00\x00\x00AVI LIST", "a video"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", "a sound file"),
        (b"II*\0\x08", "a TIFF image"),
        (b"MM\0*\x08", "a TIFF image"),
        (b"BM\xff\xfe\x00", "a BMP image"),
        (b"\0\0\0\x18ftypheic", "a HEIC image"),
        (b"\0\0\0\x18ftypmif1", "a HEIC image"),
        (b"\0\0\0\x18ftypavif", "an AVIF image"),
        (b"\0\0\0\x18ftypM4A ", "a sound file"),
        (b"\0\0\0\x18ftypisom", "a video"),
        (b"\x1aE\xdf\xa3\x01", "a video"),
        (b"ID3\x04\xff", "a sound file"),
        (b"OggS\0", "a sound file"),
        (b"fLaC\0", "a sound file"),
        (b"\xd0\xcf\x11\xe0\xa1", "an old Office document"),
        (b"PK\3\4\x14", "a zip archive"),
        (b"PK\5\6\x00", "a zip archive"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"7z\xbc\xaf\x27", "a 7z archive"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"SQLite format 3\0", "a database"),
        (b"\x7fELF\x02", "a program"),
        (b"MZ\x90\x00", "a program"),
        (b"\0asm\x01", "a program"),
        (b"plain words", ""),
        # Not where the mark belongs.
        (b"x%PDF-1.7", ""),
        (b"xxxxWEBP", ""),
        # Words may begin with the few letters of some marks.
        (b"BMW builds cars", ""),
        (b"ID3 is an algorithm", ""),
        (b"OggS builds nothing", "a sound file"),
        (b"", ""),
    ],
)
def test_a_file_is_what_it_begins_with(beginning: bytes, kind: str) -> None:
    assert kind_of(beginning) == kind


@pytest.mark.parametrize(
    ("inside", "name", "kind"),
    [
        (b"word/document.xml", "", "a Word document"),
        (b"xl/workbook.xml", "", "an Excel workbook"),
        (b"ppt/slides", "", "a PowerPoint file"),
        (b"mimetypeapplication/epub+zip", "", "an EPUB book"),
        (b"mimetypeapplication/vnd.oasis.opendocument.text", "", "an OpenDocument text"),
        # What is inside counts before the name, and the name where nothing inside tells.
        (b"xl/workbook.xml", "a.docx", "an Excel workbook"),
        (b"[Content_Types].xml", "A.DOCX", "a Word document"),
        (b"[Content_Types].xml", "a.b.odp", "an OpenDocument presentation"),
        (b"[Content_Types].xml", "docx.zip", "a zip archive"),
        (b"password/list.txt", "", "a zip archive"),
        (b"my-xl/a.csv", "", "a zip archive"),
    ],
)
def test_an_archive_is_told_by_what_it_holds(inside: bytes, name: str, kind: str) -> None:
    assert kind_of(b"PK\3\4\x14\0" + inside, name) == kind


@pytest.mark.parametrize(
    ("beginning", "name", "kind"),
    [
        (b"%PDF-1.7", "a", "a PDF"),
        (b"\xd0\xcf\x11\xe0", "a.doc", "an old Office document"),
        (b"PK\3\4word/", "a.zip", "a Word document"),
        (b"PK\3\4", "a.zip", ""),
        (b"\x89PNG\r\n", "a.html", ""),
        (b"<!doctype html>", "A.HTML", "a web page"),
        (b"<p>", "a.htm", "a web page"),
        (b"{", "a.ipynb", "a notebook"),
        (b"{", "a.json", ""),
        (b"\0<p>", "a.html", ""),
    ],
)
def test_documents_are_told_from_other_files(beginning: bytes, name: str, kind: str) -> None:
    assert document_kind(beginning, name) == kind
