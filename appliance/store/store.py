"""The whole memory of a box: opens the file, checks and migrates it, and hands out its table families."""

import sqlite3
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from sqlite_utils import Database

from appliance.domain.clock import Clock
from appliance.errors import IntegrityFailed, StorageUnavailable
from appliance.store.acceptances import AcceptanceTable
from appliance.store.adjustments import AdjustmentTable
from appliance.store.agreements import AgreementTable
from appliance.store.alerts import AlertTable
from appliance.store.allocations import AllocationTable
from appliance.store.applications import ApplicationTable
from appliance.store.audit import AuditTable
from appliance.store.batches import BatchTable
from appliance.store.budget_requests import BudgetRequestTable
from appliance.store.budgets import BudgetTable
from appliance.store.class_use import ClassUseTable
from appliance.store.classes import ClassTable
from appliance.store.connection import Connect, connect_reader, connect_writer
from appliance.store.correspondence import Correspondence
from appliance.store.data_folder import DataFolder
from appliance.store.day_use import DayUseTable
from appliance.store.decisions import DecisionTable
from appliance.store.downloads import DownloadTable
from appliance.store.duties import DutyTable
from appliance.store.early_stages import EarlyStageTable
from appliance.store.erasing import PersonalRecords
from appliance.store.expiring import Expiring
from appliance.store.federation import OutboxTable
from appliance.store.federation_state import FederationTable
from appliance.store.fidelity import FidelityTable
from appliance.store.files import FileTable
from appliance.store.grants import GrantTable
from appliance.store.incidents import IncidentTable
from appliance.store.keys import KeyTable
from appliance.store.leasing import LeaseTables
from appliance.store.ledger import LedgerTable
from appliance.store.measurements import MeasurementTable
from appliance.store.members import MemberTable
from appliance.store.migrations import migrate
from appliance.store.people import PersonTable
from appliance.store.projects import ProjectTable
from appliance.store.reader import Reader
from appliance.store.registry_applications import RegistryApplicationTable
from appliance.store.registry_statements import RegistryStatementTable
from appliance.store.released_gpus import ReleasedGpuTable
from appliance.store.report_batches import ReportBatchTable
from appliance.store.report_checks import ReportCheckTable
from appliance.store.report_tally import ReportTallyTable
from appliance.store.reports import ReportTable
from appliance.store.requests import RequestTable
from appliance.store.requests_of_keys import RequestsOfKeys
from appliance.store.restrictions import RestrictionTable
from appliance.store.rosters import RosterTable
from appliance.store.samples import SampleTable
from appliance.store.sampling import SamplingTable
from appliance.store.sealed import SealedTable
from appliance.store.seals import SealTable
from appliance.store.seat_left import SeatLeftTable
from appliance.store.sessions import SessionTable
from appliance.store.sharing import SharingTables
from appliance.store.switches import SwitchTable
from appliance.store.tripwires import TripwireTable
from appliance.store.trouble import storage_error
from appliance.store.usage import UsageTable
from appliance.store.usage_folding import UsageFolding
from appliance.store.wanted_models import WantedModelTable
from appliance.store.writer import Writer
from appliance.store.year_use import YearUseTable


