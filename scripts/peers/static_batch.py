"""Plain ``generate`` of transformers on a static batch, as a process that is told how many sequences to make.

    python static_batch.py FOLDER THREADS PROMPT_TOKENS NEW_TOKENS

Reads a number a line and answers each with the seconds that so many sequences took, prompts included. All
prompts have the same length, so that nothing is padded: the best case of a static batch.
"""

import sys
import time

import torch
from transformers import AutoModelForCausalLM


def main(folder: str, threads: int, prompt_tokens: int, new_tokens: int) -> None:
    torch.set_num_threads(threads)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    model.generation_config.eos_token_id = None
    print("ready", flush=True)
    for line in sys.stdin:
        prompts = torch.randint(300, 1000, (int(line), prompt_tokens))
        started_s = time.perf_counter()
        with torch.inference_mode():
            made = model.generate(
                prompts,
                attention_mask=torch.ones_like(prompts),
                max_new_tokens=new_tokens,
                do_sample=True,
                temperature=0.8,
                top_k=0,
                top_p=0.95,
                pad_token_id=0,
            )
        took_s = time.perf_counter() - started_s
        if made.shape[1] != prompt_tokens + new_tokens:
            raise RuntimeError(f"{made.shape[1] - prompt_tokens} new tokens in place of {new_tokens}")
        print(took_s, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
