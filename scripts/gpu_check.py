"""Checks Carrel on the GPUs of this machine: load, memory against the plan, answers, batches, pinning.

    python scripts/gpu_check.py
    python scripts/gpu_check.py --engine torch --precisions bfloat16 int8 nf4
    python scripts/gpu_check.py --model FILE.gguf --gpus 0-1 --split --json report.json

Starts real boxes (gateway and workers) on sound GPUs, in a temporary folder, and leaves nothing behind.
Without --model it makes one with random weights, for which it needs the extra ``dev``. With two GPUs or more,
two replicas must be on a GPU each; --split gives the model so long a context that two GPUs must share it.
Memory is what the driver says that the workers hold. Exit codes: 0 all is well, 1 a check failed, 5 there is
no GPU to check or llama.cpp was built without CUDA. Takes the GPUs for itself: beside other work numbers mean
little. With torch the model is a folder of safetensors, checked once for each precision; what two GPUs share
is split by tensors.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from gpu_checks import judging, measuring, planning
from gpu_checks.judging import Finding, Verdict
from model_box import ModelBox, files_of

from appliance.domain.hardware import Inventory
from appliance.errors import CarrelError, NotReady
from appliance.policy.placement import Placement, PlannedForm, parse_gpu_numbers, plan
from appliance.policy.placement.machines import known_model
from appliance.wiring.hardware import has_cuda_engine
from appliance.workers.hardware import inventory

RANDOM_MODEL = "llama-300m"
FAILED = 1


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked: a model and the machine as it was before anything was started."""

    model: Path
    form: PlannedForm
    precision: str
    sizes: planning.Sizes
    machine: Inventory
    gpus: tuple[int, ...]
    look: measuring.Look
    threads: int
    answer_tokens: int

    def box(
        self, folder: Path, gpus: str, *, sizes: planning.Sizes | None = None, replicas: int = 1
    ) -> AbstractContextManager[ModelBox]:
        """A box that serves it on these GPUs."""
        return measuring.box_on(
            self.model,
            folder,
            sizes or self.sizes,
            gpus,
            replicas=replicas,
            precision=self.precision,
            threads=self.threads,
        )

    def answers(self, box: ModelBox) -> list[str]:
        """Greedy ones."""
        return measuring.greedy(box, self.answer_tokens)


def check_one(subject: Subject, folder: Path, asked: argparse.Namespace) -> list[Finding]:
    """One replica on one GPU: load, memory, answers beside the processor's, batches."""
    gpu = subject.gpus[0]
    placement = plan(subject.form, subject.sizes.wishes((gpu,)), subject.machine)
    if not placement.fits:
        return [Finding("placement", Verdict.FAILED, placement.sentence)]
    with subject.box(folder / "gpu", str(gpu)) as box:
        load_s = measuring.load_s(box)
        loaded = measuring.workers(box)
        places = judging.judge_places([(gpu,)], loaded)
        held = measuring.held(loaded, subject.machine.gpus, subject.look)
        answers = subject.answers(box)
        speeds = measuring.throughput(box, asked.levels, rounds=asked.rounds, max_tokens=asked.max_tokens)
        # Asked for again: one that was started anew would hold what nobody counts.
        then = measuring.held(measuring.workers(box), subject.machine.gpus, subject.look)
    estimates = planning.estimates(subject.form, placement, subject.machine, asked.levels)
    return [
        places,
        judging.judge_load(load_s, sum(path.stat().st_size for path in files_of(subject.model))),
        *_memory(placement, judging.more_of(held, then)),
        judging.judge_agreement(answers, _on_processor(subject, folder)),
        *judging.judge_speeds(speeds, estimates),
        judging.judge_value(speeds, _dollars_per_hour(subject.machine, gpu)),
    ]


def _dollars_per_hour(machine: Inventory, gpu: int) -> float | None:
    found = next(one for one in machine.gpus if one.index == gpu)
    known = known_model(found.name, found.memory_total_bytes)
    return known.dollars_per_hour if known else None


def _memory(placement: Placement, held: judging.Held) -> list[Finding]:
    return judging.judge_memory([share for one in placement.replicas for share in one.shares], held)


def _on_processor(subject: Subject, folder: Path) -> list[str]:
    sizes = replace(subject.sizes, seats=1)
    with subject.box(folder / "processor", "none", sizes=sizes) as box:
        return subject.answers(box)


def check_replicas(subject: Subject, folder: Path) -> list[Finding]:
    """Two replicas, each on a GPU of its own."""
    return _check_many(subject, folder / "replicas", replicas=2)


def check_split(subject: Subject, folder: Path) -> list[Finding]:
    """One replica over two GPUs by layers."""
    sizes = planning.split_plan(subject.form, subject.sizes, subject.machine, subject.gpus[:2])
    if sizes is None:
        return [Finding("split", Verdict.NOT_RUN, "no context is too long for one GPU and fits on two")]
    return _check_many(replace(subject, sizes=sizes), folder / "split")


