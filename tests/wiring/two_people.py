"""A whole gateway in this process, without a model, and two people in two projects who each have one of
everything.
"""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec

from appliance.config import Surroundings, UserFolders, load_settings, prepare_places
from appliance.domain.oversight import Trip
from appliance.domain.people import Caller
from appliance.policy.tripwires.wires import BURST
from appliance.wiring.gateway import Gateway, build
from appliance.wiring.overnight import working
from appliance.wiring.system_clock import SystemClock
from tests.no_certificates import NO_CERTIFICATES
from tests.system.box import free_port

MARK = "zq7391"
"""In every text that anybody of the first project gives. No hash has it in it by chance."""
LINE = {"custom_id": "a", "method": "POST", "url": "/v1/completions", "body": {"model": "m", "prompt": "x"}}


class Quiet:
    def info(self, event, **fields): ...

    warning = error = info


@dataclass
class Belongings:
    """Ids of what one person has, or of nothing."""

    project: str
    person: str
    key: str = "key_000000000000"
    secret: str = ""
    file: str = "file-000000000000000000000000"
    batch: str = "batch_000000000000000000000000"
    application: str = "app_000000000000"
    budget_request: str = "req_000000000000"
    allocation: str = "alc_000000000000"
    incident: str = "inc_000000000000"
    report: str = "rep_000000000000"
    lesson: str = "no-such-class"
    pattern: str = "templated"

    @property
    def ids(self) -> set[str]:
        """All of them but the secret."""
        return {value for name, value in vars(self).items() if name not in {"secret", "pattern"}}

    @property
    def exported(self) -> set[str]:
        """Those that an export of the person has: a lead sits in no class."""
        return self.ids - {self.allocation, self.lesson}


NOTHING = Belongings("no-such-project", "nobody")


