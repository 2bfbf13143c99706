"""Pictures from outside that the page draws itself: no SVG that is a program."""

import time
from base64 import b64encode

import pytest

from app.browser.web.pictures import is_plain_svg, may_be_drawn

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'


def svg(inside: str) -> str:
    return f"{SVG}{inside}</svg>"


# As Matplotlib writes a chart with markers, letters, clips, hatches and a bitmap.
CHART = (
    '<?xml version="1.0" encoding="utf-8" standalone="no"?>\n'
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/TR/svg11.dtd">\n'
    + svg(
        '<metadata><rdf:RDF xmlns:rdf="r"><cc:Work xmlns:cc="c"><dc:type rdf:resource="t"/>'
        "</cc:Work></rdf:RDF></metadata>"
        '<defs><style type="text/css">*{stroke-linejoin: round}</style></defs>'
        '<defs><path id="m1" d="M 0 0 L 0 3.5" style="stroke: #000000"/></defs>'
        '<g clip-path="url(#p1)" style="fill: url(#h1); fill-opacity: 0.7">'
        '<use xlink:href="#m1" x="57.6" y="307.5"/><use xlink:href="#m1" x="67.6"/></g>'
        '<image xlink:href="data:image/png;base64,iVBORw0" width="2"/><text>A &lt; b</text>'
        '<defs><clipPath id="p1"><rect x="57" y="41"/></clipPath>'
        '<pattern id="h1" width="72" height="72"><rect/><path d="M -36 36"/></pattern>'
        "</defs>"
    )
)
USED = '<path id="a0" d="M0 0"/>' + "".join(
    f'<g id="a{n}">' + f'<use href="#a{n - 1}"/>' * 10 + "</g>" for n in range(1, 9)
)


def test_a_chart_is_plain() -> None:
    assert is_plain_svg(CHART)
    for address in (
        f"data:image/svg+xml;base64,{b64encode(CHART.encode()).decode()}",
        f"data:image/svg+xml;charset=utf-8,{svg('%3Cpath/%3E<script>x = 1</script>')}",
        "data:image/png;base64,AAAA",
        "data:image/jpeg,x",
    ):
        assert may_be_drawn(address)


@pytest.mark.parametrize(
    "inside",
    [
        USED,
        USED.replace("use", "s:use").replace("<g ", '<g xmlns:s="http://www.w3.org/2000/svg" '),
        '<use href="#none"/><use x=">" href="#a"/>',
        '<use href="data:image/svg+xml,x"/>',
        '<path id="a"/><g id="a"/><use href="#a"/>',
        "<filter/>",
        "<feTurbulence/>",
        '<rect style="filter: blur(90px)"/>',
        '<rect style="&#102;ilter: blur(90px)"/>',
        '<rect filter="blur(90px)"/>',
        '<rect x=">" filter="blur(90px)"/>',
        "<style>rect { filter: blur(90px) }</style>",
        "<style>@import url(https://evil.example)</style>",
        "<style>rect { \\66ilter: blur(90px) }</style>",
        "<style><![CDATA[rect { filter: blur(90px) }]]></style>",
        '<?xml-stylesheet href="data:text/css,rect%7Bfilter:blur(9px)%7D"?>',
        '<clipPath id="a"><rect clip-path="url(#b)"/><rect clip-path="url(#b)"/></clipPath>',
        '<clipPath id="a"><use href="#b"/></clipPath><path id="b"/>',
        '<pattern id="a"><rect fill="url(#b)"/></pattern>',
        '<rect mask="url(#a)"/>',
        '<path marker-mid="url(#a)" d="M0 0"/>',
        "<animate/>",
        "<foreignObject/>",
        '<image href="data:image/svg+xml,x"/>',
        '<image href="https://evil.example/x.png"/>',
        "<g>" * 200 + "</g>" * 200,
        "<rect/>" * 10_001,
        f"<text>{'a' + chr(0x301) * 10_000}</text>",
        f'<path id="a" d="{"L 1 1" * 20_000}"/>' + '<use href="#a"/>' * 200,
        "<path/>" + " " * 400_000,
    ],
    ids=range(30),
)
def test_what_may_cost_more_than_its_length_is_not(inside: str) -> None:
    assert not is_plain_svg(svg(inside))
    encoded = b64encode(svg(inside).encode()).decode()
    assert not may_be_drawn(f"data:image/svg+xml;base64,{encoded}")


@pytest.mark.parametrize(
    "address",
    [
        "data:image/svg+xml;charset=utf-16," + svg("<path/>"),
        "data:IMAGE/SVG+XML;a=b;base64,AAAA",
        "data:image/svg+xml;base64," + b64encode(svg("<path/>").encode("utf-16")).decode(),
        "data:image/svg+xml," + '<?xml version="1.0" encoding="utf-7"?>' + svg("<path/>"),
        "data:image/svg+xml," + f'<!DOCTYPE svg [<!ENTITY a "b">]>{svg("&a;")}',
        "data:image/svg+xml;base64,A",
        "data:image/svg",
        "https://a.example/a.png",
        "data:text/html,<p>",
    ],
)
def test_an_address_that_is_read_in_another_way_is_not(address: str) -> None:
    assert not may_be_drawn(address)


@pytest.mark.parametrize(
    "piece", ['<a "', "<", '="', "<style>", ' class="', "<g id='", "<!DOCTYPE"]
)
def test_reading_takes_a_time_that_grows_with_the_length(piece: str) -> None:
    def seconds(characters: int) -> float:
        text = piece * (characters // len(piece))
        before_s = time.process_time()
        is_plain_svg(text)
        return time.process_time() - before_s

    fewer_s, more_s = (min(seconds(count) for _ in range(3)) for count in (20_000, 160_000))
    # By the square it would be 64 times.
    assert more_s <= 24 * fewer_s + 0.01


BITMAP = '<image href="data:image/png;base64,A"/>'
# Its attributes are 100,000 letters.
NAMED = f'<path id="a" d="{"1" * 99_987}"/>'
AGAIN = '<use href="#a"/>'


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        ("<g>" * 99 + "</g>" * 99, "<g>" * 100 + "</g>" * 100),
        ("<rect/>" * 9_999, "<rect/>" * 10_000),
        (BITMAP * 20, BITMAP * 21),
        (f"<text>{'a' * 10_000}</text>", f"<text>{'a' * 10_001}</text>"),
        (NAMED + AGAIN * 100, NAMED + AGAIN * 101),
        (" " * (400_000 - len(svg(""))), " " * (400_001 - len(svg("")))),
    ],
    ids=["depth", "elements", "bitmaps", "letters", "named", "length"],
)
def test_so_much_is_drawn_and_no_more(within: str, beyond: str) -> None:
    assert is_plain_svg(svg(within))
    assert not is_plain_svg(svg(beyond))
