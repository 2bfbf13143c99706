"""Each kind of document as its places."""

import io
import re
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from app.documents import packed
from app.documents.packed import MISSING
from app.documents.places import Picture, Place, first_line, joined, note_of, places_of
from app.documents.problems import Unreadable
from app.documents.reading import read
from tests.documents import files
from tests.documents.files import docx, paragraph


def places(name: str, data: bytes) -> list[Place]:
    return [one for one in read(name, data) if isinstance(one, Place)]


def why_not(name: str, data: bytes) -> str:
    with pytest.raises(Unreadable) as problem:
        list(read(name, data))
    return problem.value.why


def test_a_pdf_gives_its_pages() -> None:
    data = files.pdf(["Of turbines\nand more", "", "The end"])
    assert list(read("a.pdf", data)) == [
        3,
        Place("page 1", "Of turbines\nand more"),
        Place("page 2", ""),
        Place("page 3", "The end"),
    ]
    # As mail programs and scanners leave it.
    assert places("a.bin", b"\r\n" + data)[0].text == "Of turbines\nand more"


def test_a_pdf_that_is_locked_against_changes_alone_is_read() -> None:
    assert places("a.pdf", files.pdf(["Only locked"], owner="x")) == [
        Place("page 1", "Only locked")
    ]
    assert why_not("a.pdf", files.pdf(["Secret"], password="y")) == "encrypted"


def test_pages_without_text_are_pictures_where_they_hold_some() -> None:
    found = list(read("a.pdf", files.pdf(["", "Words", ""], picture=files.JPEG)))
    assert found == [
        3,
        Place("page 1", ""),
        Picture("page 1", files.JPEG),
        Place("page 2", "Words"),
        Place("page 3", ""),
        Picture("page 3", files.JPEG),
    ]
    many = list(read("a.pdf", files.pdf([""] * 30, picture=files.JPEG)))
    assert sum(isinstance(one, Picture) for one in many) == 20


GREY = bytes(range(0, 256, 4))


@pytest.mark.parametrize(
    ("kept_as", "points", "kind", "rows"),
    [
        ("/ColorSpace /DeviceGray /BitsPerComponent 8", GREY, (8, 0), GREY),
        ("/ColorSpace /DeviceRGB /BitsPerComponent 8", GREY * 3, (8, 2), GREY * 3),
        ("/ImageMask true", b"\xaa\x55" * 4, (1, 0), b"\xaa\x55" * 4),
        (
            "/ColorSpace /DeviceGray /BitsPerComponent 1 /Decode [1 0]",
            b"\x0f" * 8,
            (1, 0),
            b"\xf0" * 8,
        ),
        (
            "/ColorSpace [/Indexed /DeviceRGB 1 <000000FF0000>] /BitsPerComponent 1",
            b"\x81" * 8,
            (1, 3),
            b"\x81" * 8,
        ),
    ],
)
def test_points_of_a_scan_are_a_png(
    kept_as: str, points: bytes, kind: tuple[int, int], rows: bytes
) -> None:
    data = files.pdf([""], picture=zlib.compress(points), kept_as=f"{kept_as} /Filter /FlateDecode")
    (picture,) = [one for one in read("a.pdf", data) if isinstance(one, Picture)]
    assert picture.data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">IIBB", picture.data[16:26]) == (8, 8, *kind)
    at = picture.data.index(b"IDAT")
    (length,) = struct.unpack(">I", picture.data[at - 4 : at])
    unpacked = zlib.decompress(picture.data[at + 4 : at + 4 + length])
    row = len(rows) // 8
    assert unpacked == b"".join(b"\0" + rows[n * row : (n + 1) * row] for n in range(8))
    assert (b"PLTE\0\0\0\xff\0\0" in picture.data) == (kind[1] == 3)


@pytest.mark.parametrize(
    ("packing", "why"),
    [("CCITTFaxDecode", "CCITT"), ("JBIG2Decode", "JBIG2"), ("JPXDecode", "JPEG 2000")],
)
def test_a_scan_that_nothing_here_unpacks_is_called_by_its_packing(packing: str, why: str) -> None:
    kept_as = f"/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /{packing}"
    assert why_not("a.pdf", files.pdf([""], picture=b"scan", kept_as=kept_as)) == why
    # With text on another page it is a document like any other.
    data = files.pdf(["", "Words"], picture=b"scan", kept_as=kept_as)
    first, second = places("a.pdf", data)
    assert f"(This page is a picture, packed as {why}, which can't be shown here." in first.text
    assert second.text == "Words"


