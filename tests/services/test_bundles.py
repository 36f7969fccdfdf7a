"""What a box takes from a bundle and what it puts onto one: decided before the first byte is copied."""

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from appliance.domain.approval import Approval
from appliance.domain.bundle import BundleContents, BundleMade, OfferedRecipe
from appliance.domain.license import LicenseTerms
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm, SamplingDefaults
from appliance.errors import (
    BadRequest,
    ConfigInvalid,
    Conflict,
    IntegrityFailed,
    ModelNotFound,
    NotAllowed,
    NotFound,
    NotLicensed,
    StorageUnavailable,
    TryAgain,
)
from appliance.services.bundles.attended import Attended
from appliance.services.bundles.creating import Creating
from appliance.services.bundles.installing import Installing
from appliance.services.bundles.service import BundleService

TEXT = "a" * 64
FILE = RecipeFile("x.gguf", 100, "1" * 64)
SIGNER = "the-thumbprint"


def recipe(name: str, **changes: object) -> Recipe:
    made = Recipe(
        id=name, revision=1, title=name.title(), summary="A test.", terms=LicenseTerms("MIT"), tier="open",
        context_tokens=64, max_sequences=1, chat_template=None, add_bos=False,
        forms=(RecipeForm("q8", "fake", (FILE,)),), defaults=SamplingDefaults(),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def offered(name: str, **changes: object) -> OfferedRecipe:
    made = OfferedRecipe(
        id=name, revision=1, title=name.title(), sha256="2" * 64, forms=("q8",),
        approved_by="approved by this lab", license="MIT", redistribution="yes", acceptance="none",
        license_sha256="", catalog="",
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


@dataclass
class FakeBundle:
    contents: BundleContents
    log: list[object]
    lacking: tuple[str, ...] = ()
    room: int = -1

    def folder_of_catalog(self, name: str) -> Path:
        return Path("/stick/catalogs") / name

    def recipe(self, recipe_id: str) -> bytes:
        return recipe_id.encode()

    def license(self, sha256: str) -> bytes:
        return sha256.encode()

    def lacks(self, files):
        return [one.name for one in files if one.name in self.lacking]

    def missing_room(self, files):
        return self.room

    def take(self, files, tell):
        tell("taking")
        self.log.append(("take", [one.name for one in files]))


@dataclass
class Box:
    """Everything that the service talks to."""

    recipes: dict[str, Recipe] = field(default_factory=dict)
    log: list[object] = field(default_factory=list)
    in_folders: bool = True
    bundle: FakeBundle = None  # type: ignore[assignment]
    trusted: dict[str, Recipe] = field(default_factory=dict)
    may_approve: bool = True
    sound: bool = True

    def __post_init__(self) -> None:
        self.put(offered("open"))

    def put(self, *lines: OfferedRecipe, **changes: object) -> None:
        contents = BundleContents(
            recipient="us", version="1", created_ms=1, signer=SIGNER, size_bytes=100, files=3, recipes=lines,
            missing=(), wrong=(), extra=(), read_all=False, program={},
        )  # fmt: skip
        self.bundle = FakeBundle(replace(contents, **changes), self.log)  # type: ignore[arg-type]

    # catalog
    def find(self, model_id: str):
        found = self.recipes.get(model_id.partition("@")[0])
        if found is None:
            raise ModelNotFound("none")
        form = found.form_of(model_id)
        if form is None:
            raise ModelNotFound("none")
        return found, form

    def toml_of(self, recipe_id: str) -> bytes:
        return recipe_id.encode()

    # approving
    def approve(self, toml: bytes, who: str, license_text: bytes) -> None:
        if not self.may_approve:
            raise ConfigInvalid("The folder cannot be written.")
        name = toml.decode()
        self.log.append(("approve", name, license_text))
        self.recipes[name] = recipe(name, approval=Approval("lab"))

    # signed catalogs
    def mirror_of(self, name: str):
        return ((f"{name}.json", b"x"),)

    async def bring(self, name: str, folder: Path) -> None:
        self.log.append(("bring", name))
        self.recipes |= self.trusted

    # files
    def folder_of(self, recipe: Recipe, form: RecipeForm):
        return Path("/models") / recipe.id if self.in_folders else None

    def text(self, sha256: str):
        return "the text"

    # licenses
    def check(self, recipe: Recipe, act, form=None) -> None:
        self.log.append(("check", recipe.id, str(act)))
        if recipe.terms.acceptance != "none" and ("accept", recipe.id) not in self.log:
            raise NotLicensed("Accept it first.", lacks="acceptance")

    async def accept(
        self, recipe: Recipe, *, text_sha256: str, who: str, authority: str, purpose: str
    ) -> None:
        self.log.append(("accept", recipe.id))

    # files of the store
    async def inspect(self, recipe, form, files):
        if not self.sound:
            raise IntegrityFailed("not a model")
        self.log.append(("inspect", sorted(files)))

    def blob(self, sha256: str) -> Path:
        return Path("/blobs") / sha256

    def has(self, file: RecipeFile) -> bool:
        return False

    def place(self, recipe_id: str, files) -> Path:
        self.log.append(("place", recipe_id))
        return Path("/models") / recipe_id

    # tasks
    @contextmanager
    def begin(self):
        yield self.log.append

    # maker and program
    def prepare(self) -> None:
        self.log.append("prepare")

    def make(self) -> BundleMade:
        self.log.append("make")
        return BundleMade(100, 3, 0, SIGNER)

    async def fill(self, folder: Path, tell) -> None:
        self.log.append(("fill", str(folder)))

    def now_ms(self) -> int:
        return 7

    def monotonic_s(self) -> float:
        return 0.0


def service(box: Box) -> BundleService:
    orders: list[object] = []

    def maker(order, tell):
        orders.append(order)
        box.log.append(order)
        return box

    creating = Creating(
        catalog=box, files=box, texts=box, catalogs=box, maker=maker, program=box, clock=box, version="1"
    )
    installing = Installing(
        open_bundle=lambda folder: box.bundle, catalog=box, catalogs=box, approving=box, permits=box,
        accepting=box, inspector=box, blobs=box,
    )  # fmt: skip
    return BundleService(creating, installing, box)


async def install(box: Box, **given: str):
    names = ("model", "accept_license", "who", "authority", "purpose", "trust_key")
    return await service(box).install(folder="/stick", **{name: given.get(name) for name in names})


async def create(box: Box, models: str = "open", **given):
    words = {"to": "/stick/b", "recipient": "Lab B", "with_installer": False, "piece_mib": 4000, **given}
    return await service(box).create(models=models, **words)


def copied(box: Box) -> bool:
    return any(isinstance(one, tuple) and one[0] in {"take", "place"} for one in box.log)


# ---- installing ----


async def test_a_known_recipe_is_taken_inspected_and_placed_in_this_order():
    box = Box({"open": recipe("open")})
    done = await install(box)
    steps = [one for one in box.log if isinstance(one, tuple)]
    assert steps == [
        ("check", "open", "pull"), ("take", ["x.gguf"]), ("inspect", ["x.gguf"]), ("place", "open"),
    ]  # fmt: skip
    assert done.models[0].id == "open"
    assert done.models[0].fresh_bytes == 100


async def test_a_recipe_that_nobody_approved_is_refused_with_the_key_to_compare():
    box = Box()
    with pytest.raises(NotAllowed, match=f"--trust-key {SIGNER}"):
        await install(box)
    assert not copied(box)


async def test_naming_the_signers_key_approves_its_recipes_for_this_lab():
    box = Box()
    box.put(offered("campus", license_sha256=TEXT))
    done = await install(box, trust_key=SIGNER)
    assert ("approve", "campus", TEXT.encode()) in box.log
    assert done.models[0].approved_by == "approved by this lab"


async def test_another_key_than_the_trusted_one_is_refused_even_for_known_recipes():
    box = Box({"open": recipe("open")})
    with pytest.raises(IntegrityFailed, match="not by the one that you trust"):
        await install(box, trust_key="another")
    assert not copied(box)


async def test_a_draft_of_this_box_is_no_approval():
    box = Box({"open": recipe("open", draft=True)})
    with pytest.raises(NotAllowed):
        await install(box)


async def test_a_catalog_that_is_trusted_brings_its_recipe_up_to_date_first():
    box = Box(trusted={"uni": recipe("uni", approval=Approval("catalog", "campus"))})
    box.put(offered("uni", catalog="campus"))
    await install(box)
    assert ("bring", "campus") in box.log
    assert ("place", "uni") in box.log


async def test_a_catalog_that_is_not_trusted_is_named_with_both_ways_out():
    box = Box()
    box.put(offered("uni", catalog="campus"))
    with pytest.raises(NotAllowed, match="carrel catalog trust"):
        await install(box)


async def test_where_the_gateway_may_not_approve_the_command_is_told():
    box = Box(may_approve=False)
    box.put(offered("campus"))
    with pytest.raises(ConfigInvalid, match="carrel recipe approve"):
        await install(box, trust_key=SIGNER)


@pytest.mark.parametrize("amiss", [{"missing": ("a",)}, {"wrong": ("b",)}, {"extra": ("c",)}])
async def test_a_bundle_that_is_not_whole_is_refused_by_what_is_amiss(amiss):
    box = Box({"open": recipe("open")})
    box.put(offered("open"), **amiss)
    with pytest.raises(IntegrityFailed, match=next(iter(amiss.values()))[0]):
        await install(box)
    assert not copied(box)


async def test_a_license_that_nobody_accepted_stops_it_before_a_byte_is_copied():
    terms = LicenseTerms("LicenseRef-X", text_sha256=TEXT, acceptance="institution")
    box = Box({"open": recipe("open", terms=terms)})
    with pytest.raises(NotLicensed):
        await install(box)
    assert not copied(box)
    with pytest.raises(NotLicensed):
        await install(box, accept_license="b" * 64, who="A", authority="head", purpose="a course")
    done = await install(box, accept_license="A" * 12, who="A", authority="head", purpose="a course")
    assert done.models


async def test_an_acceptance_by_nobody_in_particular_is_refused():
    terms = LicenseTerms("LicenseRef-X", text_sha256=TEXT, acceptance="institution")
    box = Box({"open": recipe("open", terms=terms)})
    with pytest.raises(BadRequest, match="--authority"):
        await install(box, accept_license=TEXT, who="A")
    with pytest.raises(BadRequest, match="12 digits"):
        await install(box, accept_license="aaaa", who="A", authority="head", purpose="x")


async def test_a_recipe_that_wants_other_files_than_the_bundle_has_is_refused():
    box = Box({"open": recipe("open")})
    box.bundle.lacking = ("x.gguf",)
    with pytest.raises(IntegrityFailed, match="newer bundle"):
        await install(box)


async def test_too_little_room_is_told_before_a_byte_is_copied():
    box = Box({"open": recipe("open")})
    box.bundle.room = 5 * 10**9
    with pytest.raises(StorageUnavailable, match=r"5\.00 GB too few"):
        await install(box)
    assert not copied(box)


async def test_only_the_model_that_was_asked_for_is_taken():
    box = Box({"open": recipe("open"), "other": recipe("other")})
    box.put(offered("open"), offered("other"))
    done = await install(box, model="other")
    assert [one.id for one in done.models] == ["other"]
    with pytest.raises(ModelNotFound, match="open@q8, other@q8"):
        await install(box, model="third")


async def test_files_that_are_no_model_inside_are_not_placed():
    box = Box({"open": recipe("open")}, sound=False)
    with pytest.raises(IntegrityFailed):
        await install(box)
    assert ("place", "open") not in box.log


# ---- creating ----


async def test_what_is_on_it_is_told_with_the_key_to_give_on():
    box = Box({"open": recipe("open"), "uni": recipe("uni", approval=Approval("catalog", "campus"))})
    done = await create(box, "open, uni")
    order = next(one for one in box.log if hasattr(one, "recipient"))
    assert (done.signer, done.models) == (SIGNER, ("open@q8", "uni@q8"))
    assert order.catalogs == (("campus", (("campus.json", b"x"),)),)
    assert order.piece_bytes == 4000 * 2**20
    assert box.log[-2:] == ["prepare", "make"]


async def test_the_program_is_put_there_between_room_and_signature():
    box = Box({"open": recipe("open")})
    await create(box, with_installer=True)
    assert box.log[-3:] == ["prepare", ("fill", "/stick/b/program"), "make"]


async def test_a_model_without_files_is_pulled_first():
    with pytest.raises(NotFound, match="carrel model pull open"):
        await create(Box({"open": recipe("open")}, in_folders=False))


async def test_a_draft_and_no_model_at_all_are_refused():
    with pytest.raises(ModelNotFound, match="draft"):
        await create(Box({"open": recipe("open", draft=True)}))
    with pytest.raises(BadRequest, match="1 to 64 models"):
        await create(Box(), " , ")


async def test_one_at_a_time():
    box = Box({"open": recipe("open")})
    going, entered = asyncio.Event(), asyncio.Event()

    async def fill(folder, tell):
        entered.set()
        await going.wait()

    box.fill = fill  # type: ignore[method-assign]
    carrying = service(box)
    words = {"to": "/b", "recipient": "B", "with_installer": True, "piece_mib": 1}
    first = asyncio.create_task(carrying.create(models="open", **words))
    await entered.wait()
    with pytest.raises(Conflict):
        await carrying.create(models="open", **words)
    going.set()
    assert await first


async def test_work_that_nobody_waits_for_ends_at_its_next_word():
    attended = Attended(lambda line: None)
    loop, started, left, said = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event(), asyncio.Event()
    heard = []

    def work():
        loop.call_soon_threadsafe(started.set)
        asyncio.run_coroutine_threadsafe(left.wait(), loop).result(10)
        try:
            attended.tell("still here")
        except TryAgain as error:
            heard.append(error)
        loop.call_soon_threadsafe(said.set)

    task = asyncio.create_task(attended.run(work))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    left.set()
    await said.wait()
    assert heard