@dataclass
class TwoPeople:
    """Ada leads one project, Bob another; nobody belongs to both."""

    gateway: Gateway
    http: httpx.AsyncClient
    socket: httpx.AsyncClient
    ada: Belongings = field(default_factory=lambda: Belongings(f"alpha-{MARK}", f"ada-{MARK}"))
    bob: Belongings = field(default_factory=lambda: Belongings("beta", "bob"))

    async def run(self, name, /, **arguments):
        """As who runs the box, at the admin socket."""
        answer = await self.socket.post(f"/admin/v1/{name.replace('.', '/')}", json=arguments)
        assert answer.status_code == 200, (name, answer.text)
        return answer.json()

    async def ask(self, who: Belongings, method: str, path: str, body=None) -> httpx.Response:
        headers = {"authorization": f"Bearer {who.secret}"}
        content = None if body is None else msgspec.json.encode(body)
        return await self.http.request(method, path, content=content, headers=headers)

    async def settle(self, who: Belongings, word: str) -> None:
        """Give somebody one of everything, with ``word`` in each text."""
        await self.run("project.new", project=who.project, title=f"Title {word}", kind="course")
        await self.run("person.new", person=who.person, name=f"Name {word}", project=who.project, lead=True)
        issued = await self.run("key.new", name=f"label {word}", project=who.project, person=who.person)
        who.key, who.secret = issued["id"], issued["key"]
        await self._send_work(who, word)
        await self._ask_for_things(who, word)
        await self._teach(who, word)
        await self._be_noticed(who)

    async def in_both(self) -> tuple[Belongings, Belongings]:
        """Cy, who belongs to both projects, and what they have in each. The key in the second is one that Bob
        made, who leads it, while Cy was in no other.
        """
        first, second = Belongings(self.ada.project, "cy"), Belongings(self.bob.project, "cy")
        await self.run("person.new", person="cy", name="Cy", project=second.project)
        wish = {"name": "for cy", "person": "cy"}
        made = await self._got(self.bob, f"/v1/projects/{second.project}/key/new", wish)
        second.key, second.secret = made["id"], made["key"]
        await self.run("member.add", project=first.project, person="cy")
        made = await self.run("key.new", name="own", project=first.project, person="cy")
        first.key, first.secret = made["id"], made["key"]
        for who in (first, second):
            await self._send_work(who, "cy")
            await self._report(who, "cy")
        return first, second

    async def _send_work(self, who, word):
        sent = await self.http.post(
            "/v1/files",
            data={"purpose": "batch"},
            files={"file": (f"{word}.jsonl", msgspec.json.encode(LINE))},
            headers={"authorization": f"Bearer {who.secret}"},
        )
        who.file = sent.json()["id"]
        wanted = {"input_file_id": who.file, "endpoint": "/v1/completions", "completion_window": "24h"}
        who.batch = (await self._got(who, "/v1/batches", {**wanted, "metadata": {"m": word}}))["id"]

    async def _ask_for_things(self, who, word):
        limit = {"person": who.person, "credits": "10"}
        await self._got(who, f"/v1/projects/{who.project}/budget/set", limit)
        wish = {"credits": "5", "reason": f"for {word}"}
        asked = await self._got(who, "/v1/me/budget/request", wish)
        who.budget_request = _id_in(asked, "req_", "bud_", "brq_")
        shown = await self._got(who, f"/v1/projects/{who.project}/budget/show", {})
        who.allocation = _id_in(shown, "alc_")
        agreement = await self._got(who, "/v1/me/agreement/show", {"kind": "access"})
        form = {"affiliation": f"Lab {word}", "intended_use": f"use {word}", "tier": "approved"}
        hashed = next(value for value in _texts(agreement) if len(value) == 64)
        applied = await self._got(who, "/v1/me/access/apply", {**form, "agreement": hashed})
        who.application = applied["id"]
        await self._report(who, word)

    async def _report(self, who, word):
        flaw = {"model": "handbook-tiny", "seed": 1, "severity": "low", "category": "bias"}
        reported = {**flaw, "description": f"seen by {word}", "prompt_sha256": "ab" * 32}
        who.report = (await self._got(who, "/v1/reports", reported))["id"]

    async def _teach(self, who, word):
        roster = f"Name,Username\nStudent {word},student-{word}\n"
        wish = {"name": f"lesson-{word}", "title": f"Lesson {word}", "models": "handbook-tiny"}
        made = await self._got(who, f"/v1/projects/{who.project}/class/new", {**wish, "roster": roster})
        who.lesson = made["id"]

    async def _be_noticed(self, who):
        seen = self.gateway.oversight
        caller = Caller(who.key, who.person, who.project)
        seen.book.tripped(caller, seen.wires.all[BURST], Trip(BURST, 150, 200))
        await seen.book.flush()
        (found,) = await self.gateway.store.incidents.page(project=who.project, state=None, limit=9)
        who.incident = found.id

    async def _got(self, who, path, body):
        answer = await self.ask(who, "POST", path, body)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()


@asynccontextmanager
async def two_people(folder: Path, **environment: str):
    """The gateway listens; no model runs."""
    port = free_port()
    around = {"CARREL_HOME": str(folder / "box"), "CARREL_PORT": str(port), **environment}
    user = UserFolders(folder, folder, folder, folder)
    settings = load_settings(Surroundings(around, 1000, 4, user), {})
    prepare_places(settings.places)
    gateway = await build(settings, clock=SystemClock(), log=Quiet())
    async with working(gateway.overnight, gateway.store, Quiet()):
        await gateway.public.start()
        await gateway.admin.start()
        url = f"http://127.0.0.1:{port}"
        uds = httpx.AsyncHTTPTransport(uds=str(settings.places.admin_socket), verify=NO_CERTIFICATES)
        async with (
            httpx.AsyncClient(base_url=url, verify=NO_CERTIFICATES, timeout=60) as http,
            httpx.AsyncClient(transport=uds, base_url="http://carrel", timeout=60) as socket,
        ):
            there = TwoPeople(gateway, http, socket)
            await there.settle(there.ada, MARK)
            await there.settle(there.bob, "bob")
            yield there
        await gateway.overnight.batches.close()
        await gateway.public.stop(1)
        await gateway.admin.stop(1)
    await gateway.generator.close(0)
    await gateway.models.close()
    await asyncio.to_thread(gateway.xids.stop)
    await asyncio.to_thread(gateway.store.close)


def _texts(told):
    match told:
        case dict():
            return [one for value in told.values() for one in _texts(value)]
        case list():
            return [one for value in told for one in _texts(value)]
        case str():
            return [told]
        case _:
            return []


def _id_in(told, *prefixes):
    return next(text for text in _texts(told) if text.startswith(prefixes))
