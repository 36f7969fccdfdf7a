"""Spans of time as people read them."""


def duration(seconds: int) -> str:
    """In the two units that matter."""
    minutes, hours = seconds // 60, seconds // 3600
    if hours >= 48:
        return f"{hours // 24} d"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min {seconds % 60} s"
