"""Waits that a sentence asks for: "try again in 1h3m34.5s", "请在 20 秒后重试". Pure.

Providers, and the gateways before them, say it in their own words and languages. An amount of time
counts only beside a word that asks to wait: «100 requests in 1 minute» is a limit, and no wait.
All patterns are bounded, and so is what is read of a message.
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# A longer wait is as good as this, and infinity has no JSON form.
FOREVER_S = 1e9
# A sentence of this length is a page of a gateway or made to hurt; no more of it is read.
_LONGEST = 10_000

# Seconds, by what the unit is called: in letters, behind which no other letter may follow, and in
# scripts without spaces.
_UNITS: list[tuple[float, str, str]] = [
    (
        0.001,
        r"ms|msecs?|milli-?seconds?|millisekunden?|millisecondes?|milisegundos?|millisecondi",
        "毫秒|ミリ秒|밀리초|มิลลิวินาที",
    ),
    (
        1,
        r"s|secs?|seconds?|seg|sek(?:unden?)?|secondes?|segundos?|second[io]|seconden?"
        r"|sekund(?:[aęy]|er)?|sekunnin|секунд[ауыи]?|сек|saniye|giây|detik|ثانية|ثوان[يٍ]?|सेकंड",
        "秒钟|秒鐘|秒|초|วินาที",
    ),
    (
        60,
        r"m|mins?|minutes?|minuten?|minutos?|minut(?:[oiaęy]|t?er)?|minuutin|минут[ауы]?|мин"
        r"|хвилин[аиу]?|dakika|phút|menit|دقيقة|دقائق|मिनट",
        "分钟|分鐘|分|분|นาที",
    ),
    (
        3600,
        r"h|hrs?|hours?|std|stunden?|heures?|horas?|or[ae]|uren|uur|godzin[aęy]?|hodin[auy]?"
        r"|timm(?:ar|e)|timer?|tunnin|час(?:а|ов)?|годин[аиу]?|saat|giờ|jam|ساعة|ساعات|घंटे|घंटा",
        "小时|小時|時間|시간|ชั่วโมง",
    ),
    (
        86_400,
        r"d|days?|tage?n?|jours?|d[ií]as?|giorn[oi]|dag(?:en|ar|e)?|dni|dn[ůí]|päivän|дн(?:я|ей|і|ів)"
        r"|день|gün|ngày|hari|يوم|أيام|दिन",
        "天|日|일|วัน",
    ),
    (604_800, r"w(?:ee)?ks?|wochen?|semaines?|semanas?|settiman[ae]|недел[юиья]", "周|週間?|주"),
]
_UNIT = "|".join(
    f"(?P<u{place}>(?:{letters})(?![^\\W\\d_])|{signs})"
    for place, (_, letters, signs) in enumerate(_UNITS)
)
_WORDS = {
    **dict.fromkeys(("a", "an", "one", "ein", "eine", "einer", "un", "une", "una", "um", "uma"), 1),
    **{"half a": 0.5, "half an": 0.5, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6},
    **{"seven": 7, "eight": 8, "nine": 9, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30},
    **{"forty": 40, "forty-five": 45, "sixty": 60, "ninety": 90},
}
_NUMBER = r"\d{1,3}(?:,\d{3}){1,3}(?!\d)|\d{1,12}(?:\.\d{1,12})?"
_AMOUNT = re.compile(
    rf"(?P<count>{_NUMBER}|(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})(?=\s))"
    rf"\s{{0,3}}(?:(?:more|additional|further)\s)?(?:{_UNIT})",
    re.IGNORECASE,
)
# «1h3m34.5s» has no word between its amounts, «1 hour and 5 minutes» has.
_BETWEEN = re.compile(r"\s{0,3}(?:,|and\b|und\b|et\b|y\b|e\b|и\b)?\s{0,3}", re.IGNORECASE)

# Words that ask to wait, with those that may stand before the amount.
_ENGLISH = re.compile(
    r"\b(?:again|retry(?:ing|_?delay)?|wait(?:ing)?|resets?|refresh(?:e[sd])?|renew(?:s|ed)?|available"
    r"|resumes?|lifted|unblocked|blocked|limited|back|cool-?down|next request|request|allowed)\b"
    r"(?:[\s:=~≈(,]{1,3}(?:your|the|this|that|it|request|for|in|after|within|another|about|around"
    r"|approximately|roughly|shortly|at least|at most|up to|less than|under|only|just|time|is|be"
    r"|will|of)\b){0,6}[\s:=~≈(]{1,4}",
    re.IGNORECASE,
)
_NEEDS_IN = re.compile(r"\b(?:in|after|for|within)\b", re.IGNORECASE)
_MAY_STAND_ALONE = re.compile(r"wait|retry|cool-?down|again", re.IGNORECASE)
_OTHER_LANGUAGES = re.compile(
    r"(?:versuch|wart|réessay|reessay|patient|attend|int[ée]nt|esper|tent[ea]|aguard|riprov|aspett"
    r"|повтор|попроб|подожд|спробуй|зачекай|probeer|wacht|spr[óo]buj|poczekaj|odczekaj|zkuste|počkejte"
    r"|försök|vänta|prøv|vent\b|yritä|odota|thử lại|đợi|chờ|ลองใหม่|รอ|coba|tunggu|المحاولة|انتظر"
    r"|请|請|お待ち)"
    r"[^\d.!?。！？]{0,40}?(?=\d|\bein|\bune?\b|\buma?\b)",
    re.IGNORECASE,
)
# Amounts before the word: «20 秒后重试», «in 20 seconds you can try again».
_BEHIND = re.compile(r"\s{0,2}(?:之?后|以后|之?後|以後|후|뒤|sonra|बाद)", re.IGNORECASE)
_BEFORE_AGAIN = re.compile(
    r"\b(?:in|after|dans|en|em|tra|fra|over|za|через)\s{1,3}"
    r"(?=\d|an?\s|one\s|half\s|einer?\s|une?\s)",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"[^.!?\d]{0,40}?\b(?:again|retry|erneut|nochmals?|wieder|nouveau|nuevo|novamente|nuovo"
    r"|opnieuw|ponownie|снова|повтор|versuch)",
    re.IGNORECASE,
)

# A bare number of seconds, as the field is called: «retry_after: 20».
_FIELD = re.compile(
    r"\bretry[_ -]?after(?:[_ -]?s(?:ec(?:ond)?s?)?)?[\"']?\s{0,2}[:=]\s{0,2}[\"']?"
    r"(\d{1,9}(?:\.\d{1,9})?)\b(?!\s?(?:[a-z]|,\d))",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):([0-5]\d)(?!\d)(?:\s{1,2}(?P<unit>min|hour|h\b))?")

# As ISO 8601 has it: «PT1H30M».
_ISO = re.compile(
    r"\bP(?:(?P<d>\d{1,3})D)?T(?:(?P<h>\d{1,4})H)?(?:(?P<m>\d{1,6})M)?"
    r"(?:(?P<s>\d{1,9}(?:\.\d{1,9})?)S)?\b"
)

# A time without a zone is that of nobody knows where.
_UNTIL = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T| at | )(\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})?\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)"
)
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
_SINCE_1970 = re.compile(r"\b(?:resets?|again|until|available)\b\D{0,16}\b(1\d{9})(\d{3})?\b", re.I)
_TIME_OF_DAY = re.compile(
    r"\b(?:resets?|again|until|available)\b(?: at| from| after)? "
    r"([01]?\d|2[0-3])(?::([0-5]\d)(?::[0-5]\d)?| ?(?=[ap]\.?m)) ?(?:(?P<half>[ap])\.?m\.? ?)?"
    r"(?:\(?(?:UTC|GMT)\b|Z\b)",
    re.IGNORECASE,
)


def wait_in_words_s(message: str, now: datetime | None = None) -> float | None:
    """Return the seconds that a sentence asks to wait, None where it doesn't."""
    message = message[:_LONGEST]
    for wait in _ENGLISH.finditer(message):
        word = wait[0]
        if not (_NEEDS_IN.search(word) or _MAY_STAND_ALONE.search(word)):
            continue
        if (wait_s := _clock_s(message, wait.end())) is not None:
            return wait_s
        if (wait_s := duration_s(message, wait.end())) is not None:
            return wait_s
        if (iso := _ISO.match(message, wait.end())) is not None and any(iso.groups()):
            days, hours, minutes, seconds = (float(one or 0) for one in iso.groups())
            return min(days * 86_400 + hours * 3600 + minutes * 60 + seconds, FOREVER_S)
    if field := _FIELD.search(message):
        return min(float(field[1]), FOREVER_S)
    for amount in _AMOUNT.finditer(message):
        if _BEHIND.match(message, amount.end()):
            return duration_s(message, amount.start())
    for wait in _OTHER_LANGUAGES.finditer(message):
        if (wait_s := duration_s(message, wait.end())) is not None:
            return wait_s
    for before in _BEFORE_AGAIN.finditer(message):
        told = _AMOUNT.match(message, before.end())
        if told is not None and _AGAIN.match(message, told.end()):
            return duration_s(message, before.end())
    moment = _moment(message, now or datetime.now(UTC))
    return None if moment is None else left_s(moment, now or datetime.now(UTC))


