"""QR codes as SVG that stands in a page: shapes only, neither script nor style."""

import segno
from markupsafe import Markup


def qr_svg(text: str) -> Markup:
    """``text`` as a code with a quiet zone of its own, black on white in dark pages too."""
    code = segno.make(text, error="m", micro=False)
    # What segno writes is made of numbers; the text is in it as modules only.
    return Markup(  # noqa: S704  # nosec B704
        code.svg_inline(omitsize=True, border=2, dark="#000", light="#fff", svgclass="qr", lineclass=None)
    )
