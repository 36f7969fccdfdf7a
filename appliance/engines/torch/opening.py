"""Opens a model for generating: in this process, or in a group of ranks."""

from collections.abc import Callable

from appliance.engines.base import EngineSpec, unheard
from appliance.engines.hf_folder.folder import read_folder
from appliance.engines.hf_folder.vocabulary import open_vocabulary
from appliance.engines.torch.cells import choose_cells
from appliance.engines.torch.computing import Computer
from appliance.engines.torch.devices import device_of
from appliance.engines.torch.model import TorchModel
from appliance.engines.torch.runner import TorchRunner


def open_runner(spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> TorchRunner:
    """Raises ``IntegrityFailed``, ``ConfigInvalid``, ``DoesNotFit``."""
    folder = read_folder(spec)
    cells = choose_cells(spec)
    vocabulary = open_vocabulary(spec)
    computer: Computer
    if spec.ranks > 1:
        from appliance.engines.torch.ranks.group import RankGroup  # noqa: PLC0415 - few need it

        computer = RankGroup(spec, on_progress)
    else:
        computer = TorchModel(folder, spec, cells, device_of(spec), on_progress)
    return TorchRunner(spec, computer, cells, vocabulary)
