"""The same question as code: the one place where pages take snippets from. Tests run each of them.

Each is quoted for its own language, whatever a question holds, and reads the key from the environment.
"""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from appliance.services.classes.trusting import trusting

KEY: Final = "OPENAI_API_KEY"
"""The environment variable that has the key: clients of OpenAI's shapes look there by themselves."""

Params = Mapping[str, float | int]


@dataclass(frozen=True, slots=True)
class Snippet:
    """``language`` is an id of letters, ``title`` what people call it, ``note`` what is needed first."""

    language: str
    title: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Question:
    base_url: str
    model: str
    prompt: str
    params: Params
    system: str

    @property
    def messages(self) -> list[dict[str, str]]:
        told = [{"role": "system", "content": self.system}] if self.system else []
        return [*told, {"role": "user", "content": self.prompt}]

    @property
    def body(self) -> dict[str, object]:
        return {"model": self.model, "messages": self.messages, **self.params}


def snippets(
    base_url: str, model: str, prompt: str, params: Params | None = None, *, system: str = ""
) -> tuple[Snippet, ...]:
    """One for each way in. ``base_url`` ends in ``/v1``."""
    asked = _Question(base_url, model, prompt, params or {}, system)
    return (
        Snippet("python", "Python", _python(asked), "pip install openai"),
        Snippet("curl", "curl", _curl(asked)),
        Snippet("llm", "llm", _llm(asked), "pip install llm"),
        Snippet("httr2", "R (httr2)", _httr2(asked), 'install.packages("httr2")'),
        Snippet("javascript", "JavaScript", _javascript(asked), "Node 20 or newer; save it as ask.mjs"),
    )


def editor_snippet(base_url: str, model: str) -> Snippet:
    """Continue, in VS Code: it asks by itself, so it has no question."""
    text = f"""\
name: Carrel
version: 1.0.0
schema: v1
models:
  - name: {_json(model)}
    provider: openai
    model: {_json(model)}
    apiBase: {_json(base_url)}
    apiKey: ${{{{ secrets.{KEY} }}}}
    roles: [chat]"""
    return Snippet("continue", "VS Code (Continue)", text, "In ~/.continue/config.yaml")


def key_snippet(base_url: str) -> str:
    """What a shell is told once."""
    return f"export OPENAI_BASE_URL={shlex.quote(base_url)}\nexport {KEY}=crl_...   # your key"


def authority_snippet(origin: str, fingerprint: str) -> str:
    """How programs come to trust the box's own authority, and how one sees that it is the box's."""
    return trusting(origin, fingerprint).terminal


def _python(asked: _Question) -> str:
    # A literal of JSON is one of Python, but for three words that are not among these values.
    more = "".join(f"\n    {name}={value!r}," for name, value in asked.params.items())
    return f"""\
from openai import OpenAI

client = OpenAI(base_url={_json(asked.base_url)})  # the key is in {KEY}
answer = client.chat.completions.create(
    model={_json(asked.model)},
    messages={_json(asked.messages)},{more}
)
print(answer.choices[0].message.content)"""


def _curl(asked: _Question) -> str:
    return f"""\
curl -sS {shlex.quote(asked.base_url + "/chat/completions")} \\
  -H "Authorization: Bearer ${KEY}" \\
  -H "Content-Type: application/json" \\
  -d {shlex.quote(_json(asked.body))}"""


def _llm(asked: _Question) -> str:
    options = ["-m", asked.model]
    if asked.system:
        options += ["-s", asked.system]
    for name, value in asked.params.items():
        options += ["-o", name, repr(value)]
    # `--` stands before what may begin with a dash.
    return (
        f'llm openai endpoint --key "${KEY}" {shlex.join(options)} \\\n'
        f"  -- {shlex.join([asked.base_url, asked.prompt])}"
    )


def _httr2(asked: _Question) -> str:
    more = "".join(f",\n    {name} = {value!r}" for name, value in asked.params.items())
    turns = ", ".join(
        f"list(role = {_json(one['role'])}, content = {_json(one['content'])})" for one in asked.messages
    )
    return f"""\
library(httr2)

answer <- request({_json(asked.base_url + "/chat/completions")}) |>
  req_auth_bearer_token(Sys.getenv("{KEY}")) |>
  req_body_json(list(
    model = {_json(asked.model)},
    messages = list({turns}){more}
  )) |>
  req_perform() |>
  resp_body_json()
cat(answer$choices[[1]]$message$content)"""


def _javascript(asked: _Question) -> str:
    return f"""\
const response = await fetch({_json(asked.base_url + "/chat/completions")}, {{
  method: "POST",
  headers: {{ "Authorization": `Bearer ${{process.env.{KEY}}}`, "Content-Type": "application/json" }},
  body: JSON.stringify({_json(asked.body)}),
}});
if (!response.ok) throw new Error(await response.text());
const answer = await response.json();
console.log(answer.choices[0].message.content);"""


def _json(value: object) -> str:
    """A literal of JSON is one of Python, JavaScript, YAML and R too, while no slash is escaped in it."""
    return json.dumps(value, ensure_ascii=False)
