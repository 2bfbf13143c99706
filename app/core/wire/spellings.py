"""The spellings in which systems hand a text on: found in other texts, whichever was chosen.

Each letter may stand as it is, in either case, or as an escape of JSON, of a programming language,
of addresses, of mail, of HTML or XML, escaped again and again, and have blanks or line ends before
it. What no letter is read from alone, base64 and hexadecimal, is spelled here as a whole. All is of
bytes in small letters. The work grows with the text read, whatever stands in it: no part of a
pattern repeats without a bound.
"""

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from functools import lru_cache
from html.entities import html5
from urllib.parse import quote

# So many letters are looked for at once, the others one by one where these were found.
_HEAD = 8
_PERCENT = rb"%(?:25){0,8}"
_SLASHES = rb"\\\\{0,15}+"
_AMP = rb"(?:amp(?:;|" + _PERCENT + rb"3b)){0,8}"
_BLANK = (
    rb"[\s+]|\xc2[\xa0\xad]|\xe2\x80\x8b|\xe2\x81\xa0|\xef\xbb\xbf|<wbr>|=\r?\n"
    rb"|" + _PERCENT + rb"(?:0[9ad]|20)"
    rb"|" + _SLASHES + rb"(?:[nrt]|u00(?:0[9ad]|20|a0|ad)|u200b|u2060|ufeff)"
    rb"|&" + _AMP + rb"(?:nbsp|shy|#(?:9|1[03]|32|160|173|8203)|#x(?:[9ad]|20|a0|ad|200b));"
)
# A run of blanks is as long as the lines of a terminal, not of a page.
_GAP = rb"(?:" + _BLANK + rb"){0,80}"
# What may become an escape with what comes behind it.
_CUT = re.compile(
    rb"(?:" + _BLANK + rb"){0,80}+(?:(?:[%=&]|\\{1,16}[ux0-9]?)[%\\#&0-9a-z{};]{0,40}|<w?b?r?"
    rb"|[\xc2\xe2\xef][\x80-\xbf]?)?\Z"
)
# Letters that begin an escape, which may be meant as they are.
_MARKS = "%=\\&"


