"""Puts bitsandbytes' matrices into a model. Imported only where they are asked for: it takes seconds, and
100 MiB.
"""

import logging
from typing import Any, Final

from torch import nn
from transformers import PreTrainedModel

from appliance.engines.torch.int8 import RowwiseInt8
from appliance.engines.torch.nf4 import BLOCK, Nf4
from appliance.engines.torch.precision import Numbers
from appliance.errors import ConfigInvalid

_OUTLIERS: Final = 6.0
"""From this magnitude on a column of activations is computed in 16 bits (Dettmers et al., 2022,
LLM.int8())."""

# It looks for faster kernels on a model hub, and says on every start that it found none.
logging.getLogger("bitsandbytes").setLevel(logging.ERROR)


def quantize(model: PreTrainedModel, numbers: Numbers) -> None:
    """In place of the matrices of all blocks of a model on the meta device.

    The output matrix stays as it is: errors there go straight into the distribution. Raises ``ConfigInvalid``
    for a matrix that nf4 cannot hold.
    """
    output = model.get_output_embeddings()
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is nn.Linear and child is not output:
                setattr(parent, name, _empty(child, numbers))


def _empty(plain: nn.Linear, numbers: Numbers) -> nn.Module:
    sizes: dict[str, Any] = {"bias": plain.bias is not None, "device": "meta"}
    made: nn.Module
    if numbers.quantized == "int8":
        made = RowwiseInt8(
            plain.in_features, plain.out_features, has_fp16_weights=False, threshold=_OUTLIERS, **sizes
        )
    else:
        if plain.in_features % BLOCK:
            raise ConfigInvalid(
                f"nf4 holds {BLOCK} numbers at a time, and a matrix of this model is {plain.in_features} "
                "wide in a process. Choose another precision, or another number of GPUs."
            )
        made = Nf4(
            plain.in_features,
            plain.out_features,
            compute_dtype=numbers.compute,
            compress_statistics=False,
            quant_type="nf4",
            **sizes,
        )
    return made
