"""Dollars that hold a formula, and those that do not. The page draws by the same rules: see
tests/browser/markdown/test_markdown_reading.py, which takes these tables, too.
"""

import pytest

from app.markdown.dollars import is_formula, is_prose, may_become_formula
from tests.counting import growth

PLAIN = [
    "Add $HOME/bin:$PATH to your profile.",
    "Both $JAVA_HOME/lib:$M2_HOME/lib and ${HOME}/x:${USER} and $1/$2 and $a:$b.",
    "cp $SRC/$FILE $DST; echo $x-$y, $x=$y, $x*$y, $x.$y, $(pwd)/$(id) and $(a)$(b)",
    "Keys such as $ref/$defs, {$set:{a:1},$inc:{b:2}} and $in.",
    "Tickers $AAPL/$MSFT, ($AAPL) ($MSFT), #$AAPL#$MSFT",
    "5$, 10$ and 15$; 5$-10$; 100$/month or 200$/month",
    "$5, $10 and $15; $5-$10; $5–$10; $5/$10; US$5, A$5/NZ$6, R$ 5,00 e R$ 10,00",
    "It costs $5. He has 20$. From $5 to 10$, $5 or 6$.",
    "$5 (or $6) each, **$5** or **$6**",
    "=$A1+$B1, $A:$A, $A$1:$B$2, SUM($A1:$A9)",
    "I like $HOME and also 5$ there.",
    "Set $PATH. Prices are 5$, set $HOME = x. Then 5$. In $x_y is set to 5$.",
    "价格5$或6$，$5和6$，$10到$20。",
    "foo$ and bar$ end a line, ^foo$|^bar$ too",
    "$user->name and $post->title, \"$a\" and \"$b\", '$a'/'$b'",
    "cost($) vs gain($), a profit ($) and a loss ($)",
    "the shell's number is $$ and its parent's is not $$ at all",
]
FORMULAS = {
    "The $n$th of $k$s, an $x$-axis.": ["n", "k", "x"],
    "H$_2$O, 10$^\\circ$C, CO$_2$e": ["_2", "^\\circ", "_2"],
    "$5 + 3 = 8$, $2x$, $3\\text{ m}$, $10\\%$": ["5 + 3 = 8", "2x", "3\\text{ m}", "10\\%"],
    "$dx dy$, $ab + cd$, $f'$, ($y$): $z$; $a,b$!": ["dx dy", "ab + cd", "f'", "y", "z", "a,b"],
    "设$x=5$则$y$，**$x = 3$**。": ["x=5", "y", "x = 3"],
    "It is $5, and $x$ is $y + 1$.": ["x", "y + 1"],
    "$P_a V = n R T$, $x < y$, $max(a, b)$, $2 a_n$": [
        "P_a V = n R T",
        "x < y",
        "max(a, b)",
        "2 a_n",
    ],
    "$x$ costs $5 and $y$ costs more": ["x", "y"],
    "an$\\alpha$b, \\(c\\), $$d$$, $$ e = f $$": ["\\alpha", "c", "d", "e = f"],
}


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [("", "x", ""), ("a", "_2", "O"), ("(", "n", "th"), ("", "f(x)", ", so"), ("设", "x", "则")],
)
def test_these_are_formulas(before: str, text: str, after: str) -> None:
    assert is_formula(before, text, after)


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        ("", "5 and ", "10"),
        ("", "HOME/bin:", "PATH"),
        ("S", "10 or 20", " there"),
        ("", "5 and 10", "."),
        ("", "", "a"),
        ("", "{a}", "{b}"),
        ("", "ref", "defs"),
        ("", "_", "1"),
        ("cost(", ") vs gain(", ")"),
    ],
)
def test_these_are_none(before: str, text: str, after: str) -> None:
    assert not is_formula(before, text, after)


def test_what_cannot_become_a_formula_is_not_held_back() -> None:
    assert may_become_formula("", "x + y")
    assert may_become_formula("H", "_2")
    for text in ("HOME/bin", "5 and", " x", "max over all of", ""):
        assert not may_become_formula("", text), text
    assert not may_become_formula("S", "x")


@pytest.mark.parametrize("piece", ["ab ", "a  ", "abc(", "5 a", "a."])
def test_twice_the_text_is_twice_the_work(piece: str) -> None:
    assert growth(2000, lambda count: lambda: is_prose("5" + piece * count)) <= 2.2
