"""The tables of models that this lab gives to others."""

from appliance.store.organization_lists import OrganizationListTable
from appliance.store.owner_statements import OwnerStatementTable
from appliance.store.reader import Reader
from appliance.store.shared_fetches import SharedFetchTable
from appliance.store.writer import Writer


class SharingTables:
    """Three that belong together."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self.lists = OrganizationListTable(writer, reader)
        self.fetches = SharedFetchTable(writer, reader)
        self.statements = OwnerStatementTable(writer, reader)
