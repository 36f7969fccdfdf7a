"""The same weights computed by transformers in float32: what the box's numbers are measured against."""

from collections.abc import Sequence
from functools import cache

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase

from tests.clients.conftest import DEMO


@cache
def tokenizer() -> PreTrainedTokenizerBase:
    """The demo model's."""
    return AutoTokenizer.from_pretrained(DEMO)


@cache
def network() -> torch.nn.Module:
    """The demo model's; on one thread, since a box computes beside it."""
    torch.set_num_threads(1)
    return AutoModelForCausalLM.from_pretrained(DEMO, dtype=torch.float32).eval()


def distributions(tokens: Sequence[int]) -> torch.Tensor:
    """Log-probabilities of every token after each of ``tokens``; shape (tokens, vocabulary)."""
    with torch.no_grad():
        return torch.log_softmax(network()(torch.tensor([list(tokens)])).logits[0].double(), dim=-1)


def token_logprobs(tokens: Sequence[int]) -> list[float]:
    """Of each token but the first, given those before it."""
    told = distributions(tokens)
    return [float(told[place, token]) for place, token in enumerate(tokens[1:])]


def continuation_logprob(context: str, continuation: str) -> float:
    """Of a continuation, cut from its context as lm-eval cuts it."""
    while context and context[-1].isspace():
        context, continuation = context[:-1], context[-1] + continuation
    whole, before = tokenizer().encode(context + continuation), tokenizer().encode(context)
    return sum(token_logprobs(whole)[len(before) - 1 :])


def greedy(prompt: Sequence[int], count: int, ends: frozenset[int]) -> tuple[list[int], list[float]]:
    """The most probable continuation, and how far each of its tokens is ahead of the second best."""
    tokens, made, gaps = list(prompt), [], []
    for _ in range(count):
        best = torch.topk(distributions(tokens)[-1], 2)
        made.append(int(best.indices[0]))
        gaps.append(float(best.values[0] - best.values[1]))
        tokens.append(made[-1])
        if made[-1] in ends:
            break
    return made, gaps
