"""A PowerPoint file (.pptx) as slides. Source: ECMA-376, part 1, PresentationML."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from .packed import MISSING, Archive, each, named
from .places import Place


def slide_places(archive: Archive, main: str) -> Iterator[Place]:
    """Give the slides, in the order in which they are shown, with their notes."""
    related = archive.related(main)
    for number, slide in enumerate(each(archive.read(main), ("sldId",)), start=1):
        path = related.get(named(slide, "id"), ("", ""))[1]
        text = "\n".join(_lines(archive.read(path))) if path in archive else MISSING
        for kind, notes in archive.related(path).values():
            said = "\n".join(_lines(archive.read(notes))) if kind == "notesSlide" else ""
            # The number of the slide stands there too.
            if said and said != str(number):
                text += f"\nNotes: {said}"
        yield Place(f"slide {number}", text.strip())


def _lines(data: bytes) -> Iterator[str]:
    for block in each(data, ("p", "tbl")):
        if block.tag == "tbl":
            for row in block.iter("tr"):
                cells = (" ".join(_text(one).split()) for one in row if one.tag == "tc")
                yield f"| {' | '.join(cells)} |"
        elif text := _text(block).strip():
            yield text


def _text(element: Element) -> str:
    if element.tag == "t":
        return element.text or ""
    inner = "\n" if element.tag == "br" else "".join(map(_text, element))
    return f"{inner} " if element.tag == "p" else inner