@pytest.mark.parametrize("name", ["aes-128.pdf", "aes-256.pdf"])
def test_a_cipher_that_is_not_here_is_called_so(name: str) -> None:
    """They open without a password; pypdf made them, with the package cryptography beside it."""
    assert why_not(name, Path(__file__).with_name(name).read_bytes()) == "aes"


def test_a_word_document_gives_its_sections_whatever_its_styles_are_called() -> None:
    table = "<w:tbl><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr></w:tbl>".format(
        paragraph("left"), paragraph("two") + paragraph("lines")
    )
    item = "<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>an item</w:t></w:r></w:p>"
    changed = (
        "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t>new</w:t>"
        '<w:tab/><w:t>text</w:t><w:footnoteReference w:id="2"/></w:r></w:ins></w:p>'
    )
    data = docx(
        paragraph("Before")
        + paragraph("Kapitel", "berschrift1")
        + item
        + table
        + paragraph("Kapitel", "berschrift1")
        + changed,
        files.heading_style("berschrift1", 1),
        footnotes=f'<w:footnote w:id="2">{paragraph("A note")}</w:footnote>',
    )
    assert places("a.docx", data) == [
        Place("beginning", "Before"),
        Place("Kapitel", "# Kapitel\n- an item\n| left | two lines |"),
        Place("Kapitel (2)", "# Kapitel\nnew\ttext[^2]"),
        Place("footnotes", "# footnotes\n[^2]: A note"),
    ]


def test_a_workbook_gives_its_rows_as_they_are_seen() -> None:
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c>'
        '<c r="C1" t="inlineStr"><is><t>far</t></is></c></row>'
        '<row r="3"><c r="A3" s="1"><v>46085</v></c><c r="B3" s="2"><v>46085.25</v></c>'
        '<c r="C3"><v>3.5</v></c><c r="D3" t="b"><v>1</v></c><c r="E3" t="e"><v>#DIV/0!</v></c>'
        '<c r="F3" t="str"><f>A1</f><v>said</v></c><c r="G3"><f>1+2</f></c></row>'
    )
    styles = (
        '<numFmts><numFmt numFmtId="164" formatCode="dd&quot;.&quot;mm hh:mm"/>'
        '<numFmt numFmtId="165" formatCode="0.0 &quot;days&quot;"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs>'
    )
    shared = ["<r><t>Sh</t></r><r><t>ared</t></r><rPh><t>read aloud</t></rPh>"]
    data = files.xlsx({"Sales & more": rows, "Empty": ""}, shared=shared, styles=styles)
    assert places("a.xlsx", data) == [
        Place(
            "sheet Sales & more, rows 1–3",
            "1: Shared |  | far\n"
            "3: 2026-03-04 | 2026-03-04 06:00:00 | 3.5 | TRUE | #DIV/0! | said | =1+2",
        )
    ]


def test_a_part_that_is_missing_is_said_and_the_others_are_read() -> None:
    row = '<row r="1"><c r="A1"><v>7</v></c></row>'
    book = without(files.xlsx({"Lost": row, "Kept": row}), "xl/worksheets/s1.xml")
    assert places("a.xlsx", book) == [
        Place("sheet Lost", MISSING),
        Place("sheet Kept, rows 1–1", "1: 7"),
    ]
    slides = without(files.pptx([["One"], ["Two"]]), "ppt/slides/slide2.xml")
    assert places("a.pptx", slides) == [Place("slide 1", MISSING), Place("slide 2", "Two")]


def test_a_long_sheet_is_many_places() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 251))
    found = places("a.xlsx", files.xlsx({"S": rows}))
    assert [one.name for one in found] == [
        f"sheet S, rows {a}–{b}" for a, b in ((1, 100), (101, 200), (201, 250))
    ]


def test_slides_come_in_the_order_in_which_they_are_shown() -> None:
    data = files.pptx([["First", "of it"], ["Second"]], notes="Say this")
    assert places("a.pptx", data) == [
        Place("slide 1", "First\nof it\nNotes: Say this"),
        Place("slide 2", "Second"),
    ]


