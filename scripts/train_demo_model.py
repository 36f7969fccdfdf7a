"""Trains the demo model ``handbook-tiny`` on the handbook and writes it to ``recipes/``; minutes on a CPU.

    python -m venv train && bash packaging/install.sh --torch-into train
    train/bin/pip install -e '.[train]' -c packaging/constraints.txt
    train/bin/python scripts/train_demo_model.py

The Questions sections of the handbook are all it learns from, asked in the many ways of
``demo_model/asking.py``. On one machine the same handbook gives the same files, byte for byte: fixed seeds,
threads and order of operations. Another kind of CPU adds numbers in another order, and its weights differ.

It checks what it wrote through llama.cpp and fails, leaving ``recipes/`` as it was, when tokens or logits
disagree with torch or when fewer than 95 of 100 questions of the handbook are answered right.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import gguf
import torch
from demo_model import checking
from demo_model.asking import Wordings, read_wordings
from demo_model.curriculum import Lesson, digest, read_curriculum
from demo_model.dialogs import Teacher, render
from demo_model.gguf_files import write_gguf
from demo_model.hf_files import half_precision, write_hf
from demo_model.learning import Course, learn
from demo_model.network import Llama, Shape
from demo_model.recipe_file import FORMS, RECIPE_ID, write_recipe
from demo_model.vocabulary import train_tokenizer
from tokenizers import Tokenizer

REPOSITORY = Path(__file__).resolve().parents[1]
HANDBOOK = REPOSITORY / "appliance" / "handbook"
SEED = 7419
THREADS = 3
DROPOUT = 0.05
REVISION = 3
LEAST_VERBATIM = 0.95
WIDEST_LOGIT_GAP = 0.1


def main() -> int:
    """Train, export, check, and only then replace the files in ``recipes/``."""
    options = _options()
    torch.manual_seed(SEED)
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(True)
    lessons = read_curriculum(HANDBOOK)
    wordings = read_wordings(Path(__file__).parent / "demo_model", lessons)
    tokenizer = train_tokenizer(_texts(lessons, wordings))
    network = _train(lessons, wordings, tokenizer, Course(steps=options.steps))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        _export(folder, network, tokenizer, digest(lessons))
        if not _check(folder, network, tokenizer, lessons, wordings):
            print("REFUSED: recipes/ is as it was.", file=sys.stderr)
            return 1
        _install(folder, options.recipes, network.shape.context_tokens)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train the demo model from the handbook.")
    parser.add_argument("--steps", type=int, default=Course().steps, help="fewer make a quick, bad model")
    parser.add_argument("--recipes", type=Path, default=REPOSITORY / "recipes", help="where to write")
    return parser.parse_args()


def _texts(lessons: tuple[Lesson, ...], wordings: Wordings) -> list[str]:
    asked = [way for ways in wordings.taught.values() for way in ways]
    learned = [text for lesson in lessons for text in (lesson.question, lesson.answer)]
    return [variant for text in learned + asked + learned for variant in (text, text.lower())]


def _train(lessons: tuple[Lesson, ...], wordings: Wordings, tokenizer: Tokenizer, course: Course) -> Llama:
    network = Llama(Shape(vocabulary=tokenizer.get_vocab_size()), DROPOUT)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    print(
        f"{len(lessons)} questions, {tokenizer.get_vocab_size()} tokens, {parameters:,} parameters",
        flush=True,
    )
    teacher = Teacher(lessons, wordings, tokenizer, SEED)
    took_s = learn(network, teacher, course, lambda line: print(line, flush=True))
    print(f"trained in {took_s:.0f} s on {THREADS} threads")
    return network


def _export(folder: Path, network: Llama, tokenizer: Tokenizer, curriculum_sha256: str) -> None:
    weights = half_precision(network)
    network.load_state_dict({name.removeprefix("model."): value.float() for name, value in weights.items()})
    write_hf(folder, weights, network.shape, tokenizer)
    precisions = {"q8": gguf.GGMLQuantizationType.Q8_0, "f16": gguf.GGMLQuantizationType.F16}
    for form, precision in precisions.items():
        write_gguf(
            folder / FORMS[form],
            weights,
            network.shape,
            tokenizer,
            precision=precision,
            curriculum_sha256=curriculum_sha256,
        )


def _check(
    folder: Path, network: Llama, tokenizer: Tokenizer, lessons: tuple[Lesson, ...], wordings: Wordings
) -> bool:
    sets = checking.question_sets(lessons, wordings)
    ok = True
    for form, file in FORMS.items():
        model = checking.open_model(folder / file, THREADS)
        ok &= _agrees(form, model, network, tokenizer, lessons)
        ok &= _answers(form, checking.score(model, sets))
    return ok


def _agrees(
    form: str, model: checking.LlamaCpp, network: Llama, tokenizer: Tokenizer, lessons: tuple[Lesson, ...]
) -> bool:
    pages = [page.read_text(encoding="utf-8") for page in sorted(HANDBOOK.glob("*.md"))]
    chats = [render([{"role": "user", "content": lesson.question}]) + lesson.answer for lesson in lessons]
    different = checking.tokens_that_differ(model, tokenizer, [*pages, *chats, *"".join(pages).splitlines()])
    gap = checking.widest_logit_gap(model, network, tokenizer, chats[::7])
    print(f"\n{form}: {len(different)} texts tokenized differently; widest logit gap to torch {gap:.4f}")
    return not different and (gap < WIDEST_LOGIT_GAP or form != "f16")


def _answers(form: str, scores: list[checking.Score]) -> bool:
    for one in scores:
        print(f"{form}  {one.line()}")
    for one in scores:
        for asked, given in one.wrong:
            print(f"    wrong in {one.name!r}: {asked!r} -> {given!r}")
    verbatim = scores[0]
    return len(verbatim.wrong) <= (1 - LEAST_VERBATIM) * verbatim.total


def _install(folder: Path, recipes: Path, context_tokens: int) -> None:
    target = recipes / RECIPE_ID
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for file in sorted(folder.iterdir()):
        shutil.copyfile(file, target / file.name)
    write_recipe(recipes / f"{RECIPE_ID}.toml", target, revision=REVISION, context_tokens=context_tokens)
    for file in sorted(target.iterdir()):
        print(f"{file.stat().st_size:>10,}  {file.name}")


if __name__ == "__main__":
    sys.exit(main())