def _check_many(subject: Subject, folder: Path, replicas: int = 1) -> list[Finding]:
    name, gpus = folder.name, subject.gpus[:2]
    placement = plan(subject.form, subject.sizes.wishes(gpus, replicas), subject.machine)
    if not placement.fits:
        return [Finding(name, Verdict.FAILED, placement.sentence)]
    allowed = ",".join(map(str, sorted(gpus)))
    with subject.box(folder, allowed, replicas=replicas) as box:
        subject.answers(box)
        workers = measuring.workers(box)
        held = measuring.held(workers, subject.machine.gpus, subject.look)
        seen = subject.look(frozenset(one.pid for one in workers)).gpus
    found = [
        judging.judge_places([one.gpus for one in placement.replicas], workers),
        *_memory(placement, held),
        judging.judge_pinning(workers, seen),
    ]
    return [replace(one, check=f"{name}: {one.check}") for one in found]


def check(asked: argparse.Namespace, machine: Inventory, look: measuring.Look) -> list[Finding]:
    """Everything that this machine allows. Raises ``NotReady`` where no GPU is left to use."""
    gpus = planning.best_gpus(machine, parse_gpu_numbers(asked.gpus), asked.engine)
    if not gpus:
        raise NotReady(f"None of the GPUs {asked.gpus} is here and sound: nothing was checked.")
    found = judging.judge_machine(machine.gpus)
    with tempfile.TemporaryDirectory(prefix="carrel-gpu-") as temporary:
        folder = Path(temporary)
        model = asked.model.resolve() if asked.model else _random_model(folder / "made", asked.engine)
        sizes = planning.Sizes(max(asked.levels), asked.context)
        for precision in asked.precisions if asked.engine == "torch" else [""]:
            form = planning.form_of(model, asked.engine, precision)
            subject = Subject(
                model, form, precision, sizes, machine, gpus, look, asked.threads, asked.answer_tokens
            )
            checked = _check_form(subject, folder / (precision or "file"), asked)
            found += [
                replace(one, check=f"{precision}: {one.check}") if precision else one for one in checked
            ]
    return found


def _check_form(subject: Subject, folder: Path, asked: argparse.Namespace) -> list[Finding]:
    found = check_one(subject, folder, asked)
    if len(subject.gpus) < 2:
        return [*found, Finding("pinning", Verdict.NOT_RUN, "it takes two sound GPUs")]
    found += check_replicas(subject, folder)
    return found + (check_split(subject, folder) if asked.split else [])


def _random_model(folder: Path, engine: str) -> Path:
    from make_random_model import make_random_model  # noqa: PLC0415 - it needs the packages of the extra `dev`

    print(f"making {RANDOM_MODEL} with random weights", flush=True)
    types = [] if engine == "torch" else ["q8_0"]
    (path,) = make_random_model(RANDOM_MODEL, folder, types=types, safetensors=not types)
    return path


def main(
    arguments: Sequence[str] | None = None,
    look: measuring.Look = inventory,
    engine_has_gpu: Callable[[str], bool] = has_cuda_engine,
) -> int:
    """The exit code."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.model and not (asked.model.is_dir() if asked.engine == "torch" else asked.model.is_file()):
        parser.error(f"there is no {'folder' if asked.engine == 'torch' else 'file'} {asked.model}")
    try:
        machine = look(frozenset())
        has_gpu = engine_has_gpu(asked.engine)
        sentence = planning.missing(machine.gpus, engine_has_gpu=has_gpu, engine=asked.engine)
        if sentence is not None:
            raise NotReady(sentence)
        found = check(asked, machine, look)
    except CarrelError as error:
        print(error.message, file=sys.stderr)
        return error.exit_code
    print(judging.as_table(found))
    if asked.json:
        report = {"model": str(asked.model or RANDOM_MODEL), "findings": [asdict(one) for one in found]}
        asked.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return FAILED if any(one.verdict is Verdict.FAILED for one in found) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--model",
        type=Path,
        help=f"GGUF file, or folder for torch; {RANDOM_MODEL} with random weights if left out",
    )
    parser.add_argument("--engine", choices=["llama_cpp", "torch"], default="llama_cpp")
    parser.add_argument(
        "--precisions",
        nargs="+",
        choices=["float32", "bfloat16", "float16", "int8", "nf4"],
        default=["bfloat16", "int8", "nf4"],
        help="of torch",
    )
    parser.add_argument("--gpus", default="", help="only these, such as 0-1; all if left out")
    parser.add_argument("--levels", type=int, nargs="+", default=[1, 8, 32, 64], help="streams at once")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--max-tokens", type=int, default=64)
    parser.add_argument(
        "--context", type=int, default=1024, help="prompt plus answer of a request, in tokens"
    )
    parser.add_argument(
        "--answer-tokens", type=int, default=measuring.ANSWER_TOKENS, help="of each answer that is compared"
    )
    parser.add_argument(
        "--threads", type=int, default=0, help="of a worker on the processor; all but one if left out"
    )
    parser.add_argument("--split", action="store_true", help="also one replica over two GPUs")
    parser.add_argument("--json", type=Path, help="write the report there too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
