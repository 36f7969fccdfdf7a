"""Sampler chains: how llama.cpp picks the next token of one sequence."""

from typing import Final

from llama_cpp import llama_cpp as native

from appliance.domain.generation import Sampling
from appliance.engines.llama_cpp.library import Pointer

TOP_K_LIMIT: Final = 1024
"""Candidates that the rest of the chain sees where the request sets no top_k. Sorting a vocabulary of 128,000
for top_p alone takes 9 ms a token; the best 1024 take under 0.5 ms and hold nearly all of the probability.
"""

_SEEDS: Final = 2**32 - 1
"""Seeds that are seeds: the library reads the largest 32-bit number as "draw one yourself"."""


def new_sampler(sampling: Sampling) -> Pointer:
    """A chain of its own for one sequence; ``free_sampler`` it."""
    chain = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
    for link in _links(sampling):
        native.llama_sampler_chain_add(chain, link)
    return chain


def free_sampler(chain: Pointer) -> None:
    """Free a chain and its links."""
    native.llama_sampler_free(chain)


def _links(sampling: Sampling) -> list[Pointer]:
    if sampling.temperature <= 0:
        return [native.llama_sampler_init_greedy()]
    links = [native.llama_sampler_init_top_k(min(sampling.top_k or TOP_K_LIMIT, TOP_K_LIMIT))]
    if sampling.top_p < 1:
        links.append(native.llama_sampler_init_top_p(sampling.top_p, 1))
    if sampling.min_p > 0:
        links.append(native.llama_sampler_init_min_p(sampling.min_p, 1))
    links.append(native.llama_sampler_init_temp(sampling.temperature))
    links.append(native.llama_sampler_init_dist(sampling.seed % _SEEDS))
    return links
