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
    QueueLine,
    QueueStatus,
    Started,
    Status,
    Stopped,
)
from appliance.domain.results.hardware import (
    Fit,
    FitAdvice,
    FitDay,
    FitShare,
    GpuList,
    GpuProcessStatus,
    GpuStatus,
)
from appliance.domain.results.measuring import (
    BenchReport,
    BenchRun,
    Spread,
)
from appliance.domain.results.models import (
    ModelDetail,
    ModelFile,
    ModelList,
    ModelMemory,
    ModelRun,
    ModelSummary,
    ReplicaStatus,
    UpstreamStatus,
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
from appliance.domain.results.upstreams import UpstreamKey
from appliance.domain.results.verifying import (
    Fidelity,
    FileCheck,
    FormCheck,
    FormFidelity,
    Verification,
)

__all__ = [
    "Answer",
    "BenchReport",
    "BenchRun",
    "BudgetState",
    "Check",
    "Configuration",
    "Diagnosis",
    "Fidelity",
    "FileCheck",
    "Fit",
    "FitAdvice",
    "FitDay",
    "FitShare",
    "FormCheck",
    "FormFidelity",
    "GpuList",
    "GpuProcessStatus",
    "GpuStatus",
    "HandbookPage",
    "KeyIssued",
    "KeyList",
    "KeySummary",
    "LogLines",
    "ModelDetail",
    "ModelFile",
    "ModelList",
    "ModelMemory",
    "ModelRun",
    "ModelSummary",
    "ProjectList",
    "ProjectSummary",
    "QueueLine",
    "QueueStatus",
    "ReplicaStatus",
    "Result",
    "Setting",
    "Spread",
    "Started",
    "Status",
    "Stopped",
    "UpstreamKey",
    "UpstreamStatus",
    "UsageLine",
    "UsageReport",
    "Verification",
]
