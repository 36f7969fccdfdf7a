"""The tables of what labs write each other: letters, what they lend, reports that travel."""

from appliance.store.letters import LetterTable
from appliance.store.peers import BorrowedTable, PeerTable
from appliance.store.reader import Reader
from appliance.store.report_travel import ReportTravelTable
from appliance.store.writer import Writer


class Correspondence:
    """Of one open database."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self.letters = LetterTable(writer, reader)
        self.peers = PeerTable(writer, reader)
        self.borrowed = BorrowedTable(writer, reader)
        self.travel = ReportTravelTable(writer, reader)
