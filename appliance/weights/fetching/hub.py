"""The hub by its own client library: what a repository holds, and whether this box may have it.

The only module that imports the library, and only in the child. The bytes themselves do not come by it: it
begins anew after every interruption and compares no content. Files in the hub's newer storage (Xet) come by
their plain address like all others.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from appliance.domain.listing import HubListing, ListedFile
from appliance.errors import CarrelError, Offline
from appliance.outbound.certificates import trusted
from appliance.outbound.ranged.target import Target, target_of
from appliance.weights.fetching.hub_refusals import Refusals

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.hf_api import ModelInfo

_TIMEOUT_S: Final = 20.0
_MOST_FILES: Final = 10_000
_LONGEST_TEXT: Final = 500


@dataclass(frozen=True)
class Hub:
    """At ``address``, as whoever has ``token``; empty: as nobody.

    Every method blocks, and raises ``NotFound``, ``NotAllowed``, ``Offline`` or ``OutboundFailed``.
    """

    address: str
    token: str = ""
    proxy: str = ""
    ca_file: str = ""

    def list_files(self, repository: str, revision: str) -> HubListing:
        """``revision`` is a commit, a branch or a tag."""
        with self._translated(repository, revision):
            return _listing(repository, self._info(repository, revision))

    def check(self, repository: str, commit: str, path: str) -> None:
        """Whether this box may have that file, before its bytes are asked for."""
        with self._translated(repository, commit):
            from huggingface_hub import get_hf_file_metadata, hf_hub_url  # noqa: PLC0415

            url = hf_hub_url(repository, path, revision=commit, endpoint=self.address)
            get_hf_file_metadata(url, token=self.token or False, timeout=_TIMEOUT_S, endpoint=self.address)

    def _info(self, repository: str, revision: str) -> "ModelInfo":
        return self._api.model_info(
            repository,
            revision=revision,
            files_metadata=True,
            timeout=_TIMEOUT_S,
            token=self.token or False,
        )

    @property
    def _target(self) -> Target:
        return target_of(self.address)

    @cached_property
    def _api(self) -> "HfApi":
        """The library's connections are like ours: same certificates, same proxy, no settings of its own."""
        import httpx2  # noqa: PLC0415
        from huggingface_hub import HfApi, set_client_factory  # noqa: PLC0415

        proxy = None if self._target.nearby else self.proxy or None
        context = trusted(self.ca_file)
        set_client_factory(
            lambda: httpx2.Client(
                follow_redirects=True, timeout=_TIMEOUT_S, trust_env=False, proxy=proxy, verify=context
            )
        )
        return HfApi(endpoint=self.address, token=self.token or False)

    @contextmanager
    def _translated(self, repository: str, revision: str) -> Iterator[None]:
        import httpx2  # noqa: PLC0415
        from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled  # noqa: PLC0415

        _ = self._api  # its client has to be set first
        refusals = Refusals(self.address, self._target.shown, repository, known=bool(self.token))
        try:
            yield
        except OfflineModeIsEnabled as error:
            raise Offline(
                "This box is offline (`carrel offline show` says why), so it asks no hub."
            ) from error
        except HfHubHTTPError as error:
            raise _meant(error, refusals, revision) from error
        except (OSError, httpx2.HTTPError, httpx2.InvalidURL, ValueError, KeyError, TypeError) as error:
            # The last three: what came is no answer of a hub.
            raise _misread(error, refusals) from error


def _meant(error: "HfHubHTTPError", refusals: Refusals, revision: str) -> CarrelError:
    from huggingface_hub import errors  # noqa: PLC0415

    # A gated repository is a missing one to the library: the order counts.
    meanings: tuple[tuple[type[Exception], Callable[[], CarrelError]], ...] = (
        (errors.GatedRepoError, refusals.gated),
        (errors.RepositoryNotFoundError, refusals.unknown),
        (errors.RevisionNotFoundError, lambda: refusals.no_revision(revision)),
        (errors.DisabledRepoError, refusals.disabled),
        (errors.EntryNotFoundError, refusals.no_file),
    )
    status = error.response.status_code
    return next((say() for kind, say in meanings if isinstance(error, kind)), refusals.answered(status))


def _misread(error: Exception, refusals: Refusals) -> CarrelError:
    from huggingface_hub.errors import HFValidationError  # noqa: PLC0415

    return refusals.no_name() if isinstance(error, HFValidationError) else refusals.unreachable()


def _listing(repository: str, info: "ModelInfo") -> HubListing:
    files = tuple(
        ListedFile(str(one.rfilename), int(one.size or 0), str(one.lfs.sha256) if one.lfs else "")
        for one in (info.siblings or [])[:_MOST_FILES]
    )
    card = info.card_data
    told = (getattr(card, name, "") if card is not None else "" for name in ("license", "license_link"))
    license_id, link = (one[:_LONGEST_TEXT] if isinstance(one, str) else "" for one in told)
    return HubListing(repository, str(info.sha or ""), files, bool(info.gated), license_id, link)
