"""What each operator action answers: one closed struct an action, the same on socket, command line and
screen.
"""

from appliance.domain.results.accounts import (
    BudgetState,
    KeyIssued,
    KeyList,
    KeySummary,
    ProjectList,
    ProjectSummary,
    UsageLine,
    UsageReport,
)
from appliance.domain.results.base import (
    Result,
)
from appliance.domain.results.box import (
    Check,
    Diagnosis,
    QueueStatus,
    Started,
    Status,
    Stopped,
)
from appliance.domain.results.models import (
    ModelDetail,
    ModelFile,
    ModelList,
    ModelSummary,
    ReplicaStatus,
)
from appliance.domain.results.reading import (
    Answer,
    HandbookPage,
    LogLines,
)
from appliance.domain.results.settings import (
    Configuration,
    Setting,
)

__all__ = [
    "Answer",
    "BudgetState",
    "Check",
    "Configuration",
    "Diagnosis",
    "HandbookPage",
    "KeyIssued",
    "KeyList",
    "KeySummary",
    "LogLines",
    "ModelDetail",
    "ModelFile",
    "ModelList",
    "ModelSummary",
    "ProjectList",
    "ProjectSummary",
    "QueueStatus",
    "ReplicaStatus",
    "Result",
    "Setting",
    "Started",
    "Status",
    "Stopped",
    "UsageLine",
    "UsageReport",
]
