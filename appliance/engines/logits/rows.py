"""The types of what is passed around here."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
"""Logits, of shape ``(rows, vocabulary)``, or one row."""

TokenRow = NDArray[np.intp]
"""Numbers of tokens, in rising order where nothing else is said."""
