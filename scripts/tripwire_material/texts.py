"""Texts, drawn anew each time."""

from tripwire_material.making import Making
from tripwire_material.words import (
    ASKS,
    COMMON,
    FIRMS,
    HELD_OUT_PHISHING,
    MATTERS,
    NAMES,
    PEOPLE,
    PLACES,
    SYLLABLES,
    TOPICS,
    TUNED_PHISHING,
)


def politics(make: Making, templates: list[str]) -> str:
    return make.random.choice(templates).format(
        people=make.random.choice(PEOPLE),
        place=make.random.choice(PLACES),
        name=make.random.choice(NAMES),
        matter=make.random.choice(MATTERS),
        number=make.random.randrange(1, 60),
    )


def phishing(make: Making) -> str:
    text = make.pick(TUNED_PHISHING, HELD_OUT_PHISHING)
    return text.format(firm=make.random.choice(FIRMS), name=make.random.choice(NAMES))


def question(make: Making) -> str:
    """Of one of a few forms, as the items of a benchmark are."""
    a, b, c = make.random.sample(TOPICS, 3)
    more = " ".join(make.random.sample(TOPICS, make.random.randrange(0, 12)))
    return f"{make.random.choice(ASKS).format(a=a, b=b, c=c)} {more}".strip()


def prose(make: Making) -> str:
    """Of no form: four in ten words are the commonest ones, the others are of a vocabulary of thousands."""
    words = []
    for _ in range(make.random.randrange(8, 45)):
        if make.random.random() < 0.4:
            words.append(make.random.choice(COMMON))
        else:
            rank = int(make.random.paretovariate(0.7)) % 5000
            words.append("".join(SYLLABLES[rank // 20**place % 20] for place in range(3)))
    return " ".join(words)


def gibberish(make: Making) -> str:
    return " ".join(make.random.choices(TOPICS, k=6)) + f" {make.random.getrandbits(32):x}"
