"""Who works in the made-up lab: five projects, thirty students, keys, and what they ask for. Some of them
have written what they should not have.
"""

from collections.abc import Mapping

from appliance.domain.results import (
    AccountState,
    AllocationState,
    ApplicationList,
    ApplicationSummary,
    BudgetRequestList,
    BudgetRequestState,
    BudgetState,
    KeyList,
    KeySummary,
    MemberList,
    MemberSummary,
    PersonList,
    PersonSummary,
    ProjectList,
    ProjectSummary,
    UsageLine,
    UsageReport,
)
from tests.tui.fake_box import Answer

NOW_MS = 1_790_000_000_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
CREDIT = 1_000_000

NAMES = (
    "Aisha Khan",
    "Ben Oduya",
    "Chen Wei",
    "Dana Novak",
    "Emil Sørensen",
    "Fatima Zahra",
    "Goran Ilić",
    "Hana Sato",
    "Ivo Marek",
    "Jana Blažek",
    "Kofi Mensah",
    "Lea Brandt",
    "Mikko Virtanen",
    "Nadia Rahman",
    "Omar Haddad",
    "Priya Nair",
    "Quentin Roy",
    "Rosa Delgado",
    "Sven Lund",
    "Tomás Silva",
    "Uma Devi",
    "Vera Petrova",
    "Wanjiru Kamau",
    "Xin Li",
    "Yusuf Demir",
    "Zoë Martens",
    "[/foo] [@click=app.quit]x",
    "\u202etxt.exe \x1b[2J\x1b]0;owned\x07",
    "A name of three hundred letters " * 9,
    "王小明",
)


def id_of(name: str) -> str:
    """``a.khan``; of what is no name, something that is an id."""
    words = "".join(
        one if one.isascii() and (one.isalpha() or one == " ") else "" for one in name.lower()
    ).split()
    return f"{words[0][0]}.{words[-1]}"[:24] if words else "wang.xm"


STUDENTS = tuple((id_of(name), name) for name in NAMES)


def person(id: str, name: str, projects: tuple[str, ...], *, state: str = "active", role: str = "member"):
    return PersonSummary(
        id=id,
        name=name,
        state=state,
        role=role,
        email="",
        login="",
        projects=projects,
        created_ms=NOW_MS - 90 * DAY_MS,
        ended_ms=None if state == "active" else NOW_MS - DAY_MS,
    )


def member(project: str, id: str, name: str, *, part: str = "member", state: str = "active") -> MemberSummary:
    return MemberSummary(
        project=project, person=id, name=name, part=part, state=state, since_ms=NOW_MS - 60 * DAY_MS
    )


def project(
    id: str, title: str, leads: tuple[str, ...], members: int, *, state: str = "open", kind: str = "research"
):
    return ProjectSummary(
        id=id,
        name=title,
        created_ms=NOW_MS - 200 * DAY_MS,
        weight=1,
        shares_prefixes=False,
        kind=kind,
        purpose="What language models say about sources",
        tags=(),
        state=state,
        starts_ms=None,
        ends_ms=NOW_MS + 100 * DAY_MS,
        leads=leads,
        members=members,
    )


def account(subject: str, spent: int, limit: int, held: int = 0) -> AccountState:
    return AccountState(
        subject=subject,
        opened_ms=0,
        closes_ms=None,
        spent_micro=spent,
        held_micro=held,
        granted_micro=0,
        left_micro=max(0, limit - spent - held),
    )


def allocation(
    scope: str, window: str, limit: int | None, accounts: tuple[AccountState, ...], subject: str = ""
) -> AllocationState:
    return AllocationState(
        id=f"all_{scope}_{window}_{subject or 'each'}",
        scope=scope,
        subject=subject,
        window=window,
        limit_micro=limit,
        starts_ms=None,
        ends_ms=None,
        accounts=accounts,
    )


