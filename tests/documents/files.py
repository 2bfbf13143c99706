"""Small documents of each kind, written as the programs write them that people have."""

import io
import json
import zipfile
from base64 import b64decode
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_OFFICE = "http://schemas.openxmlformats.org"
_RELATED = f"{_OFFICE}/officeDocument/2006/relationships"
_WORD = f'xmlns:w="{_OFFICE}/wordprocessingml/2006/main"'
_SHEET = f'xmlns="{_OFFICE}/spreadsheetml/2006/main"'
_SLIDE = f'xmlns:p="{_OFFICE}/presentationml/2006/main" xmlns:a="{_OFFICE}/drawingml/2006/main"'
_OPEN = "urn:oasis:names:tc:opendocument:xmlns"


# A grey square.
JPEG = b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObD"
    "oKrarYqMyP/L2u71////m8H////6/+b9//j/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABP/E"
    "ABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8Ac//Z"
)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def related(*targets: tuple[str, str, str]) -> str:
    """The file that says what a part names: id, kind and target of each."""
    items = "".join(
        f'<Relationship Id="{id}" Type="{_RELATED}/{kind}" Target="{target}"/>'
        for id, kind, target in targets
    )
    return f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">{items}</Relationships>'


def docx(body: str, styles: str = "", **more: str) -> bytes:
    """A Word document with this inside of `w:body`."""
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": related(("rId1", "officeDocument", "word/document.xml")),
            "word/document.xml": f"<w:document {_WORD}><w:body>{body}</w:body></w:document>",
            "word/styles.xml": f"<w:styles {_WORD}>{styles}</w:styles>",
            "word/_rels/document.xml.rels": related(
                ("rId1", "styles", "styles.xml"),
                *((f"x{kind}", kind, f"{kind}.xml") for kind in more),
            ),
            **{
                f"word/{kind}.xml": f"<w:{kind} {_WORD}>{text}</w:{kind}>"
                for kind, text in more.items()
            },
        }
    )


def paragraph(text: str, style: str = "") -> str:
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{named}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def heading_style(id: str, level: int) -> str:
    return f'<w:style w:styleId="{id}"><w:name w:val="heading {level}"/></w:style>'


def xlsx(sheets: dict[str, str], *, shared: Sequence[str] = (), styles: str = "") -> bytes:
    """A workbook: the rows of each sheet as they stand inside of `sheetData`."""
    names = [
        f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"/>'
        for at, name in enumerate(sheets, 1)
    ]
    strings = "".join(f"<si>{one}</si>" for one in shared)
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": related(("rId1", "officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": (
                f'<workbook {_SHEET} xmlns:r="{_RELATED}">'
                f"<sheets>{''.join(names)}</sheets></workbook>"
            ),
            "xl/_rels/workbook.xml.rels": related(
                *(
                    (f"rId{at}", "worksheet", f"worksheets/s{at}.xml")
                    for at in range(1, len(sheets) + 1)
                ),
                ("a", "sharedStrings", "sharedStrings.xml"),
                ("b", "styles", "styles.xml"),
            ),
            "xl/sharedStrings.xml": f"<sst {_SHEET}>{strings}</sst>",
            "xl/styles.xml": f"<styleSheet {_SHEET}>{styles}</styleSheet>",
            **{
                f"xl/worksheets/s{at}.xml": (
                    f"<worksheet {_SHEET}><sheetData>{rows}</sheetData></worksheet>"
                )
                for at, rows in enumerate(sheets.values(), 1)
            },
        }
    )


def pptx(slides: Sequence[Sequence[str]], notes: str = "") -> bytes:
    """Slides, each of some paragraphs; the notes belong to the first."""

    def text(lines: Sequence[str]) -> str:
        return "".join(f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in lines)

    count = len(slides)
    # Their files are named in another order than they are shown in.
    order = "".join(f'<p:sldId id="{255 + at}" r:id="rId{at}"/>' for at in range(1, count + 1))
    return zipped(
        {
            "_rels/.rels": related(("rId1", "officeDocument", "ppt/presentation.xml")),
            "ppt/presentation.xml": (
                f'<p:presentation {_SLIDE} xmlns:r="{_RELATED}">'
                f"<p:sldIdLst>{order}</p:sldIdLst></p:presentation>"
            ),
            "ppt/_rels/presentation.xml.rels": related(
                *(
                    (f"rId{at}", "slide", f"slides/slide{count + 1 - at}.xml")
                    for at in range(1, count + 1)
                )
            ),
            **{
                f"ppt/slides/slide{count - at}.xml": f"<p:sld {_SLIDE}>{text(lines)}</p:sld>"
                for at, lines in enumerate(slides)
            },
            f"ppt/slides/_rels/slide{count}.xml.rels": related(
                ("n", "notesSlide", "../notesSlides/n.xml")
            ),
            "ppt/notesSlides/n.xml": f"<p:notes {_SLIDE}>{text([notes])}</p:notes>",
        }
    )


def open_document(kind: str, body: str, manifest: str = "") -> bytes:
    """An OpenDocument file of this kind: text, spreadsheet or presentation."""
    spaces = " ".join(
        f'xmlns:{one}="{_OPEN}:{one}:1.0"' for one in ("office", "text", "table", "draw")
    )
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
            "content.xml": (
                f"<office:document {spaces}><office:body>{body}</office:body></office:document>"
            ),
        }
    )


def epub(chapters: Sequence[str]) -> bytes:
    items = "".join(f'<item id="c{at}" href="text/c%20{at}.xhtml"/>' for at in range(len(chapters)))
    order = "".join(f'<itemref idref="c{at}"/>' for at in range(len(chapters)))
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container><rootfile full-path="OEBPS/b.opf"/></container>',
            "OEBPS/b.opf": f"<package><manifest>{items}</manifest><spine>{order}</spine></package>",
            **{f"OEBPS/text/c {at}.xhtml": text for at, text in enumerate(chapters)},
        }
    )


def notebook(*cells: dict[str, object]) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def pdf(
    pages: Sequence[str],
    password: str = "",
    owner: str = "",
    picture: bytes = b"",
    kept_as: str = "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode",
) -> bytes:
    """Pages of some lines of ASCII each, and this picture of 8 by 8 points; with a password, or
    locked against changes alone.
    """
    from pypdf import PdfReader, PdfWriter

    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    shows = f"/XObject << /I {4 + 2 * len(pages)} 0 R >>" if picture else ""
    for at, page in enumerate(pages):
        shown = " ".join(f"({line}) Tj T*" for line in page.splitlines())
        stream = f"BT /F1 12 Tf 14 TL 72 720 Td {shown} ET" if page else ""
        objects += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            f"/Resources << /Font << /F1 3 0 R >> {shows} >> /Contents {5 + 2 * at} 0 R >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    if picture:
        objects.append(
            f"<< /Type /XObject /Subtype /Image /Width 8 /Height 8 {kept_as} "
            f"/Length {len(picture)} >>\n"
            f"stream\n{picture.decode('latin-1')}\nendstream"
        )
    written, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{one}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(objects) + 1
    written += (
        f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R >>\n"
        f"startxref\n{len(written)}\n%%EOF\n"
    ).encode("ascii")
    if not (password or owner):
        return written
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(written)))
    writer.encrypt(password, owner or None, algorithm="RC4-128")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()
