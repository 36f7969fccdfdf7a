"""`carrel recipe`: a lab's own recipes, approved and withdrawn here, with or without a running box."""

import pwd
import time
from typing import Final

from appliance.catalog.approving import Approver
from appliance.catalog.drafting.wishes import Wishes
from appliance.catalog.license_texts import MOST_BYTES
from appliance.catalog.places import recipes_folder
from appliance.catalog.recipes import MAX_RECIPE_BYTES
from appliance.catalog.schema import recipe_schema
from appliance.cli.desk import Desk, expected
from appliance.cli.given_files import read_given
from appliance.domain.recipe import Precision
from appliance.domain.results import RecipeApproved, RecipeList, RecipeSchema, RecipeWithdrawn, RecipeWritten
from appliance.errors import ConfigInvalid, GatewayNotRunning, NotAllowed
from appliance.wiring.catalog import catalog_of, lab_recipes, license_texts


def approve(desk: Desk, *, file: str, who: str | None, license_text: str | None) -> RecipeApproved:
    """Raises what ``Approver.approve`` raises, and ``ConfigInvalid`` for files that cannot be read."""
    raw = read_given(file, MAX_RECIPE_BYTES)
    text = read_given(license_text, MOST_BYTES) if license_text else b""
    signer = who or _user(desk)
    approval = _approver(desk).approve(raw, signer, int(time.time() * 1000), license_text=text)
    told = _reload(desk)
    line = next((one for one in told.recipes if one.id == approval.id), None) if told else None
    if told and (line is None or line.reason):
        reason = line.reason if line else "It reads other folders than this command."
        raise ConfigInvalid(f"The approval is written, and the box that runs does not use it. {reason}")
    return RecipeApproved(
        id=approval.id,
        revision=approval.revision,
        sha256=approval.sha256,
        approved_by="approved by this lab",
        who=approval.who,
        in_use=told is not None,
    )


def withdraw(desk: Desk, *, id: str) -> RecipeWithdrawn:
    """Raises ``NotFound``, ``ConfigInvalid``."""
    kept = _approver(desk).withdraw(id)
    return RecipeWithdrawn(id=id, in_use=_reload(desk) is not None, kept=str(kept))


def schema(_desk: Desk) -> RecipeSchema:
    """Of the recipes that this version reads."""
    return RecipeSchema(text=recipe_schema().decode())


def _approver(desk: Desk) -> Approver:
    places = desk.places
    if desk.socket != places.admin_socket:
        raise NotAllowed("The box of this machine is the system's: do this as root, with sudo.")
    return Approver(
        catalog=catalog_of(desk.settings()),
        lab=lab_recipes(places),
        texts=license_texts(places, recipes_folder()),
        licenses=places.licenses_dir,
    )


def _reload(desk: Desk) -> RecipeList | None:
    """What the running box knows now; None where none runs."""
    try:
        with desk.gateway() as gateway:
            return expected(gateway.run("recipe.reload"), RecipeList)
    except GatewayNotRunning:
        return None


def _user(desk: Desk) -> str:
    """Whoever became root by sudo is named, not root."""
    try:
        own = pwd.getpwuid(desk.around.uid).pw_name
    except KeyError:
        own = f"user {desk.around.uid}"
    return desk.around.environ.get("SUDO_USER", "").strip() or own


def new(
    desk: Desk,
    *,
    source: str,
    id: str | None,
    form: str | None,
    files: str | None,
    engine: str | None,
    precision: Precision | None,
    license: str | None,
) -> RecipeWritten:
    """Raises what ``Composer.compose`` and ``Completer.complete`` raise, ``NotFound`` for no such source."""
    from appliance.cli.drafting import write_recipe  # noqa: PLC0415 - approving needs none of it

    wishes = Wishes(
        id=id or "",
        form=form or "",
        patterns=tuple(one.strip() for one in (files or "").split(",") if one.strip()),
        engine=engine or "",
        precision=precision or "",
        license=license or "",
    )
    return write_recipe(desk, source, wishes)


HANDLERS: Final = {"new": new, "approve": approve, "schema": schema, "withdraw": withdraw}
