"""The tables around a registry's leases: what was asked, what was taken back, and what time it is."""

from appliance.store.lease_requests import LeaseRequestTable, LeaseRevocationTable, StatusListTable
from appliance.store.reader import Reader
from appliance.store.trusted_times import TrustedTimeTable
from appliance.store.writer import Writer


class LeaseTables:
    """One family."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self.requests = LeaseRequestTable(writer, reader)
        self.revocations = LeaseRevocationTable(writer, reader)
        self.status_lists = StatusListTable(writer, reader)
        self.times = TrustedTimeTable(writer, reader)
