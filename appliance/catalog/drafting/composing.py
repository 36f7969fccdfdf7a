"""Puts a recipe together from what its source lists and its files say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from appliance.catalog.drafting.beside import Beside
from appliance.catalog.drafting.listing import FileSet, file_sets
from appliance.catalog.drafting.naming import form_name, without_doubles
from appliance.catalog.drafting.ports import Inspect, Remember, Source, Tell
from appliance.catalog.drafting.shapes import memory_toml
from appliance.catalog.drafting.whole import Drafted, whole
from appliance.catalog.drafting.wishes import Wishes
from appliance.catalog.file_shape import FileToml
from appliance.catalog.form_shape import FormToml
from appliance.domain.inspection import Inspection
from appliance.domain.listing import ListedFile
from appliance.domain.recipe import Pooling, Precision
from appliance.errors import BadRequest

_MOST_FORMS: Final = 8
_OF_FORMAT: Final = {"gguf": "llama_cpp", "folder": "torch"}


@dataclass(frozen=True, slots=True)
class Composer:
    """Looks into files through ``inspect``; ``tell`` hears what takes its time."""

    inspect: Inspect
    remember: Remember
    tell: Tell

    def compose(self, source: Source, wishes: Wishes) -> Drafted:
        """A recipe of all that is there. Raises ``BadRequest`` with the next step, ``IntegrityFailed`` for
        files that are no model, and what the source raises.
        """
        beside = Beside(source)
        sets = _chosen(file_sets(source.files(), wishes.patterns), wishes)
        found = [self.look(source, one, wishes.engine, beside.pooling) for one in sets]
        empty = _empty_forms(sets, found, wishes)
        forms = [self.form(source, *one) for one in zip(sets, empty, found, strict=True)]
        forms.sort(key=_far_from_eight_bits)
        return whole(source, wishes, found[0], forms, beside)

    def look(self, source: Source, files: FileSet, engine: str, pooling: Pooling) -> Inspection:
        """What one set's own files say."""
        self.tell(f"Reading the header of {files.files[-1].name} …")
        with source.laid_out(files.files) as places:
            return self.inspect(places, engine=engine or _OF_FORMAT[files.format], pooling=pooling)

    def form(self, source: Source, files: FileSet, form: FormToml, said: Inspection) -> FormToml:
        """``form`` with every file by size and hash, and with what it needs of memory."""
        memory = form.memory
        if memory is None and said.shapes is not None:
            memory = memory_toml(self.remember(said.shapes, files.size_bytes, form.precision or ""))
        listed = tuple(self._file(source, one) for one in files.files)
        return msgspec.structs.replace(form, files=listed, memory=memory)

    def _file(self, source: Source, one: ListedFile) -> FileToml:
        if not one.sha256:
            self.tell(f"Hashing {one.name} ({one.size_bytes:,} bytes) …")
        return FileToml(
            name=one.name,
            size_bytes=one.size_bytes,
            sha256=source.sha256(one),
            path=one.path if one.path != one.name else None,
        )


def _chosen(sets: list[FileSet], wishes: Wishes) -> list[FileSet]:
    if wishes.engine:
        wanted = "gguf" if wishes.engine == "llama_cpp" else "folder"
        sets = [one for one in sets if one.format == wanted]
        if not sets:
            raise BadRequest(
                f"There are no files that {wishes.engine} runs; leave --engine out.", param="engine"
            )
    if len(sets) > (1 if wishes.form else _MOST_FORMS):
        names = ", ".join(one.files[0].name for one in sets[:_MOST_FORMS])
        raise BadRequest(
            f"There are {len(sets)} ways of holding this model ({names} …); choose with --files, such as "
            f"--files {sets[0].files[0].name}.",
            param="files",
        )
    return sets


def _empty_forms(sets: Sequence[FileSet], found: Sequence[Inspection], wishes: Wishes) -> list[FormToml]:
    """By name, engine and precision. A name that was asked for is that of the only set."""
    precisions = [_precision(*one, wishes) for one in zip(sets, found, strict=True)]
    names = without_doubles([form_name(*one) for one in zip(sets, precisions, strict=True)])
    return [
        FormToml(
            name=wishes.form or name,
            engine=wishes.engine or _OF_FORMAT[one.format],
            precision=precision or None,
        )
        for one, name, precision in zip(sets, names, precisions, strict=True)
    ]


def _precision(files: FileSet, said: Inspection, wishes: Wishes) -> Precision:
    """GGUF has its own, which no engine changes."""
    return (wishes.precision or said.precision or "bfloat16") if files.format == "folder" else ""


def _far_from_eight_bits(form: FormToml) -> int:
    """The form that is nearest to 8 bits a weight is the default: half the memory of 16, for next to nothing
    in faithfulness.
    """
    memory = form.memory
    return round(abs(8 * memory.weight_bytes / memory.parameters - 8)) if memory else 0
