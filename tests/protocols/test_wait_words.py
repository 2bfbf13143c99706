"""Waits in words, of every language that providers and gateways have been seen to speak."""

from datetime import UTC, datetime

import pytest

from app.protocols.wait_words import wait_in_words_s

NOW = datetime(2026, 11, 29, 18, 0, 0, tzinfo=UTC)
WAITS: list[tuple[str, float | None]] = [
    ("Please retry your request after 20 seconds.", 20),
    ("Rate limited. Retry this request in 1m30s", 90),
    ("You can send the next request in 12 seconds.", 12),
    ("Too many requests, come back in 3 hours.", 10800),
    ("In 20 seconds you can try again", 20),
    ("Cooldown: 30 seconds", 30),
    ("retry_after: 20", 20),
    ("Retry-After: 20", 20),
    ("Please slow down: 100 requests in 1 minute allowed. Retry in 7s.", 7),
    ("请在 20 秒后重试", 20),
    ("Slow down! Wait for 10 more seconds.", 10),
    ("Rate limited for 45 seconds", 45),
    ("retry_after_seconds: 33", 33),
    ("retryDelay: 22s", 22),
    ("Please retry shortly, in 9 seconds", 9),
    ("Your quota will reset at 9pm (UTC)", 10800),
    ("Nochmal in 2 Minuten versuchen", 120),
    ("Försök igen om 30 sekunder", 30),
    ("Prøv igen om 2 minutter", 120),
    ("Yritä uudelleen 30 sekunnin kuluttua", 30),
    ("Zkuste to znovu za 30 sekund", 30),
    ("Vui lòng thử lại sau 30 giây", 30),
    ("กรุณาลองใหม่ใน 30 วินาที", 30),
    ("Coba lagi dalam 30 detik", 30),
    ("أعد المحاولة بعد 30 ثانية", 30),
    ("Спробуйте ще раз через 3 хвилини", 180),
    ("30 सेकंड बाद पुनः प्रयास करें", 30),
    ("This key is limited to 60 requests in 1 minute", None),
    ("请求过于频繁，请1分钟后再试", 60),
    ("速率限制：每分钟 60 次。请于 15 秒后重试。", 15),
    ("20秒後に再試行してください。", 20),
    ("しばらくお待ちください（約2分後に再試行）", 120),
    ("20초 후에 다시 시도하세요.", 20),
    ("Bitte versuchen Sie es in 20 Sekunden erneut.", 20),
    ("Warten Sie 2 Minuten und versuchen Sie es erneut.", 120),
    ("Réessayez dans 20 secondes.", 20),
    ("Veuillez patienter 1 minute.", 60),
    ("Veuillez réessayer dans 1 heure", 3600),
    ("Inténtalo de nuevo en 20 segundos.", 20),
    ("Vuelve a intentarlo en 2 minutos", 120),
    ("Espere 30 segundos.", 30),
    ("Tente novamente em 20 segundos.", 20),
    ("Aguarde 15 segundos", 15),
    ("Riprova tra 20 secondi.", 20),
    ("Повторите попытку через 20 секунд.", 20),
    ("Подождите 1 минуту", 60),
    ("Probeer het over 20 seconden opnieuw.", 20),
    ("Spróbuj ponownie za 20 sekund.", 20),
    ("20 saniye sonra tekrar deneyin.", 20),
    ("Limit resets in 00:01:30", 90),
    ("Try again in 1:30 minutes", 90),
    ("Please wait one minute before trying again.", 60),
    ("try again in a few seconds", None),
    ("Please try again in thirty seconds", 30),
    ("try again in half an hour", 1800),
    ("Quota resets after 9h53m35.5s", 35615.5),
    ("try again in 2 weeks", 1209600),
    ("available in 1.5 hours", 5400),
    ("Please try again in 1,200 seconds", 1200),
    ("Please try again in 1.234.5s", None),
    ("Retry in 6000 milliseconds", 6),
    ("Retry in 500 ms.", 0.5),
    ("Expected wait time: 42s", 42),
    ("wait ~15s", 15),
    ("wait at least 20 s", 20),
    ("Try again in about 2 minutes.", 120),
    ("try again in roughly 2 minutes", 120),
    ("try again in under 2 minutes", 120),
    ("try again in less than a minute", 60),
    ("try again in up to 60 seconds", 60),
    ("Please wait for 1 minute(s)", 60),
    ("Please retry in 18.642521s.", 18.642521),
    ("rate limit will be lifted in 3 min", 180),
    ("blocked for 10 minutes", 600),
    ("Your access resumes in 4 hours", 14400),
    ("limit: 60 requests per 1 minute", None),
    ("You exceeded 100 requests in 1 minute", None),
    ("This took 20 seconds", None),
    ("Your limit resets at 18:40 UTC.", 2400),
    ("Your limit resets at 00:00 UTC", 21_600),
    ("try again at 17:00 (UTC)", 82_800),
    ("try again at 18:40", None),
    ("Your limit resets at 7:00 PM UTC", 3600),
    ("Your limit resets at 12:00 a.m. UTC", 21_600),
    ("Limit exceeded; retry in PT1H30M", 5400),
    ("Retry after PT45.5S.", 45.5),
    ("Next request allowed in 12.5 secs", 12.5),
    ("Bitte in 30 Sekunden erneut versuchen", 30),
    ("Dans 2 minutes, essayez de nouveau", 120),
    ("Over 20 seconden opnieuw proberen", 20),
    ("Quota resets at 1795975300.", 100),
    ("Quota resets at 1795975300000", 100),
    ("Blocked until 2026-11-29 18:01 UTC", 60),
    ("Retry after Sun, 29 Nov 2026 18:02:00 GMT", 120),
    ("Retry after 2026-11-29T19:00:00.5+01:00", 0),
    ("retry 3 times", None),
    ("You used 90 of 100 minutes of audio", None),
    ("每分钟 60 次", None),
]


@pytest.mark.parametrize(("message", "wait_s"), WAITS)
def test_waits_are_read(message: str, wait_s: float | None) -> None:
    assert wait_in_words_s(message, NOW) == wait_s


@pytest.mark.parametrize(
    ("word", "count"),
    [
        *(("a", 1), ("an", 1), ("one", 1), ("half a", 0.5), ("half an", 0.5)),
        *(("two", 2), ("three", 3), ("four", 4), ("five", 5), ("six", 6), ("seven", 7)),
        *(("eight", 8), ("nine", 9), ("ten", 10), ("fifteen", 15), ("twenty", 20)),
        *(("thirty", 30), ("forty", 40), ("forty-five", 45), ("sixty", 60), ("ninety", 90)),
    ],
)
def test_numbers_are_read_as_words_too(word: str, count: float) -> None:
    assert wait_in_words_s(f"Try again in {word} minutes.", NOW) == 60 * count


def test_of_a_page_the_beginning_is_read() -> None:
    long = "far " * 20_000
    assert wait_in_words_s(f"Retry in 7s. {long}") == 7
    assert wait_in_words_s(f"{long[:9_000]} Retry in 7s.") == 7
    assert wait_in_words_s(f"{long[:11_000]} Retry in 7s.") is None