def test_open_documents() -> None:
    text = (
        '<office:text><text:h text:outline-level="2">Kopf</text:h>'
        '<text:p>Hallo<text:s text:c="2"/>Welt'
        "</text:p><text:list><text:list-item><text:p>eins</text:p></text:list-item></text:list></office:text>"
    )
    assert places("a.odt", files.open_document("text", text)) == [
        Place("Kopf", "## Kopf\nHallo  Welt\n- eins")
    ]
    sheet = (
        '<table:table table:name="Blatt"><table:table-row>'
        "<table:table-cell><text:p>a</text:p></table:table-cell>"
        '<table:table-cell table:number-columns-repeated="2"/>'
        "<table:table-cell><text:p>d</text:p></table:table-cell>"
        '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/>'
        "</table:table-row></table:table>"
    )
    assert places("a.ods", files.open_document("spreadsheet", sheet)) == [
        Place("sheet Blatt, rows 1–1", "1: a |  |  | d")
    ]
    page = "<draw:page><draw:frame><text:p>On it</text:p></draw:frame></draw:page>"
    assert places("a.odp", files.open_document("presentation", page)) == [Place("slide 1", "On it")]
    locked = files.open_document("text", text, "<encryption-data/>")
    assert why_not("a.odt", locked) == "encrypted"


def test_a_page_is_what_is_seen_of_it() -> None:
    data = (
        "<html><head><meta charset=iso-8859-1><title>T</title><style>x{}</style>"
        "<body><h1>Größe</h1><p>One "
        "<b>two</b><br>three<script>no()</script><ul><li>a<li>b</ul><table><tr><th>x<th>y<tr><td>1<td>2"
        "</table><pre>a\n  b</pre><div hidden>no<p>no</div><h2>Next</h2><img alt=Cat>text"
    ).encode("latin-1")
    assert places("a.html", data) == [
        Place("Größe", "# Größe\nOne two\nthree\n- a\n- b\nx | y\n1 | 2\na\n  b"),
        Place("Next", "## Next\n[Cat]text"),
    ]


def test_a_book_is_read_in_its_order() -> None:
    data = files.epub(["<h1>One</h1><p>first", "<h1>Two</h1><p>second"])
    assert places("a.epub", data) == [Place("One", "# One\nfirst"), Place("Two", "# Two\nsecond")]


def test_a_notebook_gives_its_cells_with_what_they_have_shown() -> None:
    data = files.notebook(
        {"cell_type": "markdown", "source": ["# Title\n", "Words"]},
        {
            "cell_type": "code",
            "source": "1 + 1",
            "outputs": [
                {"output_type": "stream", "text": ["printed\n"]},
                {
                    "output_type": "execute_result",
                    "data": {"text/plain": "2", "text/html": "<b>2</b>"},
                },
                {"output_type": "display_data", "data": {"image/png": "iVBOR"}},
                {"output_type": "error", "ename": "ValueError", "evalue": "no"},
            ],
        },
        {"cell_type": "code", "source": "x = 1", "outputs": []},
    )
    assert places("a.ipynb", data) == [
        Place("cell 1", "# Title\nWords"),
        Place("cell 2", "```\n1 + 1\n```\n\nOutput:\nprinted\n2\n(image/png)\nValueError: no"),
        Place("cell 3", "```\nx = 1\n```"),
    ]


