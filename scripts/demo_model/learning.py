"""The training loop: AdamW, one warm-up, one cosine, loss on answers only."""

import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from demo_model.dialogs import Example, Teacher

_PAD = 0


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how hard to train."""

    steps: int = 640
    batch: int = 48
    pool: int = 8
    """Batches drawn at a time and cut by length: a batch is as long as its longest example."""
    learning_rate: float = 2e-3
    warmup: float = 0.05
    """Share of the steps that warm up."""
    weight_decay: float = 0.1
    clip: float = 1.0


def learn(model: nn.Module, teacher: Teacher, course: Course, tell: Callable[[str], None]) -> float:
    """Train in place and return the seconds it took. Deterministic for one machine and number of threads."""
    started = time.perf_counter()
    optimizer = torch.optim.AdamW(_groups(model, course), lr=course.learning_rate, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, course))
    # Memory that deterministic mode would fill first is all written by the operations used here.
    torch.utils.deterministic.fill_uninitialized_memory = False
    model.train()
    for step, batch in zip(range(course.steps), _batches(teacher, course), strict=False):
        loss = _loss(model, batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), course.clip)
        optimizer.step()
        schedule.step()
        if step % 100 == 0 or step == course.steps - 1:
            tell(f"step {step:5d}  loss {loss.item():.4f}  {time.perf_counter() - started:6.1f} s")
    model.eval()
    return time.perf_counter() - started


def _batches(teacher: Teacher, course: Course) -> Iterator[list[Example]]:
    order = random.Random(course.batch)
    while True:
        drawn = sorted(
            (teacher.example() for _ in range(course.batch * course.pool)), key=lambda one: len(one.ids)
        )
        batches = [drawn[at : at + course.batch] for at in range(0, len(drawn), course.batch)]
        order.shuffle(batches)
        yield from batches


def _loss(model: nn.Module, examples: list[Example]) -> Tensor:
    length = max(len(example.ids) for example in examples)
    tokens = torch.full((len(examples), length), _PAD)
    counts = torch.zeros((len(examples), length), dtype=torch.bool)
    for row, example in enumerate(examples):
        tokens[row, : len(example.ids)] = torch.tensor(example.ids)
        counts[row, : len(example.ids)] = torch.tensor(example.counts)
    logits = model(tokens[:, :-1])
    wanted = counts[:, 1:]
    return functional.cross_entropy(logits[wanted], tokens[:, 1:][wanted])


def _rate(step: int, course: Course) -> float:
    warmup = course.steps * course.warmup
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / (course.steps - warmup)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))


def _groups(model: nn.Module, course: Course) -> list[dict[str, object]]:
    matrices = [p for p in model.parameters() if p.dim() > 1]
    norms = [p for p in model.parameters() if p.dim() == 1]
    return [{"params": matrices, "weight_decay": course.weight_decay}, {"params": norms, "weight_decay": 0.0}]
