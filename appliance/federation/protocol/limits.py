"""How large and how many, on the wire."""

from typing import Final

MESSAGE_BYTES: Final = 512 * 1024
"""Of one message, signed."""
REPLY_BYTES: Final = 2**20
RECORDS: Final = 2000
"""Of one batch."""
NONCE_S: Final = 300
SKEW_S: Final = 300
"""By so much two clocks may differ."""
BUNDLE_BYTES: Final = 64 * 2**20
BUNDLE_FILES: Final = 4000
STATUS_LIST_BYTES: Final = 256 * 1024
"""After inflating."""
NOTICE_LENGTH: Final = 500
OVERLAP_S: Final = 7 * 86_400
"""So long a replaced key of a box still counts."""
CODE_LIFE_S: Final = 24 * 3600
LEAST_USERS: Final = 10
"""A number about fewer people than this could be about somebody."""