def duration_s(text: str, at: int) -> float | None:
    """The seconds of «1h3m34.56s», «2h», «20 minutes», «an hour» here; None where there is none."""
    total_s = None
    while (amount := _AMOUNT.match(text, at)) is not None:
        word = amount["count"].lower()
        count = _WORDS[word] if word in _WORDS else float(word.replace(",", ""))
        unit = next(one for place, (one, *_) in enumerate(_UNITS) if amount[f"u{place}"])
        total_s = (total_s or 0.0) + count * unit
        between = _BETWEEN.match(text, amount.end())
        at = between.end() if between else amount.end()
    return None if total_s is None else min(total_s, FOREVER_S)


def left_s(moment: datetime, now: datetime) -> float | None:
    """The seconds until a moment, 0 where it is over."""
    try:
        return min(max(0.0, (moment - now).total_seconds()), FOREVER_S)
    except (TypeError, OverflowError):  # a date that says it has no zone
        return None


def _clock_s(text: str, at: int) -> float | None:
    """«00:01:30», and «1:30 minutes»; where a clock has two numbers and no unit, nobody knows."""
    clock = _CLOCK.match(text, at)
    if clock is None:
        return None
    first, second, third = (int(one or 0) for one in clock.group(1, 2, 3))
    if clock[1] is not None:
        return float(3600 * first + 60 * second + third)
    unit = (clock["unit"] or "").lower()
    if not unit:
        return None
    return float(60 * second + third if unit == "min" else 3600 * second + 60 * third)


def _moment(message: str, now: datetime) -> datetime | None:
    try:
        if until := _UNTIL.search(message):
            day, time, zone = until.groups()
            zone = "+00:00" if zone in ("Z", "UTC", "GMT") else zone
            return datetime.fromisoformat(f"{day}T{time}{zone}")
        if date := _HTTP_DATE.search(message):
            return parsedate_to_datetime(date[0])
        if since := _SINCE_1970.search(message):
            return datetime.fromtimestamp(int(since[1]), UTC)
        if of_day := _TIME_OF_DAY.search(message):
            hour = int(of_day[1])
            if half := (of_day["half"] or "").lower():
                hour = hour % 12 + (12 if half == "p" else 0)
            moment = now.astimezone(UTC).replace(
                hour=hour, minute=int(of_day[2] or 0), second=0, microsecond=0
            )
            return moment if moment > now else moment + timedelta(days=1)
    except (ValueError, OverflowError, OSError):
        pass
    return None
