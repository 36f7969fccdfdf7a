"""How long the tests are whose number of rounds is their promise: a quarter of it, so that all checks end in
time, and the whole number under ``CARREL_TEST_LONG=1``.
"""

import math
import os


def rounds(whole: int) -> int:
    """Of a test that goes through ``whole`` rounds in its full form."""
    return whole if os.environ.get("CARREL_TEST_LONG") == "1" else math.ceil(whole / 4)
