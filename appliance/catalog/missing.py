"""What a draft still lacks, each as a thing to do for whoever completes it."""

from collections.abc import Iterator

from appliance.catalog.file_shape import FileToml
from appliance.catalog.form_shape import FormToml
from appliance.catalog.license_shape import OPEN_LICENSES
from appliance.catalog.source_shape import HubToml, SourceToml
from appliance.catalog.toml_shape import RecipeToml


def missing_of(recipe: RecipeToml) -> tuple[str, ...]:
    """Empty where nothing but the word ``draft`` keeps it from being approved."""
    return (*_terms(recipe), *_places(recipe.sources, "`sources`"), *_forms(recipe))


def _terms(recipe: RecipeToml) -> Iterator[str]:
    if isinstance(recipe.license, str) and recipe.license not in OPEN_LICENSES:
        yield (
            f"the terms: `license` is {recipe.license}, which is none of the open ones, so read its text and "
            "write them as a table `[license]`"
        )


def _forms(recipe: RecipeToml) -> Iterator[str]:
    for form in recipe.forms:
        yield from _form(form)
    yield from _files(recipe.unserved_files, "`unserved_files`")


def _form(form: FormToml) -> Iterator[str]:
    if not form.files:
        yield f"the `files` of form {form.name}"
    yield from _files(form.files, f"form {form.name}")
    yield from _places(form.sources, f"`sources` of form {form.name}")


def _files(files: tuple[FileToml, ...], where: str) -> Iterator[str]:
    for file in files:
        for field in ("size_bytes", "sha256"):
            if getattr(file, field) is None:
                yield f"`{field}` of {file.name} in {where}"


def _places(sources: tuple[SourceToml, ...], where: str) -> Iterator[str]:
    for source in sources:
        if isinstance(source, HubToml) and source.commit is None:
            yield f"`commit` of {source.repository} in {where}"
