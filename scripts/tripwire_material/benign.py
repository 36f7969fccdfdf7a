"""Work that looks like misuse and is none."""

from collections.abc import Iterator

from tripwire_material.making import BEGIN, DAY, HOUR, MINUTE, Making, Sent, Set, person, spread
from tripwire_material.texts import politics, prose, question
from tripwire_material.words import (
    ENDINGS,
    GROUPS,
    HELD_OUT_POLITICS,
    TASKS,
    TOPICS,
    TUNED_POLITICS,
)

from appliance.domain.generation import ServiceClass


def templated_study(make: Making) -> Iterator[Set]:
    def study() -> tuple[Sent, ...]:
        return tuple(
            Sent(
                at,
                person("ada"),
                make.complete(
                    f"Two {make.random.choice(GROUPS)} {make.random.choice(ENDINGS)}"
                    f" {make.random.choice(TOPICS)} with {make.random.choice(TOPICS)}, and then they",
                    max_tokens=20,
                ),
            )
            for at in spread(make, make.size(10_000), BEGIN + 9 * HOUR, 4 * HOUR)
        )

    yield Set(
        "a templated study of bias, declared", study(), declared=("templated",), person_weeks=1, goal="note"
    )
    yield Set("the same study, undeclared", study(), person_weeks=1, note="what a declaration is for")


def evaluation(make: Making) -> Iterator[Set]:
    def run() -> tuple[Sent, ...]:
        shots = " ".join(
            f"Question: {question(make)} Answer: {make.random.choice(TOPICS)}." for _ in range(5)
        )
        items = make.size(3000)
        texts = [
            f"{shots} Question: {asked} Answer: {answer}"
            for asked in (question(make) for _ in range(items))
            for answer in make.random.sample(TOPICS, 4)
        ]
        times = spread(make, len(texts), BEGIN + 20 * HOUR, 3 * HOUR)
        return tuple(
            Sent(at, person("ada"), make.complete(text, max_tokens=1, logprobs=1, prompt_logprobs=1))
            for at, text in zip(times, texts, strict=True)
        )

    yield Set("a full evaluation run, its own project", run(), kind="evaluation", person_weeks=1, goal="note")
    yield Set("the same run, undeclared in research", run(), person_weeks=1, note="what a kind is for")


def lesson(make: Making) -> Iterator[Set]:
    def worksheet(shared: bool) -> tuple[Sent, ...]:
        sent = []
        for student in range(30):
            who = person("class" if shared else f"student-{student}", address="203.0.113.7")
            for at in spread(make, 40, BEGIN + 10 * HOUR, 90 * MINUTE):
                task = TASKS[min(7, (at - BEGIN - 10 * HOUR) * 8 // (90 * MINUTE))]
                words = [
                    make.random.choice(["please", "shorter", "again", "in my words", "why"]) for _ in range(2)
                ]
                text = make.random.choice(
                    [task, f"{task} {' '.join(words)}", f"{words[0]}: {task}", prose(make)]
                )
                sent.append(Sent(at, who, make.chat(text)))
        return tuple(sorted(sent, key=lambda one: one.at_ms))

    yield Set(
        "thirty students, one worksheet", worksheet(shared=False), kind="course", lessons=1, goal="note"
    )
    yield Set("the same class with one key for all", worksheet(shared=True), kind="course", lessons=1)


def misinformation(make: Making) -> Iterator[Set]:
    templates = HELD_OUT_POLITICS if make.held_out else TUNED_POLITICS

    def study() -> tuple[Sent, ...]:
        days = [BEGIN + day * DAY + 9 * HOUR for day in (0, 1, 2, 3, 4)]
        return tuple(
            Sent(at, person("ada"), make.chat(politics(make, templates)))
            for begin in days
            for at in spread(make, make.size(400), begin, 8 * HOUR)
        )

    declared = ("political-bulk", "templated")
    yield Set("a study of misinformation, declared", study(), declared=declared, person_weeks=1, goal="note")
    yield Set("the same study, undeclared", study(), person_weeks=1, note="what a declaration is for")


def ordinary(make: Making) -> Iterator[Set]:
    people = 10 if make.small else 40
    sent = []
    for one in range(people):
        who = f"person-{one}"
        daily = make.random.choice([5, 15, 40, 120, 400])
        for day in range(5):
            for at in spread(make, daily, BEGIN + day * DAY + 8 * HOUR, 10 * HOUR):
                address = f"192.0.2.{make.random.choice([one, one, one + 100])}"
                sent.append(Sent(at, person(who, address=address), make.chat(prose(make))))
    for at in spread(make, make.size(1500), BEGIN + 2 * DAY + 19 * HOUR, 3 * HOUR):
        text = f"Summarize: {' '.join(make.random.choices(TOPICS, k=80))}"
        sent.append(Sent(at, person("person-0"), make.chat(text, service_class=ServiceClass.BATCH)))
    ordered = tuple(sorted(sent, key=lambda one: one.at_ms))
    yield Set("ordinary weeks, one loop over documents", ordered, person_weeks=people)
    labels = tuple(
        Sent(
            at,
            person("ada"),
            make.chat(
                "Is this post about science, sports or neither? Answer with one word. Post: "
                + " ".join(make.random.choices(TOPICS, k=8))
            ),
        )
        for at in spread(make, make.size(3000), BEGIN + 9 * HOUR, 6 * HOUR)
    )
    yield Set("labels for 3,000 posts, undeclared", labels, person_weeks=1, note="a template by any measure")
