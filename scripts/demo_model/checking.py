"""Runs the written files through llama.cpp: the same tokens, the same logits, the right answers."""

import ctypes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import llama_cpp
import numpy as np
import torch
from llama_cpp import Llama as LlamaCpp
from tokenizers import Tokenizer

from demo_model.asking import HELD_OUT_FRAMES, OFF_TOPIC_ANSWER, Wordings, mistype
from demo_model.curriculum import Lesson
from demo_model.dialogs import render
from demo_model.network import Llama

_MAX_ANSWER_TOKENS = 96
_silent = llama_cpp.llama_log_callback(lambda *_: None)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as asked and the answer that counts as right."""

    asked: str
    answer: str


@dataclass(frozen=True, slots=True)
class Score:
    """How one set of questions went; ``wrong`` holds question and given answer."""

    name: str
    total: int
    wrong: tuple[tuple[str, str], ...]

    def line(self) -> str:
        """One row of the table."""
        right = self.total - len(self.wrong)
        return f"{self.name:<44} {right:>5} / {self.total:<5} {100 * right / self.total:6.1f} %"


def question_sets(lessons: Sequence[Lesson], wordings: Wordings) -> dict[str, list[Question]]:
    """The evaluation. All but the first two sets are wordings that training never saw."""
    answers = {lesson.question: lesson.answer for lesson in lessons}
    return {
        "verbatim": [Question(lesson.question, lesson.answer) for lesson in lessons],
        "taught paraphrases": [Question(w, answers[q]) for q, ways in wordings.taught.items() for w in ways],
        "held out: hand-written paraphrases": [Question(w, answers[q]) for q, w in wordings.held_out.items()],
        "held out: frames": [
            Question(HELD_OUT_FRAMES[i % len(HELD_OUT_FRAMES)].format(lesson.question), lesson.answer)
            for i, lesson in enumerate(lessons)
        ],
        "held out: one typing slip": [
            Question(mistype(lesson.question, seed=i), lesson.answer) for i, lesson in enumerate(lessons)
        ],
        "held out: off-topic": [Question(text, OFF_TOPIC_ANSWER) for text in wordings.off_topic_held_out],
    }


def open_model(path: Path, threads: int) -> LlamaCpp:
    """The file as llama.cpp reads it, with logits of every position."""
    llama_cpp.llama_log_set(_silent, ctypes.c_void_p(0))
    return LlamaCpp(
        str(path), n_ctx=512, n_threads=threads, n_threads_batch=threads, logits_all=True, verbose=False
    )


def score(model: LlamaCpp, sets: dict[str, list[Question]]) -> list[Score]:
    """Ask everything, greedily; an answer is right when it is the same text."""
    scores = []
    for name, questions in sets.items():
        given = [(question, answer(model, question.asked)) for question in questions]
        wrong = tuple((question.asked, text) for question, text in given if text != question.answer)
        scores.append(Score(name, len(questions), wrong))
    return scores


def answer(model: LlamaCpp, question: str) -> str:
    """The greedy answer to one question."""
    model.reset()
    prompt = model.tokenize(
        render([{"role": "user", "content": question}]).encode(), add_bos=False, special=True
    )
    vocabulary = llama_cpp.llama_model_get_vocab(model.model)
    ids: list[int] = []
    for token in model.generate(prompt, temp=0.0):
        if llama_cpp.llama_vocab_is_eog(vocabulary, token) or len(ids) == _MAX_ANSWER_TOKENS:
            break
        ids.append(token)
    return model.detokenize(ids).decode(errors="replace")


def tokens_that_differ(model: LlamaCpp, tokenizer: Tokenizer, texts: Iterable[str]) -> list[str]:
    """Texts that llama.cpp and ``tokenizers`` cut differently."""
    return [
        text
        for text in texts
        if model.tokenize(text.encode(), add_bos=False, special=True)
        != tokenizer.encode(text, add_special_tokens=False).ids
    ]


def widest_logit_gap(model: LlamaCpp, network: Llama, tokenizer: Tokenizer, texts: Iterable[str]) -> float:
    """Largest difference of any logit between torch (on the float16 weights) and llama.cpp."""
    widest = 0.0
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False).ids[:512]
        model.reset()
        model.eval(ids)
        with torch.no_grad():
            expected = network(torch.tensor([ids]))[0].numpy()
        widest = max(widest, float(np.abs(expected - model.scores[: len(ids)]).max()))
    return widest
