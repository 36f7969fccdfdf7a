"""A class is changed by one at a time: what one changes is not undone by another who read it before."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from appliance.domain.classes import SchoolClass
from appliance.domain.enrolling import Recapped
from appliance.services.classes.book import ClassBook
from appliance.services.classes.ports import Classes

Edit = Callable[[SchoolClass], SchoolClass]
"""From the class as it is now to what it shall be. Raises what speaks against it."""

Recap = Callable[[SchoolClass, SchoolClass], Awaitable[Sequence[Recapped]]]
"""From the class as it was and as it will be to the caps of its keys."""


class Changing:
    """Of all classes; there are few."""

    def __init__(self, classes: Classes, book: ClassBook) -> None:
        self._classes = classes
        self._book = book
        self._lock = asyncio.Lock()

    async def change(
        self, class_id: str, project: str | None, edit: Edit, recap: Recap | None = None
    ) -> SchoolClass:
        """On the disk, then in the book. ``recap`` says what its keys may have from then on. Raises
        ``NotFound``, and what ``edit`` and ``recap`` raise.
        """
        async with self._lock:
            lesson = self._book.require(class_id, project)
            changed = edit(lesson)
            if changed != lesson:
                recapped = () if recap is None else await recap(lesson, changed)
                await self._classes.change(changed, recapped)
                self._book.put_class(changed)
            return changed
