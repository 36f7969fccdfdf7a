"""How wide columns are."""

from hypothesis import given
from hypothesis import strategies as st

from tui.parts.widths import Column, widths

COLUMNS = (Column("A", 5), Column("B"), Column("C", 4, from_width=50), Column("D", share=2))


def test_columns_that_share_divide_what_the_others_leave():
    assert widths(COLUMNS, 40) == (5, 11, 0, 22)


def test_a_column_comes_with_the_width_that_it_asks_for():
    assert widths(COLUMNS, 60) == (5, 16, 4, 32)


def test_what_shares_keeps_its_least_width_on_a_narrow_terminal():
    assert widths((Column("A", 30), Column("B", least=8)), 20) == (30, 8)


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 120)), min_size=1, max_size=9), st.integers(1, 250)
)
def test_everything_fits_unless_the_least_widths_do_not(shape: list[tuple[int, int]], room: int):
    columns = [Column("x", width, from_width=least) for width, least in shape]
    made = widths(columns, room)
    shown = [one for one in made if one]
    assert len(made) == len(columns)
    least = sum(one.width or one.least for one, there in zip(columns, made, strict=True) if there)
    assert sum(shown) <= max(least, room - max(0, len(shown) - 1))
