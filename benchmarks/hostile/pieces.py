"""Pieces of hostile Markdown."""

from .cases import fixed, nested, repeated

# fmt: off
# Every mark that means something, as it opens.
MARKS = (
    "*", "**", "_", "__", "~~", "*_", "`", "``", "[", "![", "[^", "](", "[](", "]", "[a](",
    "![a](", "[a](<", "[a](b \"", "[a][b]", "[a]: ", "[^a]", "[^a]: b", "<", "<a", "<a href='",
    "<!--", "</", "<http://a", "&", "&#", "&amp", "&#x", "\\", "\\(", "\\[", "$", "$$", "$a$",
    "$a", "http://a.b/", "www.a.b", "a@b.c ", "|", "| a ", "> ", "- ", "1. ", "# ", "    ", "\t",
    "---", "===", "```", "~~~", ":-", "!", "(", ")", "{", "}", "\"", "'", "--", ".", "/", "//",
    "@", "a_b", "**a", "a**", "*a*", "<b>", "</b>", "<b>a</b>", "<br>", "<sub>", "<details>",
    "<summary>a</summary>", "\\begin{align}", "\\begin{align}a\\end{align}", "$5 ", "$A$",
    "**\u3001\u6771", "\u6771a", "\u05d0a", "\u05d0 ",
)
# Lines of which blocks are made.
LINES = (
    "a", "> a", ">", "- a", "-", "+ a", "1. a", "# a", "---", "===", "| a | b |", "|---|---|",
    "```", "~~~", "    a", "\ta", "$$", "\\[", "\\]", "[a]: /b", "[^a]: b", "<div>", "<!--",
    "a  ", "a\\", "- [ ] a", "> - a", "- > a", "  - a", "[a]", "[^a]", "![a](b)", "$a$", "`a`",
    "**a**", "> [!NOTE]", "<details>", "</details>", "<summary>a</summary>",
    "<details><summary>a</summary>b</details>", "\\begin{align}", "\\end{align}", "a<br>",
    "\u05d0 a",
)
# fmt: on
# What letters can do to whoever lays them out.
LETTERS = {
    "combining": repeated("\u0301", "a"),
    "combining, in words": repeated("a" + "\u0301" * 30 + " "),
    "combining, enclosing": repeated("\u20dd\u0489", "a"),
    "joined emoji": repeated("\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d"),
    "emoji": repeated("\U0001f600"),
    "flags": repeated("\U0001f1e6\U0001f1e9"),
    "skin tones": repeated("\U0001f44d\U0001f3fd"),
    "variations": repeated("\ufe0f\ufe0e", "a"),
    "joiners": repeated("\u200d\u200c", "a"),
    "arabic": repeated("\u0644\u0627"),
    "joined": repeated("\u0628"),
    "joined, with marks": repeated("\u0628\u064e"),
    "arabic, one letter": repeated("\ufdfa"),
    "devanagari": repeated("\u0915\u094d"),
    "myanmar": repeated("\u1039\u1000", "\u1000"),
    "hangul": repeated("\u1100\u1161\u11a8"),
    "thai": repeated("\u0e01\u0e33\u0e49"),
    "tibetan": repeated("\u0f40\u0fb2\u0f71\u0f72"),
    "directions, embedded": repeated("\u202ea\u202c"),
    "directions, open": repeated("\u202e\u202d"),
    "directions, isolated": repeated("\u2067\u05d0\u2066a"),
    "directions, mixed": repeated("\u05d0a"),
    "directions, mixed words": repeated("\u05d0\u05d1 ab "),
    "directions, mixed lines": repeated("\u05d0a \u05d0a \u05d0a\n"),
    "directions, mixed paragraphs": repeated("\u05d0a \u05d0a \u05d0a\n\n"),
    "directions, Greek": repeated("\u05d0\u03b1 "),
    "directions, digits": repeated("(\u0627) [1] - "),
    "scripts, mixed paragraphs": repeated("\u03b1a\u4e00a \u0430a\u0e01a\n\n"),
    "line ends": repeated("\n"),
    "short lines": repeated("a\n"),
    "surrogates": repeated("\U000e0041"),
    "tags": repeated("\U0001f3f4\U000e0067\U000e0062\U000e007f"),
    "soft hyphens": repeated("a\u00ad"),
    "one word": repeated("a"),
    "one word, wide": repeated("\u4e00"),
    "no breaks": repeated("a\u00a0"),
    "zero width": repeated("\u200b"),
    "controls": repeated("\x01\x7f"),
    "tabs": repeated("\t", "a"),
    "line separators": repeated("\u2028\u2029"),
    "many scripts": repeated("a\u05d0\u0627\u0915\u0e01\u1100\u4e00\u10a0"),
}
FORMULAS = {
    "roots": nested("\\sqrt{", "}"),
    "fractions": nested("\\frac{", "}{b}"),
    "braces": nested("{", "}"),
    "over braces": nested("\\overbrace{", "}"),
    "arrows": nested("\\xrightarrow{", "}"),
    "matrices": nested("\\begin{matrix}", "\\end{matrix}"),
    "arrays": nested("\\begin{array}{c}", "\\end{array}"),
    "powers": nested("a^{", "}"),
    "brackets": nested("\\left(", "\\right)"),
    "colours": nested("\\textcolor{red}{", "}"),
    "texts": nested("\\text{", "}"),
    "wide": repeated("a+"),
    "wide fractions": repeated("\\frac{a}{b}"),
    "cells": repeated("a&", "\\begin{matrix}", "\\end{matrix}"),
    "rows": repeated("a\\\\", "\\begin{matrix}", "\\end{matrix}"),
    "macros": fixed("\\def\\a{aaaaaaaaaa}\\def\\b{\\a\\a\\a\\a\\a\\a\\a}\\b\\b\\b\\b\\b\\b\\b"),
    "rules": repeated("\\rule{1em}{1em}"),
    "primes": repeated("a'"),
    "unknown": repeated("\\x"),
}
LANGUAGES = ("markdown", "python", "javascript", "css", "xml", "php", "cpp", "json", "bash", "perl")
