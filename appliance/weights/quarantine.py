"""Files of models whose permission was taken back: put away where nothing opens them, or deleted.

``.quarantine/<recipe id>`` is what was the model's folder, with its owner's rights alone. All of it blocks.
"""

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Final

from appliance.errors import IntegrityFailed
from appliance.weights.blobs import BLOBS, BlobStore
from appliance.weights.folders import disk_errors, make_folder, open_folder
from appliance.weights.leaving import Leaving
from appliance.weights.placing import names_in
from appliance.weights.plain_names import plain_id, plain_name

QUARANTINE: Final = ".quarantine"
_PRIVATE: Final = 0o700
_ENTERED: Final = 0o2755
"""Who may enter the models' folder may enter a model's: workers can be another user."""


class Quarantine:
    """In ``models_dir``. What came with Carrel lies elsewhere and is never touched. Raises
    ``StorageUnavailable``, ``IntegrityFailed`` for names that are none.
    """

    def __init__(self, models_dir: Path) -> None:
        self._dir: Final = models_dir

    def put_away(self, recipe_id: str) -> None:
        """From now on the model has no files here; nothing where it has none. What was put away before and
        is in the way goes first: it is of an earlier time.
        """
        name = plain_id(recipe_id)
        if not (self._dir / name).is_dir():
            return
        if self.holds(recipe_id):
            self.delete_held(recipe_id)
        with disk_errors(), open_folder(self._dir, follow=True) as models:
            make_folder(QUARANTINE, _PRIVATE, within=models)
            with open_folder(QUARANTINE, within=models) as away:
                with open_folder(name, within=models) as model:
                    os.fchmod(model, _PRIVATE)
                os.rename(name, name, src_dir_fd=models, dst_dir_fd=away)
                os.fsync(away)
            os.fsync(models)

    def holds(self, recipe_id: str) -> bool:
        """Whether something of the model is put away."""
        return (self._dir / QUARANTINE / plain_id(recipe_id)).is_dir()

    def bring_back(self, recipe_id: str) -> bool:
        """The model has its files again. False where nothing was put away, or newer ones are there."""
        name = plain_id(recipe_id)
        if not self.holds(recipe_id) or (self._dir / name).exists():
            return False
        with disk_errors(), open_folder(self._dir, follow=True) as models:
            mode = os.fstat(models).st_mode & _ENTERED
            with open_folder(QUARANTINE, within=models) as away:
                with open_folder(name, within=away) as model:
                    os.fchmod(model, mode)
                os.rename(name, name, src_dir_fd=away, dst_dir_fd=models)
                os.fsync(away)
            os.fsync(models)
        return True

    def delete(self, recipe_id: str, sha256s: Collection[str]) -> None:
        """Take the model's files off the disk, but for what other models have of them, and what was fetched
        of them.
        """
        blobs = BlobStore(self._dir)
        blobs.remove(recipe_id, _plain(names_in(recipe_id, self._dir)))
        blobs.discard(sha256s)
        if self.holds(recipe_id):
            self.delete_held(recipe_id)

    def delete_held(self, recipe_id: str) -> None:
        """What was put away goes for good."""
        names = _plain(names_in(recipe_id, self._dir / QUARANTINE))
        BlobStore(self._dir).prepare()
        with (
            disk_errors(),
            open_folder(self._dir, follow=True) as models,
            open_folder(QUARANTINE, within=models) as away,
            open_folder(BLOBS, within=models) as blobs,
        ):
            Leaving(plain_id(recipe_id), models=away, blobs=blobs).remove(names)

    def names(self, recipe_id: str) -> list[str]:
        """Files that the model has here, put away or not."""
        return names_in(recipe_id, self._dir) or names_in(recipe_id, self._dir / QUARANTINE)


def _plain(names: Collection[str]) -> list[str]:
    """What else lies there is not ours and stays."""
    found = []
    for name in names:
        with suppress(IntegrityFailed):
            found.append(plain_name(name))
    return found
