"""The text of a file that some program wrote."""

import codecs
from typing import Final

from appliance.errors import BadRequest

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def text_of(content: bytes, name: str) -> str:
    """From UTF-8, or from UTF-16 where the file begins with its mark. ``name`` is the file's own.

    Raises ``BadRequest``.
    """
    mark, encoding = next((one for one in _MARKS if content.startswith(one[0])), (b"", "utf-8"))
    try:
        return content[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise BadRequest(
            f"{name} is no text in UTF-8 or UTF-16. Save it again as UTF-8, for a table as `CSV UTF-8`."
        ) from error