def budget(project: str, spent: int, limit: int | None, *more: AllocationState) -> BudgetState:
    total = allocation("project", "total", limit, (account(project, spent, limit or 0),))
    return BudgetState(
        project=project,
        limit_micro=limit,
        spent_micro=spent,
        held_micro=0,
        left_micro=None if limit is None else max(0, limit - spent),
        allocations=(total, *more),
    )


def key(
    id: str, name: str, person: str, *, project: str = "nlp-3", state: str = "active", canary: bool = False
):
    return KeySummary(
        id=id,
        name=name,
        last4=id[-4:],
        project=project,
        person=person,
        state=state,
        created_ms=NOW_MS - 30 * DAY_MS,
        expires_ms=NOW_MS + 60 * DAY_MS,
        revoked_ms=None if state != "revoked" else NOW_MS - DAY_MS,
        requests_per_minute=30,
        tokens_per_minute=0,
        requests_per_day=2000,
        running=2,
        canary=canary,
    )


def application(
    id: str, person: str, model: str, use: str, *, project: str = "nlp-3", tier: str = "approved"
):
    return ApplicationSummary(
        id=id,
        project=project,
        person=person,
        model=model,
        tier=tier,
        affiliation="Institute for Computational Linguistics",
        intended_use=use,
        publications="Nair and Khan, “Where answers come from”, 2025",
        purpose="Teaching how language models answer, and where they err",
        agreement_sha256="9f2c41d07be6" + "0" * 52,
        days=90,
        state="open",
        applied_ms=NOW_MS - 5 * HOUR_MS,
        waiting_s=5 * 3600,
        waits_for="a reviewer",
        decided_ms=None,
        decided_by="",
        reason="",
        conditions="",
        until_ms=None,
    )


def ask(id: str, person: str, credits: int, reason: str, *, scope: str = "person", project: str = "nlp-3"):
    return BudgetRequestState(
        id=id,
        project=project,
        person=person,
        scope=scope,
        micro=credits * CREDIT,
        reason=reason,
        created_ms=NOW_MS - 2 * HOUR_MS,
        state="open",
        waits_for="a lead of the project, or a reviewer",
        granted_micro=0,
        decided_by="",
        decided_ms=None,
        decision="",
    )


def usage(lines: tuple[tuple[str, int], ...]) -> UsageReport:
    return UsageReport(
        by="person",
        since_ms=NOW_MS - DAY_MS,
        lines=tuple(
            UsageLine(
                group=group,
                requests=requests,
                prompt_tokens=requests * 300,
                cached_tokens=0,
                completion_tokens=requests * 120,
                gpu_ms=requests * 900,
                wall_ms=requests * 1200,
                gflop=requests * 10_000,
            )
            for group, requests in lines
        ),
    )


PROJECTS = ProjectList(
    projects=(
        project("nlp-3", "Language models, third lesson", ("p.nair",), 31, kind="course"),
        project("llm-eval", "Judging answers", ("d.wu",), 6, kind="evaluation"),
        project("thesis-marek", "Ivo Marek's thesis", ("i.marek",), 1),
        project("health-notes", "[bold red]Notes[/] \x1b]0;owned\x07", ("d.wu", "p.nair"), 4),
        project("old-probe", "Probing, 2025", (), 3, state="closed"),
        project("spring-course", "Begins in spring", ("d.wu",), 0, state="not_begun", kind="course"),
    )
)
MEMBERS = MemberList(
    project="nlp-3",
    members=(
        member("nlp-3", "p.lead", "Dr Paula Lind", part="lead"),
        *(
            member("nlp-3", one, name, state="suspended" if one == "g.ili" else "active")
            for one, name in STUDENTS
        ),
    ),
)
PEOPLE = PersonList(
    people=(
        person("d.wu", "Dr Dan Wu", ("llm-eval", "health-notes"), role="admin"),
        person("p.lead", "Dr Paula Lind", ("nlp-3",), role="reviewer"),
        *(person(one, name, ("nlp-3",)) for one, name in STUDENTS),
    )
)
BUDGET = budget(
    "nlp-3",
    620 * CREDIT,
    1000 * CREDIT,
    allocation("project", "day", 100 * CREDIT, (account("nlp-3", 34 * CREDIT, 100 * CREDIT),)),
    allocation(
        "person",
        "day",
        10 * CREDIT,
        tuple(
            account(one, (n * 7 % 11) * CREDIT, 10 * CREDIT)
            for n, (one, _) in enumerate(STUDENTS)
            if n % 4 != 3
        ),
    ),
    allocation(
        "person",
        "term",
        60 * CREDIT,
        tuple(account(one, (n * 13 % 61) * CREDIT, 60 * CREDIT) for n, (one, _) in enumerate(STUDENTS)),
    ),
)
KEYS = KeyList(
    keys=(
        key("key_3f81c2a9", "laptop", "a.khan"),
        key("key_77b0de41", "[@click=app.quit]notebook", "a.khan", state="revoked"),
        key("key_90aa12fe", "lab machine", "a.khan", state="expired"),
    )
)

