"""How it is written down where a table names persons, and the SQL that follows from it.

All names in it are constants of the program; values are always parameters: ``:old``, ``:new``.
"""

from dataclasses import dataclass
from typing import Final

IN_ALL: Final = "1"


@dataclass(frozen=True, slots=True)
class Owned:
    """A column with the id of the person whose row it is, in the rows where ``where`` holds."""

    column: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Through:
    """Rows that belong to whoever a row of another table belongs to."""

    column: str
    table: str
    its_column: str


@dataclass(frozen=True, slots=True)
class PersonalTable:
    """``about`` says what its rows are; empty where they are about nobody, and only name who did something.

    ``persons`` have the id of a person; ``holders`` that, or of a key that is of nobody in particular;
    ``keys`` the id of a key; ``actors`` who decided or set something. On erasure all but keys get the new id;
    rows of the person are ``deleted``, or their columns ``emptied``, each with what stands there then.
    ``hidden`` columns are in no export. ``in_project`` is the condition for rows of the project ``:project``,
    ``IN_ALL`` where rows are of the person in all projects alike, or of the project of what they hang on.
    """

    name: str
    about: str
    persons: tuple[Owned, ...] = ()
    holders: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    through: tuple[Through, ...] = ()
    hidden: tuple[str, ...] = ()
    emptied: tuple[tuple[str, str | int], ...] = ()
    deleted: bool = False
    in_project: str = "project_id = :project"

    @property
    def columns(self) -> frozenset[str]:
        """Those that name somebody."""
        owned = {one.column for one in self.persons} | {one.column for one in self.through}
        return frozenset({*owned, *self.holders, *self.keys, *self.actors})


def mine(
    table: PersonalTable, tables: dict[str, PersonalTable], *, of_key: bool, in_project: bool = False
) -> str:
    """The condition for rows of ``:old``, a person or a key, in ``:project`` only where that is wanted; empty
    where no row is anybody's.
    """
    if of_key:
        own = [f"{column} = :old" for column in (*table.holders, *table.keys)]
    else:
        own = [_owned(one) for one in table.persons] + [f"{column} = :old" for column in table.holders]
    for one in table.through:
        theirs = mine(tables[one.table], tables, of_key=of_key, in_project=in_project)
        if theirs:
            own.append(f"{one.column} IN (SELECT {one.its_column} FROM {one.table} WHERE {theirs})")  # noqa: S608  # nosec B608
    every = " OR ".join(own)
    return f"({every}) AND {table.in_project}" if every and in_project else every


def renamings(table: PersonalTable) -> list[str]:
    """Statements that put ``:new`` in the place of a person's id ``:old``."""
    owned = [*table.persons, *(Owned(column) for column in (*table.holders, *table.actors))]
    return [f"UPDATE {table.name} SET {one.column} = :new WHERE {_owned(one)}" for one in owned]  # noqa: S608  # nosec B608


def _owned(one: Owned) -> str:
    return f"({one.column} = :old AND {one.where})" if one.where else f"{one.column} = :old"
