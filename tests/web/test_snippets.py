"""Questions as code: whatever is asked stays what is asked, in each language. ``tests/clients`` runs them."""

import ast
import json
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as any_of

from appliance.web.snippets import KEY, authority_snippet, editor_snippet, key_snippet, snippets

URL = "http://10.0.4.7:7480/v1"
TEXTS = any_of.text(any_of.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


def written(prompt, params=None, system=""):
    return {one.language: one.text for one in snippets(URL, "tiny", prompt, params, system=system)}


@given(TEXTS, TEXTS)
def test_python_has_the_very_question(prompt, system):
    calls = ast.walk(ast.parse(written(prompt, {"seed": 3}, system)["python"]))
    (messages,) = [
        ast.literal_eval(one.value) for one in calls if isinstance(one, ast.keyword) and one.arg == "messages"
    ]
    assert [one["content"] for one in messages] == [system, prompt]


@given(TEXTS)
def test_curl_and_llm_have_the_very_question(prompt):
    texts = written(prompt, {"temperature": 0.5})
    words = shlex.split(texts["curl"])
    body = json.loads(words[words.index("-d") + 1])
    assert body == {"model": "tiny", "messages": [{"role": "user", "content": prompt}], "temperature": 0.5}
    words = shlex.split(texts["llm"])
    assert words[words.index("--") + 1 :] == [URL, prompt]
    assert words[words.index("-o") + 1 :][:2] == ["temperature", "0.5"]


@given(TEXTS)
def test_javascript_and_r_have_a_literal_of_json(prompt):
    texts = written(prompt)
    for language in ("javascript", "httr2"):
        assert json.dumps(prompt, ensure_ascii=False) in texts[language]


def test_no_snippet_has_a_key_and_each_says_where_it_is():
    for text in written("Hi").values():
        assert KEY in text
        assert "crl_" not in text


def test_the_editor_s_file_names_model_and_address():
    text = editor_snippet(URL, 'ti"ny').text
    assert 'model: "ti\\"ny"' in text
    assert f'apiBase: "{URL}"' in text
    assert "${{ secrets.OPENAI_API_KEY }}" in text


@pytest.mark.parametrize("value", ["http://a/v1", "http://[::1]:80/v1"])
def test_what_a_shell_is_told_is_quoted(value):
    words = shlex.split(key_snippet(value), comments=True)
    assert words[:2] == ["export", f"OPENAI_BASE_URL={value}"]


def test_the_authority_is_compared_before_it_is_trusted():
    lines = authority_snippet("https://10.0.4.7:7443", "AB:CD").splitlines()
    compare = next(at for at, line in enumerate(lines) if "AB:CD" in line)
    trust = next(at for at, line in enumerate(lines) if "SSL_CERT_FILE" in line)
    assert compare < trust