def without(data: bytes, name: str) -> bytes:
    """An archive that has lost this file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return files.zipped({one: archive.read(one) for one in archive.namelist() if one != name})


def misplaced(data: bytes) -> bytes:
    """An archive of which a piece is gone, so that nothing is where its list says."""
    return data[:40] + data[49:]


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENTITIES = (
    '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    '<w:document xmlns:w="w"><w:p><w:t>&b;</w:t></w:p></w:document>'
)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.pdf", b"%PDF-1.7 nonsense", "damaged"),
        ("a.pdf", files.pdf(["x" * 50])[:120], "damaged"),
        ("a.docx", b"PK\3\4rubbish", "damaged"),
        ("a.docx", docx(paragraph("x"))[:-40], "damaged"),
        ("a.docx", files.zipped({"[Content_Types].xml": "<Types/>"}), "damaged"),
        ("a.docx", docx("<w:p>"), "damaged"),
        ("a.docx", without(docx(paragraph("x")), "word/document.xml"), "damaged"),
        ("a.pptx", misplaced(files.pptx([["One"]])), "damaged"),
        ("a.docx", docx("<w:p>" * 1000 + "</w:p>" * 1000), "damaged"),
        ("a.zip", files.zipped({"a.txt": "x"}), "unknown"),
        ("a.doc", OLD, "old"),
        ("a.docx", OLD + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("a.ipynb", b"[]", "damaged"),
        ("a.ipynb", b'{"cells": ' + b"[" * 100_000, "damaged"),
        ("a.bin", b"text\0", "unknown"),
    ],
)
def test_what_cannot_be_read_says_why(name: str, data: bytes, why: str) -> None:
    assert why_not(name, data) == why


def test_a_pdf_without_its_end_is_read() -> None:
    whole = files.pdf(["The code is 7431"])
    assert [one.text for one in places("a.pdf", whole[: whole.rindex(b"startxref")])] == [
        "The code is 7431"
    ]


def test_an_office_document_without_a_list_of_its_parts_is_read() -> None:
    bare = without(docx(paragraph("The code is 7431")), "_rels/.rels")
    assert [one.text for one in places("a.docx", bare)] == ["The code is 7431"]


def test_no_entity_is_read() -> None:
    parts = {
        "_rels/.rels": files.related(("r", "officeDocument", "word/document.xml")),
        "word/document.xml": ENTITIES,
    }
    assert why_not("a.docx", files.zipped(parts)) == "damaged"
    plain = ENTITIES.partition("]>")[2].replace("&b;", "fine")
    assert places("a.docx", files.zipped(parts | {"word/document.xml": plain}))[0].text == "fine"


def test_what_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_MOST_BYTES", 1_000)
    parts: dict[str, str | bytes] = {
        "_rels/.rels": files.related(("r", "officeDocument", "word/document.xml")),
        "word/document.xml": b"\0" * 1_001,
    }
    assert why_not("a.docx", files.zipped(parts)) == "too large"


def test_no_place_is_long_and_nothing_is_left_out() -> None:
    text = "\n".join(f"line {n} " + "x" * (n % 90) for n in range(3000)) + "y" * 20_000
    found = places(
        "a.docx",
        docx(
            paragraph("Head", "H") + "".join(map(paragraph, text.split("\n"))),
            files.heading_style("H", 1),
        ),
    )
    assert max(len(one.text) for one in found) <= 6_000
    assert [one.name for one in found][:2] == ["Head", "Head, part 2"]
    together = re.sub(r"\s", "", "".join(one.text for one in found))
    assert together == re.sub(r"\s", "", f"# Head{text}")


def test_the_text_that_is_kept_has_all_places_again() -> None:
    given = [
        Place("page 1", "a\n\nb"),
        Place("two\nlines", "\fno mark \0 of \ud800 ours"),
        Place("", ""),
    ]
    text = joined(given, "What is to be said.")
    assert note_of(text) == "What is to be said."
    assert places_of(text) == [
        Place("page 1", "a\n\nb"),
        Place("two lines", "no mark  of ? ours"),
        Place("", ""),
    ]


def test_the_lines_of_a_text_have_their_numbers_in_whatever_place() -> None:
    lines = [f"line {n}" + " x" * (n % 300) for n in range(1, 2_001)] + ["y" * 20_000, "", "end"]
    found = places("a.log", ("\ufeff" + "\r\n".join(lines)).encode())
    assert max(len(one.text) for one in found) <= 6_000
    assert found[0].name == f"lines 1–{found[0].text.count(chr(10)) + 1}"
    for place in found:
        first = first_line(place)
        if "part" not in place.name:
            assert place.text.split("\n")[0] in (lines[first - 1], lines[first - 1][:6_000])
    assert found[-1].name == "lines 2002–2003"
    assert first_line(found[-1]) == 2002


def test_a_kept_text_with_a_long_place_or_very_many_has_no_long_ones() -> None:
    found = places_of("\fone\n" + "word " * 4_000 + "\ftwo\nend")
    assert max(len(one.text) for one in found) <= 6_000
    assert [one.name for one in found] == [
        "one",
        "one, part 2",
        "one, part 3",
        "one, part 4",
        "two",
    ]
    assert len(places_of("\f" * 1_000_000)) < 100_000
