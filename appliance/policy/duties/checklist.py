"""The checklist of an extended review: the four functions of the NIST AI Risk Management Framework 1.0, each
with questions that a lab can answer.
"""

from dataclasses import dataclass
from typing import Final

VERSION: Final = 1
"""Raised with every change: an answer is kept with the version that it answered."""


@dataclass(frozen=True, slots=True)
class Question:
    """``category`` is the place in the framework that it comes from."""

    id: str
    function: str
    category: str
    text: str


QUESTIONS: Final = (
    Question(
        "govern-1",
        "Govern",
        "GOVERN 2.1",
        "Who in the project may decide to stop it, and how are they reached outside office hours?",
    ),
    Question(
        "govern-2",
        "Govern",
        "GOVERN 1.1",
        "Which laws, licenses and rules of the institution apply (ethics board, data protection, export)?",
    ),
    Question(
        "govern-3",
        "Govern",
        "GOVERN 2.2",
        "What were the people who use the models taught about misuse and about their limits?",
    ),
    Question(
        "govern-4",
        "Govern",
        "GOVERN 4.3",
        "To whom are flaws and incidents told, within how many days, and who follows them up?",
    ),
    Question(
        "map-1",
        "Map",
        "MAP 1.1",
        "What are the models used for, by whom, and on whom do the results have an effect?",
    ),
    Question(
        "map-2",
        "Map",
        "MAP 2.1",
        "Which models and data are used, where do they come from, and what are they known not to do well?",
    ),
    Question(
        "map-3",
        "Map",
        "MAP 1.1",
        "What could the project's models, prompts or outputs be misused for, and by whom?",
    ),
    Question(
        "map-4",
        "Map",
        "MAP 3.1",
        "What is gained, and why does it need this much compute or this large a model?",
    ),
    Question(
        "measure-1",
        "Measure",
        "MEASURE 2.11",
        "How is bias measured, for which groups, and what was found so far?",
    ),
    Question(
        "measure-2",
        "Measure",
        "MEASURE 2.7",
        "How were dangerous abilities and safeguards tested, and who outside the project has tried?",
    ),
    Question(
        "measure-3",
        "Measure",
        "MEASURE 2.10",
        "Which personal data can be in prompts or training data, and how would a leak be noticed?",
    ),
    Question(
        "measure-4",
        "Measure",
        "MEASURE 3.1",
        "Which figures are looked at while the project runs, and at which value does somebody act?",
    ),
    Question(
        "manage-1",
        "Manage",
        "MANAGE 1.1",
        "Which of the risks above are accepted, which lessened and how, and who has decided so?",
    ),
    Question(
        "manage-2",
        "Manage",
        "MANAGE 2.4",
        "How is a model or a data set taken back once it is found to do harm?",
    ),
    Question(
        "manage-3",
        "Manage",
        "MANAGE 4.1",
        "What happens with weights, adapters and outputs when the project ends?",
    ),
    Question(
        "manage-4",
        "Manage",
        "MANAGE 4.3",
        "Of what goes wrong, what is made public, when, and who is told before?",
    ),
)
