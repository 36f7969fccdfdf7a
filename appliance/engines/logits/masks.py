"""Which tokens a mask allows."""

import numpy as np

from appliance.engines.logits.rows import TokenRow


def allowed_tokens(allowed: bytes, vocabulary: int) -> TokenRow:
    """The tokens of a mask as ``Runner.resample`` takes it; what lies behind its end is not allowed."""
    bits = np.unpackbits(np.frombuffer(allowed, np.uint8), bitorder="little")
    return np.flatnonzero(bits[:vocabulary])
