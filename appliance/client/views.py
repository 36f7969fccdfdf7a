"""What a watched topic answers, kept as the result that its action promises.

A change is worked into the result that is there: rows that did not change stay the very same objects, so
that whoever shows thousands of them sees by identity which ones to draw anew.
"""

from typing import Final, get_args, get_origin

import msgspec

from appliance.domain.action import Action
from appliance.domain.watching import Answer, Change, RowsChange, applied


class View:
    """One topic. Nothing is known at first."""

    def __init__(self, known: Action) -> None:
        self._type: Final = known.result
        self._fields: Final = {one.name: one.type for one in msgspec.structs.fields(known.result)}
        self._answer: Answer | None = None
        self._result: msgspec.Struct | None = None

    def after(self, change: Change) -> msgspec.Struct:
        """The result after a change. Raises ``ValueError`` where the change does not fit what was told
        before, ``msgspec.ValidationError`` (one of them) where it is no such result.
        """
        self._answer = applied(self._answer, change)
        self._result = self._changed(self._answer, change)
        return self._result

    def _changed(self, answer: Answer, change: Change) -> msgspec.Struct:
        before = self._result
        if before is None or change.gone or not {*change.set, *change.rows} <= self._fields.keys():
            return msgspec.convert(answer, self._type, str_keys=True)
        whole = {name: self._field(name, value) for name, value in change.set.items()}
        rows = {name: self._rows(before, answer, name, one) for name, one in change.rows.items()}
        return msgspec.structs.replace(before, **whole, **rows)

    def _field(self, name: str, value: object) -> object:
        return msgspec.convert(value, self._fields[name], str_keys=True)

    def _rows(self, before: msgspec.Struct, answer: Answer, name: str, change: RowsChange) -> object:
        kind = self._fields[name]
        if get_origin(kind) is not tuple or get_args(kind)[1:] != (...,):
            return self._field(name, answer[name])
        row_type, old = get_args(kind)[0], getattr(before, name)
        new = {place: msgspec.convert(row, row_type, str_keys=True) for place, row in change.changed.items()}
        return tuple(new[n] if n in new else old[n + change.shift] for n in range(change.length))
