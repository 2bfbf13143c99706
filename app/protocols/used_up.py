"""Limits that pass by themselves, as one of a minute does, told from a used-up credit or day.

Providers tell both with the same statuses, and several with the same code; their sentences differ.
Those here are of OpenAI, Anthropic, Google, OpenRouter, Moonshot, xAI, DeepSeek, Mistral, Cohere,
Hugging Face, Fireworks, Together, Zhipu, Alibaba, Cerebras, GitHub, MiniMax and Ollama.
"""

import re

# No credit, or none for this: whatever the status and the code say.
_CREDIT_WORDS = re.compile(
    r"balance (is |has been )?(too low|not enough|insufficient|exhausted|depleted|empty|used up"
    r"|negative)|(overdue|unpaid|outstanding) (payment|invoice|bill|balance)"
    r"|insufficient (\w{1,20} )?(balance|credit|funds|quota)"
    r"|\bno (remaining|more) (quota|credit|balance)"
    r"|(\bno|not enough|out of|have any|all available|prepayment|exceeded your.{0,30}) credits?\b"
    r"(?! (were|was|have been) (charged|used))"
    r"|\b(exhausted|used up)\b.{0,30}\bcredits?\b|credits? (is |are |(has|have) been )?(all )?"
    r"(depleted|exhausted|used up|expired)|budget\b.{0,20}\bexceeded|exceeded.{0,12}budget"
    r"|(due to|because of) (billing|(non-?|missed |failed )?payment)"
    r"|usage limits?\b|spend(ing)? (limit|cap)|in arrears"
    r"|limit(:| of| is| ?=)? ?0(?![\d.]|,\d)"
    r"|\ballows? (you )?(only )?(0|zero|no) (request|token|call)"
    r"|(key|credit|budget) limit (has been )?(exceeded|reached)"
    r"|free (allocated )?(usage|quota|credits?)"
    r"|free (tier|trial|plan)\b.{0,60}\b(exhausted|used up|over|expired|ended|not available)"
    r"|requires? billing|enable billing|extra usage is required"
    r"|\btrial (has |period (has |is )?|is )?(ended|expired|over)\b"
    r"|trial (token|credit|usage) limit"
    r"|余额不足|餘額不足|欠费|欠費|额度.{0,4}(用完|用尽|不足|耗尽)|残高が?(不足|足りま)"
    r"|クレジット.{0,4}(不足|足りま|切れ)"
    r"|무료.{0,8}(모두|소진|초과)|잔액.{0,4}부족|크레딧.{0,6}부족"
    r"|solde insuffisant|crédits? (insuffisants?|épuisés?)"
    r"|guthaben.{0,20}(aufgebraucht|erschöpft|niedrig)|nicht genug guthaben"
    r"|(saldo|crédito) insuficiente|credito (è )?(esaurito|insufficiente)|недостаточно средств",
    re.IGNORECASE,
)
# Of nobody knows which limit: Google says it of one of a minute too, and then for how long.
_QUOTA_WORDS = re.compile(
    r"exceeded your (current )?quota|exced\w{1,6} (tu|su|a sua|sua) (cuota|cota)"
    r"|dépass\w{1,4} votre quota|superato la (tua |sua )?quota"
    r"|kontingent.{0,12}(überschr|aufgebr|ersch)|(配额|配額).{0,4}(用完|用尽|用盡|不足|耗尽|耗盡)"
    r"|할당량.{0,4}(초과|소진)|割り当て.{0,6}(超過|使い切)",
    re.IGNORECASE,
)
# Of a day or more.
_DAILY_WORDS = re.compile(
    r"(per|by|/) ?.?(day|week|month)|\b(daily|weekly|monthly|tomorrow)\b|(?<![a-z])[rt]pd(?![a-z])"
    r"|today'?s"
    r"|\bfor today\b|\b(used up|exhausted|reached|exceeded)\b.{0,40}\btoday\b"
    r"|今日|今天|每日|每天|当日|當日|当天|本周|本月|每月|明天|明日|1日(あたり|の)|月間"
    r"|하루|일일|오늘|내일|이번 달"
    r"|\b(quotidien|journali|mensuel|demain|tages|täglich|monatlich|monats"
    r"|diari|diári|mensual|mensal|mañana|amanhã|giornalier|mensil|domani|dagelijks|dzienn"
    r"|суточн|дневн|месячн|сегодня|завтра)",
    re.IGNORECASE,
)
_PASSING_WORDS = re.compile(r"(per|by|/) ?.?(min(ute)?|sec(ond)?)\b|\b[rt]p[ms]\b", re.IGNORECASE)
# A limit in words, where neither status nor code says that it is one.
_LIMIT_WORDS = re.compile(
    r"\b(limit|quota|allowance)s?\b.{0,60}\b(exhausted|exceeded|reached|used up|over)\b"
    r"|\b(exhausted|exceeded|reached|used up)\b.{0,60}\b(limit|quota|allowance)s?\b",
    re.IGNORECASE,
)
# Machine words of what is used up, apart: «enforced_spend_limit_reached», «AccountOverdueError».
_CODE_WORDS = re.compile(
    r"\b(insufficient|exceeded|exhausted|over|out of|no|not enough)\b.{0,20}"
    r"(?<!rate )\b(quota|credits?|balance|funds)\b"
    r"|(?<!rate )\b(quota|credits?|balance|funds|budget|wallet|usage|free tier)\b"
    r"(?:(?! rate).){0,20}"
    r"\b(exceeded|exhausted|reached|depleted|empty|insufficient|expired|used up)\b"
    r"|\b(spend(ing)?|usage|costs?|budget|billing|credits?|plan|free|hard)\b.{0,12}"
    r"\b(?<!rate )(limit|cap)\b"
    r"|\b(billing|payments?|arrear(s|age)?|overdue|credits?|balance)\b|\bfree ?tier ?only\b"
    r"|\btrial (has )?(expired|ended)\b|\bsubscription required\b|\busage not included\b",
    re.IGNORECASE,
)
_BETWEEN_WORDS = re.compile(r"[_\-.:/]+|(?<=[a-z])(?=[A-Z])")
# A wait that is told beside a limit of the day, and shorter than this, is that of another limit.
_SHORT_WAIT_S = 60

