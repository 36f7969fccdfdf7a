"""People, projects and what is known of them: what tests of the rule of tiers start from."""

from dataclasses import replace

from appliance.domain.access import AccessFacts, Asker, Countersignature, Grant, Signature
from appliance.domain.people import Project
from appliance.policy.access.deciding import decide

NOW_MS = 1_790_000_000_000
DAY_MS = 86_400_000
TEXT, OLD, ACCESS = "a1" * 32, "b2" * 32, "c3" * 32
LAB = Project("nlp", "nlp", 1, purpose="A study of bias.")
COURSE = replace(LAB, id="cs50", kind="course")
ADA = Asker("ada", LAB, "member", ("pi",))
NOBODY = Asker("", LAB, None)
STUDENT = Asker("sam", COURSE, "member", ("prof",))
PROF = Asker("prof", COURSE, "lead", ("prof",))


def signed(person="ada", text=TEXT, project="nlp", *, for_project=False, kind="conduct"):
    return Signature("sig_1", kind, text, person, project, for_project, "who", "socket", 1, "")


def grant(model="m", tier="", until_ms=None, id="grt_1"):
    return Grant(model, "nlp", until_ms, 1, tier, id)


FACTS = AccessFacts(conduct=TEXT, agreement=ACCESS, accepted=frozenset({TEXT}), signatures=(signed(),))
GRANTED = replace(FACTS, grants=(grant(),))
YES = Countersignature("grt_1", "m", NOW_MS + 1)


def ask(tier, facts=FACTS, asker=ADA):
    return decide("m", tier, asker=asker, facts=facts, now_ms=NOW_MS)