class Store:
    """An open database. One process has it open at a time."""

    def __init__(  # noqa: PLR0915 - a line a table family
        self, folder: DataFolder, writing: Database, reading: Database, clock: Clock
    ) -> None:
        self._folder = folder
        self._writer = Writer(writing)
        self._reader = Reader(reading)
        self.acceptances = AcceptanceTable(self._writer, self._reader)
        self.grants = GrantTable(self._writer, self._reader)
        self.agreements = AgreementTable(self._writer, self._reader)
        self.applications = ApplicationTable(self._writer, self._reader)
        self.registry_applications = RegistryApplicationTable(self._writer, self._reader)
        self.early_stages = EarlyStageTable(self._writer, self._reader)
        self.leases = RegistryStatementTable("lease", self._writer, self._reader)
        self.countersignatures = RegistryStatementTable("countersignature", self._writer, self._reader)
        self.leasing = LeaseTables(self._writer, self._reader)
        self.ledger = LedgerTable(self._writer, clock)
        self.budgets = BudgetTable(self._writer, self._reader)
        self.allocations = AllocationTable(self._writer, self._reader, clock)
        self.adjustments = AdjustmentTable(self._writer, self._reader)
        self.budget_requests = BudgetRequestTable(self._writer, self._reader)
        self.usage = UsageTable(self._reader)
        self.keys = KeyTable(self._writer, self._reader)
        self.projects = ProjectTable(self._writer, self._reader)
        self.people = PersonTable(self._writer, self._reader)
        self.members = MemberTable(self._writer, self._reader)
        self.rosters = RosterTable(self._writer)
        self.classes = ClassTable(self._writer, self._reader)
        self.class_use = ClassUseTable(self._reader)
        self.seat_left = SeatLeftTable(self._reader)
        self.requests_of_keys = RequestsOfKeys(self._reader)
        self.requests = RequestTable(self._reader)
        self.wanted_models = WantedModelTable(self._writer, self._reader, clock)
        self.fidelity = FidelityTable(self._writer, self._reader)
        self.files = FileTable(self._writer, self._reader)
        self.batches = BatchTable(self._writer, self._reader)
        self.downloads = DownloadTable(self._writer, self._reader)
        self.measurements = MeasurementTable(self._writer, self._reader)
        self.switches = SwitchTable(self._writer, self._reader)
        self.released_gpus = ReleasedGpuTable(self._writer, self._reader, clock)
        self.audit = AuditTable(self._writer, self._reader)
        self.usage_folding = UsageFolding(self._writer)
        self.expiring = Expiring(self._writer)
        self.personal = PersonalRecords(self._writer, self._reader)
        self.seals = SealTable(self._writer, self._reader)
        self.sampling = SamplingTable(self._writer, self._reader)
        self.samples = SampleTable(self._writer, self._reader)
        self.sealed = SealedTable(self._writer, self._reader)
        self.reports = ReportTable(self._writer, self._reader)
        self.alerts = AlertTable(self._writer, self._reader)
        self.incidents = IncidentTable(self._writer, self._reader)
        self.tripwires = TripwireTable(self._writer, self._reader)
        self.restrictions = RestrictionTable(self._writer, self._reader)
        self.decisions = DecisionTable(self._writer, self._reader)
        self.duties = DutyTable(self._writer, self._reader)
        self.sessions = SessionTable(self._writer, self._reader)
        self.year_use = YearUseTable(self._reader)
        self.day_use = DayUseTable(self._reader)
        self._federate()

    def _federate(self) -> None:
        self.report_tally = ReportTallyTable(self._writer, self._reader)
        self.report_batches = ReportBatchTable(self._writer, self._reader)
        self.report_checks = ReportCheckTable(self._writer, self._reader)
        self.sharing = SharingTables(self._writer, self._reader)
        self.correspondence = Correspondence(self._writer, self._reader)
        self.federation = FederationTable(self._writer, self._reader)
        self.outbox = OutboxTable(self._writer, self._reader)

    @classmethod
    def open(cls, path: Path, clock: Clock, *, connect: Connect = connect_writer) -> Self:
        """Open, or create, the database file at ``path``. Blocks: a large one is checked page by page.

        ``connect`` opens the writing connection. Raises ``Conflict`` when another gateway has it open or a
        newer Carrel wrote it, ``IntegrityFailed`` when it is damaged, ``StorageUnavailable`` when the disk
        refuses.
        """
        try:
            with ExitStack() as undo:
                folder = DataFolder.open(path)
                undo.callback(folder.close)
                writing = connect(path)
                undo.callback(writing.close)
                _check(writing)
                migrate(writing, clock.now_ms())
                reading = connect_reader(path)
                undo.pop_all()
        except sqlite3.Error as error:
            raise storage_error(error) or StorageUnavailable("The database could not be opened.") from error
        return cls(folder, writing, reading, clock)

    def trouble(self) -> str | None:
        """Why nothing can be recorded until a restart, or None."""
        return self._writer.trouble

    async def wipe(self) -> None:
        """Bring to the disk that what was deleted is gone. Raises ``StorageUnavailable``."""
        await self._writer.wipe()

    def close(self) -> None:
        """Commit what waits, fold the WAL into the file, let others have the folder. Blocks."""
        self._reader.close()
        # Last: SQLite checkpoints when its last connection closes, and only the writer may.
        self._writer.close()
        self._folder.close()


def _check(database: Database) -> None:
    if database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise IntegrityFailed(
            "Carrel's database is damaged, so it was not opened and nothing was changed. "
            "Keep a copy of the data folder, then put back the last backup."
        )
