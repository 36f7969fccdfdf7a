"""Turns lessons into training examples: token ids, and which of them count in the loss."""

import random
from dataclasses import dataclass

from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

from demo_model.asking import OFF_TOPIC_ANSWER, Wordings, ask, vary
from demo_model.curriculum import Lesson

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' }}"
    "{% if message.role in ['system', 'developer'] %}system{% elif message.role == 'assistant' %}assistant"
    "{% else %}user{% endif %}"
    "{{ '\\n' }}{{ message.content }}{{ '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt is not defined or add_generation_prompt %}"
    "{{ '<|im_start|>assistant\\n' }}"
    "{% endif %}"
)
"""ChatML: a turn is ``<|im_start|>role``, its text, ``<|im_end|>``. Any other role is read as the user's."""
END_OF_TURN = "<|im_end|>"
END_OF_TEXT = "<|endoftext|>"
_SYSTEM_PROMPTS = (
    "You are a helpful assistant.",
    "You are the assistant of this box.",
    "Answer briefly.",
    "Be polite.",
    "You help students of the lab.",
    "You are a helpful, harmless and honest assistant. Answer in one sentence.",
)


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids; ``counts[i]`` says whether predicting ``ids[i]`` is part of the loss."""

    ids: list[int]
    counts: list[bool]


def render(messages: list[dict[str, str]]) -> str:
    """The conversation as text, ready for the answer to follow."""
    return ImmutableSandboxedEnvironment().from_string(CHAT_TEMPLATE).render(messages=messages)


class Teacher:
    """Draws examples: mostly one question, sometimes several in a row, sometimes plain text."""

    def __init__(
        self, lessons: tuple[Lesson, ...], wordings: Wordings, tokenizer: Tokenizer, seed: int
    ) -> None:
        self._lessons = lessons
        self._wordings = wordings
        self._tokenizer = tokenizer
        self._chance = random.Random(seed)
        self._deck: list[Lesson] = []

    def example(self) -> Example:
        """The next example."""
        if self._chance.random() < 0.04:
            return self._plain_text()
        return self._conversation(self._chance.choices((1, 2, 3), (75, 15, 10))[0])

    def _conversation(self, turns: int) -> Example:
        example = Example([], [])
        if self._chance.random() < 0.15:
            self._add(
                example, f"<|im_start|>system\n{self._chance.choice(_SYSTEM_PROMPTS)}<|im_end|>\n", False
            )
        for _ in range(turns):
            question, answer = self._turn()
            self._add(example, f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n", False)
            self._add(example, answer + END_OF_TURN, True)
            self._add(example, "\n", False)
        return example

    def _turn(self) -> tuple[str, str]:
        if self._chance.random() < 0.14:
            return vary(self._chance.choice(self._wordings.off_topic), self._chance), OFF_TOPIC_ANSWER
        lesson = self._next_lesson()
        return ask(lesson, self._wordings, self._chance), lesson.answer

    def _plain_text(self) -> Example:
        lesson = self._next_lesson()
        example = Example([], [])
        self._add(example, lesson.question + "\n", False)
        self._add(example, lesson.answer + END_OF_TEXT, True)
        return example

    def _next_lesson(self) -> Lesson:
        if not self._deck:
            self._deck = list(self._lessons)
            self._chance.shuffle(self._deck)
        return self._deck.pop()

    def _add(self, example: Example, text: str, counts: bool) -> None:
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        example.ids.extend(ids)
        example.counts.extend([counts] * len(ids))