class Spelled:
    """One text to be found, letter by letter."""

    def __init__(self, text: str) -> None:
        self._letters = [_small(letter) for letter in text if not letter.isspace()]
        self._head = _head("".join(self._letters[:_HEAD]))
        # As long as it may get with escapes that nobody has escaped again more than twice.
        self.longest = 16 * len(self._letters)

    @property
    def first(self) -> set[str]:
        """The letters with which it may begin."""
        return {self._letters[0], self._letters[0].upper(), *_MARKS}

    def spans(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Find it: where it begins and ends, in order."""
        at = 0
        while found := self._head.search(data, at):
            number, end = self._follow(data, found.end(), min(_HEAD, len(self._letters)))
            if number == len(self._letters):
                yield found.start(), end
                at = end
            else:
                at = found.start() + 1

    def begins_in(self, data: bytes) -> int | None:
        """Find the first place from which all to the end may be its beginning."""
        first = _alone(self._letters[0])
        for at in range(len(data)):
            if not (found := first.match(data, at)):
                if chr(data[at]) in _MARKS and _CUT.match(data, at):
                    return at
                continue
            number, end = self._follow(data, found.end(), 1)
            if number < len(self._letters) and _CUT.match(data, end):
                return at
        return None

    def _follow(self, data: bytes, at: int, number: int) -> tuple[int, int]:
        """Read on from a letter: the number of the first that is not there, and where it is not."""
        # Of a letter that begins an escape there may be two readings.
        places = {at}
        for following in range(number, len(self._letters)):
            patterns = _patterns(self._letters[following])
            found = {
                match.end()
                for place in places
                for pattern in patterns
                if (match := pattern.match(data, place))
            }
            if not found:
                return following, max(places)
            places = found
        return len(self._letters), max(places)


def whole(text: str) -> Iterator[bytes]:
    """The spellings in base64 and hexadecimal, also of the text as JSON, addresses and HTML have
    it.
    """
    for form in dict.fromkeys((text, json.dumps(text)[1:-1], quote(text, ""), html.escape(text))):
        data = form.encode("utf-8", "surrogatepass")
        yield data.hex().encode()
        # Within a longer text in base64 it begins at one of three places of a group; the letters
        # at both ends hold bits of what stands around it.
        for before in range(3):
            piece = slice(-(-before * 8 // 6), (before + len(data)) * 8 // 6)
            for encode in (b64encode, urlsafe_b64encode):
                encoded = encode(bytes(before) + data)[piece].lower()
                yield encoded
                yield encoded.replace(b"+", b"%2b").replace(b"/", b"%2f")
                yield encoded.replace(b"+", b"\\u002b").replace(b"/", b"\\/")


def _small(letter: str) -> str:
    return letter.lower() if letter.isascii() else letter


@lru_cache(maxsize=64)
def _head(letters: str) -> re.Pattern[bytes]:
    return re.compile(_GAP.join(_source(letter) for letter in letters))


@lru_cache(maxsize=256)
def _alone(letter: str) -> re.Pattern[bytes]:
    return re.compile(_source(letter))


@lru_cache(maxsize=256)
def _patterns(letter: str) -> tuple[re.Pattern[bytes], ...]:
    """The letter behind another one, in each way in which it may be read."""
    sources = [_source(letter)]
    if letter in _MARKS:
        sources += [re.escape(letter.encode()), re.escape(2 * letter.encode())]
    return tuple(re.compile(_GAP + source) for source in sources)


@lru_cache(maxsize=256)
def _source(letter: str) -> bytes:
    """The spellings of a letter as a pattern, of which each alternative begins with a byte: `re`
    skips what begins with none of them.
    """
    coded: list[bytes] = []  # behind a backslash
    numbers: list[bytes] = []  # behind &#
    percent: list[bytes] = []  # behind the first %
    mail: list[bytes] = []  # behind the first =
    for one in dict.fromkeys((letter, letter.upper() if letter.isascii() else letter)):
        code = ord(one)
        utf_8, utf_16 = (one.encode(name, "surrogatepass") for name in ("utf-8", "utf-16-be"))
        units = (utf_16[at : at + 2].hex() for at in range(0, len(utf_16), 2))
        coded += [_SLASHES.join(b"u" + unit.encode() for unit in units)]
        coded += [b"u\\{0{0,6}%x\\}|u%08x" % (code, code)]
        if code < 256:
            coded += [b"x%02x|%03o|0{0,4}%x ?" % (code, code, code)]
            percent += [b"u00%02x" % code]
        numbers += [b"0{0,6}%d|x0{0,6}%x" % (code, code)]
        percent += [_PERCENT.join(b"%02x" % byte for byte in utf_8)]
        mail += [b"=".join(b"%02x" % byte for byte in utf_8)]
    names = (name for name, said in html5.items() if said == letter and name.endswith(";"))
    plain = re.escape(letter.encode("utf-8", "surrogatepass"))
    if letter == "\\":
        plain = rb"\\{1,16}"
    elif not letter.isalnum():
        coded += [plain]
    reference = b"(?:#(?:%s);?%s)" % (
        b"|".join(numbers),
        b"".join(b"|" + name.lower().encode() for name in names),
    )
    after_slash, after_percent = b"|".join(coded), b"|".join(percent)
    within = rb"5c(?:%s5c){0,15}(?:%s)|26%s%s" % (_PERCENT, after_slash, _AMP, reference)
    # Of what begins alike the longest comes first.
    escaped = rb"%s(?:%s|%s)|=(?:3d){0,8}(?:%s)|%s(?:u0025(?:25){0,8}(?:%s)|u0026%s%s|%s)|&%s%s" % (
        *(_PERCENT, within, after_percent, b"|".join(mail), _SLASHES, after_percent),
        *(_AMP, reference, after_slash, _AMP, reference),
    )
    # Of a mark the escape is tried first: it begins with one.
    return b"(?:%s|%s)" % ((escaped, plain) if letter in _MARKS else (plain, escaped))
