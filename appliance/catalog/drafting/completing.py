"""Completes a draft: what it leaves open of its files is taken from a source, its own or another one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from appliance.catalog.drafting.composing import Composer
from appliance.catalog.drafting.listing import by_path, file_sets
from appliance.catalog.drafting.ports import Source
from appliance.catalog.drafting.shapes import source_toml
from appliance.catalog.drafting.whole import Drafted
from appliance.catalog.drafting.wishes import Wishes
from appliance.catalog.file_shape import FileToml
from appliance.catalog.form_shape import FormToml
from appliance.catalog.missing import missing_of
from appliance.catalog.source_shape import HubToml, SourceToml
from appliance.catalog.toml_shape import RecipeToml
from appliance.domain.listing import ListedFile
from appliance.errors import BadRequest, IntegrityFailed, NotFound

OpenHub = Callable[[HubToml], Source]
"""A repository at the commit that is named, or at the newest one."""
_SAYS_DRAFT: Final = "This recipe is a draft"
"""How the limit begins that every draft names, and that ends with it."""


@dataclass(frozen=True, slots=True)
class Completer:
    """``hub`` opens the draft's own repository. What a source has must agree with all that the draft says."""

    composer: Composer
    hub: OpenHub

    def complete(self, draft: RecipeToml, wishes: Wishes, given: Source | None = None) -> Drafted:
        """The draft with its files known, from ``given`` where that is said. With ``wishes.form`` that form
        alone is looked at, and those that are not complete are left out.

        Raises ``BadRequest`` where it names no source, ``NotFound``, ``IntegrityFailed`` where a hash
        differs, and what the source raises.
        """
        chosen = [one for one in draft.forms if wishes.form in {"", one.name}]
        if not chosen:
            names = ", ".join(one.name for one in draft.forms)
            raise NotFound(f"{draft.id} has no form {wishes.form}; it has {names}.", param="form")
        shared = given or self._opened(draft.sources)
        done = {one.name: self._form(one, shared, given, wishes) for one in chosen}
        forms = [done.get(one.name, one) for one in draft.forms]
        if wishes.form:
            forms = [one for one in forms if one.files and not _lacks(one)]
        completed = msgspec.structs.replace(
            draft,
            license=wishes.license or draft.license,
            forms=tuple(forms),
            sources=_with(draft.sources, shared),
            known_limits=tuple(one for one in draft.known_limits if not one.startswith(_SAYS_DRAFT)),
        )
        return _finished(completed)

    def _opened(self, sources: Sequence[SourceToml]) -> Source | None:
        found = next((one for one in sources if isinstance(one, HubToml)), None)
        return self.hub(found) if found else None

    def _form(self, form: FormToml, shared: Source | None, given: Source | None, wishes: Wishes) -> FormToml:
        source = given or self._opened(form.sources) or shared
        if source is None:
            raise BadRequest(
                f"Form {form.name} names no repository of the hub; write one into its `sources`, or name a "
                "folder and the draft: `carrel recipe new FOLDER --id DRAFT`."
            )
        filled = self._filled(form, source, wishes)
        return msgspec.structs.replace(filled, sources=_with(form.sources, source) if form.sources else ())

    def _filled(self, form: FormToml, source: Source, wishes: Wishes) -> FormToml:
        if form.files:
            listed = by_path(source.files())
            files = tuple(_agreed(one, source, listed.get(one.path or one.name)) for one in form.files)
            return msgspec.structs.replace(form, files=files)
        wanted = "gguf" if form.engine == "llama_cpp" else "folder"
        sets = [one for one in file_sets(source.files(), wishes.patterns) if one.format == wanted]
        if len(sets) != 1:
            raise BadRequest(
                f"{source.name} has {len(sets)} sets of files that {form.engine} could run as form "
                f"{form.name}; choose with --files.",
                param="files",
            )
        said = self.composer.look(source, sets[0], form.engine, "")
        return self.composer.form(source, sets[0], form, said)


def _agreed(file: FileToml, source: Source, there: ListedFile | None) -> FileToml:
    if there is None:
        raise NotFound(f"{source.name} has no file {file.path or file.name}; choose a form with --form.")
    if file.size_bytes not in {None, there.size_bytes}:
        raise IntegrityFailed(f"{file.name} has another size in {source.name} than the draft says.")
    found = source.sha256(there)
    if file.sha256 not in {None, found}:
        raise IntegrityFailed(f"{file.name} has another hash in {source.name} than the draft says.")
    return msgspec.structs.replace(file, size_bytes=there.size_bytes, sha256=found)


def _with(sources: Sequence[SourceToml], opened: Source | None) -> tuple[SourceToml, ...]:
    """The place that was looked at, and the others as far as they say which commit they mean."""
    if opened is None:
        return tuple(sources)
    place = source_toml(opened.place)
    same = [one for one in sources if _is_same(one, place)]
    others = [one for one in sources if one not in same and not _is_moving(one)]
    return (place, *others)


def _is_same(one: SourceToml, place: SourceToml) -> bool:
    if isinstance(one, HubToml) and isinstance(place, HubToml):
        return one.repository == place.repository
    return one == place


def _is_moving(one: SourceToml) -> bool:
    return isinstance(one, HubToml) and one.commit is None


def _lacks(form: FormToml) -> bool:
    return any(one.size_bytes is None or one.sha256 is None for one in form.files)


def _finished(recipe: RecipeToml) -> Drafted:
    """No draft any more, where nothing is missing."""
    missing = missing_of(recipe)
    head = ["Completed by `carrel recipe new`. Read all of it, then `carrel recipe approve FILE`."]
    head += [f"Missing: {one}." for one in missing]
    return Drafted(msgspec.structs.replace(recipe, draft=bool(missing)), {"": head})
