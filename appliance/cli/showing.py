"""Prints a result: one JSON document for programs, text made for people otherwise."""

import click
import msgspec

from appliance.domain.plain_text import many_lines
from appliance.domain.results import (
    AuditVerification,
    BundleReport,
    CatalogsRefreshed,
    ClassDetail,
    ClassRoster,
    Diagnosis,
    DownloadStatus,
    Fit,
    ProjectList,
    ProjectShown,
    Rehearsal,
    RosterImport,
    Verification,
    Viewed,
)
from appliance.domain.results.alerts import AlertTest
from appliance.domain.results.samples import SampleProof
from appliance.errors import (
    BadRequest,
    CarrelError,
    DoesNotFit,
    IntegrityFailed,
    Offline,
    TryAgain,
    error_for_code,
)


def show(result: msgspec.Struct, *, json: bool) -> None:
    """Print to standard output, and what the result warns of to standard error."""
    for sentence in _warnings(result):
        click.echo(f"carrel: {many_lines(sentence)}", err=True)
    if json:
        click.echo(msgspec.json.encode(result))
        return
    from appliance.client.presenting.showing import present  # noqa: PLC0415 - rich is not needed for JSON

    present(result)


def _warnings(result: msgspec.Struct) -> tuple[str, ...]:
    match result:
        case (
            ProjectList(warnings=sentences)
            | ProjectShown(warnings=sentences)
            | ClassDetail(warnings=sentences)
        ):
            return sentences
        case _:
            return ()


def exit_code_of(result: msgspec.Struct) -> int:
    """0; 2 for a viewer without a terminal, 1 for a diagnosis that found something broken, an alert that
    went nowhere, a class list with problems or a rehearsal that did not go well, 6 for a model that does not
    fit, 7 for a catalog that could not be asked for, 8 for files, bundles, catalogs, an audit log or samples
    that are not what they should be.
    """
    match result:
        case Viewed(shown=False):
            return BadRequest.exit_code
        case (
            Diagnosis(ok=False)
            | AlertTest(ok=False)
            | RosterImport(whole=False)
            | ClassRoster(whole=False)
            | Rehearsal(ready=False)
        ):
            return CarrelError.exit_code
        case Fit(fits=False):
            return DoesNotFit.exit_code
        case (
            Verification(ok=False)
            | AuditVerification(ok=False)
            | SampleProof(ok=False)
            | BundleReport(whole=False)
        ):
            return IntegrityFailed.exit_code
        case CatalogsRefreshed(catalogs=catalogs):
            outcomes = {one.outcome for one in catalogs}
            refused = IntegrityFailed.exit_code if "refused" in outcomes else 0
            return refused or (Offline.exit_code if "offline" in outcomes else 0)
        case _:
            return 0


def outcome_of(result: msgspec.Struct) -> int:
    """Of something that was followed: 0 where it is done or goes on, the code of its error where it failed,
    75 where somebody paused it, 1 where somebody gave it up.
    """
    match result:
        case DownloadStatus(state="failed", error=code):
            return error_for_code(code or "").exit_code
        case DownloadStatus(state="paused"):
            return TryAgain.exit_code
        case DownloadStatus(state="cancelled"):
            return CarrelError.exit_code
        case _:
            return 0


def complain(error: CarrelError, *, json: bool) -> int:
    """Print an error to standard error and return the exit code for it."""
    if json:
        body = {"error": {"message": error.message, "code": error.code, "param": error.param}}
        click.echo(msgspec.json.encode(body), err=True)
    else:
        click.echo(f"carrel: {many_lines(error.message)}", err=True)
    return error.exit_code
