"""Letters that a text with few foreign ones is likely to have. Pure.

A detector compares frequencies, of which two letters have none: it takes «Straße» of an old Mac for
a word with «ž», and «東京都» for Chinese.
"""

_LATIN = ("äöüß", "éèêàâçîôûùëïœ", "áéíóúñü", "ãõáéíóúâêôàç", "àèéìòù", "åäö", "æøå")
_RARER = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áéíóöőúüű", "çğıöşüâİ", "ąčęėįšųūž")
# What names of files and columns have, and the commonest besides.
_CHINESE = (
    "的一是不了在人有我他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生会自着去过家学"
    "对小里后多天好很今明世界件名字姓城市日期备注间址电话价数量合同发票公司测试据谢议纪录报告王李张"
)
_TRADITIONAL = (
    "的一是不了在人有我他這為之大來以個中上們到說國和地也子時道出而要於就下得可你年生會自著去過家學"
    "對小裡後多天好很今明世界件名字姓城市日期備註間址電話價數量合同發票公司測試據謝議紀錄報告王李張"
)
_JAPANESE = (
    "氏名年齢住所備考東京都請求書売上経費品数量単価金額合計田中会社電話番号日付件設定株式山本"
    "郵便議事録月火水木土曜時分人一大前新区市県町村"
)
_SIGNS = "‘’‚“”„«»–—…€£°§·•¿¡©®™½¼¾²³×÷±µ" + "".join(map(chr, range(0x2500, 0x2600)))
_EASTERN_SIGNS = "，。、：；！？（）《》「」・ー"
_KANA, _HANGUL = ("".join(map(chr, range(*ends))) for ends in ((0x3041, 0x30FF), (0xAC00, 0xD7A4)))

# The letters of each kind of text, and how many there are of it beside the others.
_TEXTS = [
    *((frozenset(letters + letters.upper() + _SIGNS), 1.0) for letters in _LATIN),
    *((frozenset(letters + letters.upper() + _SIGNS), 0.4) for letters in _RARER),
    *(
        (frozenset(signs + _EASTERN_SIGNS), 1.0)
        for signs in (_CHINESE, _TRADITIONAL, _JAPANESE + _KANA)
    ),
    (frozenset(_HANGUL), 0.7),
]
# Of alphabets that are not here every letter is as usual as the next.
_OTHER = 0.3
# From so many letters on the detector knows better.
_FEW = 16


def usual_share(text: str) -> float:
    """Tell how much of a few foreign letters is usual in some language; of many it is always 1."""
    foreign = [one for one in text if not one.isascii()]
    if not foreign or len(foreign) > _FEW:
        return 1.0
    usual = max(many * sum(one in letters for one in foreign) for letters, many in _TEXTS)
    if all("\u0370" <= one < "\u2000" for one in foreign):
        usual = max(usual, _OTHER * len(foreign))
    return (0.02 + usual) / (0.02 + len(foreign))