# A request larger than all that a minute allows can never pass.
_TOO_LARGE_WORDS = re.compile(
    r"request (body |entity )?(is )?too large|payload too large|reduce your message size"
    r"|request exceeds the maximum size",
    re.IGNORECASE,
)
_LIMIT_AND_REQUEST = re.compile(
    r"limit:? ?(\d[\d,]{0,15}).{0,60}?requested:? ?(\d[\d,]{0,15})", re.IGNORECASE | re.DOTALL
)


def has_no_credit(message: str) -> bool:
    """Tell whether words say that nothing is left to pay with."""
    return _CREDIT_WORDS.search(message) is not None


def as_words(code: str) -> str:
    """Give the words of a machine's code apart, as in a sentence."""
    return _BETWEEN_WORDS.sub(" ", code)


def is_used_up(codes: str) -> bool:
    """Tell whether codes, their words apart, say that nothing is left to pay with."""
    return _CODE_WORDS.search(codes) is not None or has_no_credit(codes)


def is_of_the_day(message: str, quota_ids: str, wait_s: float | None) -> bool:
    """Tell whether a limit of a day or more is used up, and nobody says how long that lasts."""
    if quota_ids:  # whose words name the limits of a minute and of a day alike
        return _DAILY_WORDS.search(quota_ids) is not None
    if wait_s is None and _QUOTA_WORDS.search(message):
        return True
    return _DAILY_WORDS.search(message) is not None and (wait_s or 0) <= _SHORT_WAIT_S


def is_limit(message: str) -> bool:
    """Tell whether words say that a limit is reached."""
    return _LIMIT_WORDS.search(message) is not None


def is_of_the_minute(message: str) -> bool:
    """Tell whether a limit is one that passes soon, whatever its code says."""
    return _PASSING_WORDS.search(message) is not None and not _DAILY_WORDS.search(message)


def is_too_large(message: str) -> bool:
    """Tell whether a request is larger than a limit, and not one too many."""
    if _TOO_LARGE_WORDS.search(message):
        return True
    found = _LIMIT_AND_REQUEST.search(message)
    if found is None:
        return False
    limit, requested = (int(number.replace(",", "")) for number in found.groups())
    return 0 < limit < requested