ANSWERS: list[tuple[str, Mapping[str, object], Answer]] = [
    ("project.list", {}, PROJECTS),
    ("person.list", {}, PEOPLE),
    ("member.list", {}, MemberList(project="llm-eval", members=(member("llm-eval", "d.wu", "Dr Dan Wu"),))),
    ("member.list", {"project": "nlp-3"}, MEMBERS),
    ("key.list", {"project": "nlp-3"}, KEYS),
    ("budget.show", {"project": "nlp-3"}, BUDGET),
    ("budget.show", {"project": "llm-eval"}, budget("llm-eval", 97 * CREDIT, 100 * CREDIT)),
    ("budget.show", {"project": "thesis-marek"}, budget("thesis-marek", 5 * CREDIT, None)),
    ("budget.show", {"project": "health-notes"}, budget("health-notes", 50 * CREDIT, 50 * CREDIT)),
    ("budget.show", {"project": "old-probe"}, budget("old-probe", 12 * CREDIT, 40 * CREDIT)),
    ("budget.show", {"project": "spring-course"}, budget("spring-course", 0, 500 * CREDIT)),
    (
        "usage",
        {"by": "person"},
        usage(tuple((one, n * 37 % 211) for n, (one, _) in enumerate(STUDENTS) if n % 5)),
    ),
    (
        "access.queue",
        {},
        ApplicationList(
            applications=(
                application("app_51c0a2", "a.khan", "llama-3.1-8b", "Logit lens homework, part two"),
                application(
                    "app_77d1e0",
                    "i.marek",
                    "",
                    "Comparing refusals of models of one family, in Czech and in English, for a thesis",
                    project="thesis-marek",
                    tier="restricted",
                ),
                application(
                    "app_9901bb", "w.kamau", "olmo-2-7b", "[@click=app.quit]read me[/] \x1b[2J\u202etxt.exe"
                ),
            )
        ),
    ),
    (
        "budget.requests",
        {},
        BudgetRequestList(
            requests=(
                ask("req_11", "a.khan", 5, "My loop ran twice over night by mistake"),
                ask("req_12", "d.wu", 250, "Three more models to judge", scope="project", project="llm-eval"),
                ask("req_13", "x.li", 1, "[/foo] \x1b]52;c;ZXZpbA==\x07 please " * 8),
            )
        ),
    ),
]
DIALOGS: list[tuple[str, tuple[str, ...]]] = [
    ("course", ("down", "down", "down", "enter")),
    ("keys", ("down", "down", "down", "enter", "down", "enter")),
    ("key", ("down", "down", "down", "enter", "down", "enter", "enter")),
    ("requests", ("t",)),
    ("application", ("t", "enter")),
    ("budget-request", ("t", "tab", "down", "enter")),
]
"""What is pictured besides, and the keys that open it from the screen."""
