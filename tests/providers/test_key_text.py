"""A key is found in what people paste, and what no header can hold is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.header_values import misfit
from app.providers.key_text import tidied

KEY = "sk-proj-aB3_x.y-Z9="


@pytest.mark.parametrize(
    "pasted",
    [
        "{}",
        " {}\r\n",
        "\u200b{}",
        "\ufeff{}\u2060",
        "{}\u00a0",
        "\u202a{}\u202c",
        "\u00ad{}\ufe0f\u3164",
        "{}\x00\x1b",
        '"{}"',
        "'{}'",
        "`{}`",
        "“{}”",
        "‘{}’",
        "„{}“",
        "«{}»",
        '"{}',
        '"{}",',
        "{};",
        "<{}>",
        "Bearer {}",
        "bearer  {}",
        "BEARER\u00a0{}",
        '"Bearer {}"',
        "Bearer: {}",
        "Authorization: {}",
        "Authorization: Bearer {}",
        "authorization:Bearer {}",
        "'Authorization': 'Bearer {}',",
        '"Authorization": "Bearer {}"',
        "-H 'Authorization: Bearer {}' \\",
        'curl https://example.org/v1/models -H "Authorization: Bearer {}"',
        "x-api-key: {}",
        '"x-goog-api-key": "{}"',
        "api-key: {}",
        "OPENAI_API_KEY={}",
        'OPENAI_API_KEY="{}"',
        "export OPENAI_API_KEY={}",
        'export OPENAI_API_KEY="{}"\n',
        "export MY_OWN='{}';",
        "set ANTHROPIC_API_KEY={}",
        'setx OPENAI_API_KEY "{}"',
        '$env:OPENAI_API_KEY = "{}"',
        "HF_TOKEN: {}",
        'api_key="{}"',
        "apiKey: '{}',",
        '"api_key": "{}"',
        "openai.api_key = '{}'",
        "OPENAI_API_KEY={} # mine",
        "--api-key {}",
        "Key={}",
        "token {}",
        "Api-Key: {}",
        "OPENAI_API_KEY\n{}",
        "API-Schlüssel: {}",
        "密钥：{}",
        "Your key is {}",
        "({})",
        '{"key": "{}"}',
    ],
)
def test_what_is_copied_along_with_a_key_is_taken_off(pasted: str) -> None:
    assert tidied(pasted.replace("{}", KEY)) == KEY


@pytest.mark.parametrize(
    "key",
    [
        KEY,
        "sk-or-v1-0123456789abcdef",
        "AIzaSyA-0_b",
        "12ab:34cd",
        "key-5a6b",
        "abc/def+gh==",
        "secretive",
        "token",
        "bearer",
        "my key",
    ],
)
def test_a_key_stays_as_it_is(key: str) -> None:
    assert tidied(key) == key


@pytest.mark.parametrize(
    "pasted",
    [
        "client = OpenAI(api_key='{}', max_retries=3)",
        "https://a.example/v1/models?key={}&alt=sse",
        '{"name": "OPENAI", "value": "{}"}',
        "  name: OPENAI_API_KEY\n  value: {}",
        'os.environ["OPENAI_API_KEY"]="{}"',
    ],
)
def test_a_key_whose_beginning_is_known_is_found_in_code(pasted: str) -> None:
    for key in ("sk-ant-api03-AbC_d-9xyzw9", "AIzaSyA-0123456789_b"):
        assert tidied(pasted.replace("{}", key)) == key


def test_a_key_that_was_broken_over_lines_is_whole() -> None:
    assert tidied("sk-ab\ncd\u00a0ef\u200bgh") == "sk-abcdefgh"


@pytest.mark.parametrize("layer", ["export a=", "bearer ", "A_KEY=", "token="])
def test_no_key_is_wrapped_in_more_than_a_few_layers(layer: str) -> None:
    """Each costs a look at the whole text, so that of a long one they would hold the page up."""
    assert tidied(layer * 5 + "sk-1") == "sk-1"
    assert tidied(layer * 100 + "sk-1") != "sk-1"


@given(st.text(max_size=40))
def test_tidying_is_done_at_once(pasted: str) -> None:
    assert tidied(tidied(pasted)) == tidied(pasted)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("sk-ab~ c", ""),
        ("sk–ab", "“–” (en dash)"),
        ("sk-a’b", "“’” (right single quotation mark)"),
        ("sk-с", "“с” (cyrillic small letter es)"),
        ("ключ", "“к” (cyrillic small letter ka)"),
        ("sk-é", "“é” (latin small letter e with acute)"),
        ("ｓk", "“ｓ” (fullwidth latin small letter s)"),
        ("sk…", "“…” (horizontal ellipsis)"),
        ("sk•••", "“•” (bullet)"),
        ("a\nb", "U+000A"),
        ("a\u200bb", "zero width space"),
    ],
)
def test_what_no_header_can_hold_is_named(text: str, named: str) -> None:
    assert misfit(text) == named
