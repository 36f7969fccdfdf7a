"""lm-eval's `local-completions` on a bundled task, against transformers on the same weights."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients import reference
from tests.clients.conftest import DEMO, MODEL, ROOT

TASKS = ROOT / "tests" / "clients" / "tasks"
WIDEST_GAP = 0.05


@pytest.fixture(scope="module")
def samples(box, key, tmp_path_factory) -> list[dict]:
    """What lm-eval says of each question, with its log-likelihoods."""
    folder: Path = tmp_path_factory.mktemp("lm-eval")
    task = TASKS.joinpath("handbook_choices.yaml").read_text()
    folder.joinpath("handbook_choices.yaml").write_text(
        task.replace("DATA_FILE", str(TASKS / "handbook_choices.jsonl"))
    )
    words = {
        "model": MODEL,
        "base_url": f"{box.url}/completions",
        "tokenizer": DEMO,
        "num_concurrent": 4,
        "max_length": 512,
    }
    done = subprocess.run(
        [
            Path(sys.executable).parent / "lm_eval",
            "run",
            "--model",
            "local-completions",
            "--model_args",
            ",".join(f"{name}={value}" for name, value in words.items()),
            "--tasks",
            "handbook_choices",
            "--include_path",
            folder,
            "--batch_size",
            "8",
            "--output_path",
            folder / "out",
            "--log_samples",
        ],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "OPENAI_API_KEY": key,
            "HF_HOME": str(folder / "hf"),
            "HF_HUB_OFFLINE": "1",
            "HF_DATASETS_OFFLINE": "1",
        },
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    (file,) = folder.glob("out/**/samples_handbook_choices*.jsonl")
    return [json.loads(line) for line in file.open()]


def test_scores_over_http_are_those_of_the_reference(samples):
    gaps, misplaced = [], 0
    for sample in samples:
        told = [float(response[0][0]) for response in sample["resps"]]
        context = f"Question: {sample['doc']['question']}\nAnswer:"
        known = [reference.continuation_logprob(context, f" {choice}") for choice in sample["doc"]["choices"]]
        gaps += [abs(one - other) for one, other in zip(told, known, strict=True)]
        for one in range(len(known)):
            for other in range(one):
                apart = known[one] - known[other]
                misplaced += abs(apart) > WIDEST_GAP and (told[one] - told[other]) * apart <= 0
    print(
        f"log-likelihoods: {len(gaps)}, largest difference {max(gaps):.5f}, pairs out of order: {misplaced}"
    )
    assert len(gaps) == 160
    assert max(gaps) <= WIDEST_GAP
    assert misplaced == 0
