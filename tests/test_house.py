"""The drawing of the rooms of `lib` shows those that there are, and their imports."""

import importlib.util
import itertools
import re

from the_book import ROOT

SPEC = importlib.util.spec_from_file_location("house", ROOT / ".github/house.py")
house = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(house)


def test_the_drawing_is_that_of_the_imports_as_they_are():
    drawn = house.DRAWING.read_text(encoding="utf-8")
    assert drawn == house.drawing(), "run `make house`"


def test_every_room_is_drawn_and_none_upon_another():
    found = re.findall(
        r'<rect class="room" x="(\d+)" y="(\d+)" width="(\d+)" .*>(\w+)</text>',
        house.DRAWING.read_text(encoding="utf-8"),
    )
    there = {path.stem for path in (ROOT / "lib").iterdir() if path.suffix == ".py"}
    there |= {path.parent.name for path in (ROOT / "lib").glob("*/__init__.py")}
    assert sorted(name for *_, name in found) == sorted(there - {"__init__"})
    boxes = sorted((int(y), int(x), int(x) + int(width)) for x, y, width, _ in found)
    for (y, _, right), (other, left, _) in itertools.pairwise(boxes):
        assert y < other or right < left
    assert all(0 < left and right < house.WIDTH for _, left, right in boxes)


def test_an_import_that_a_way_through_other_rooms_shows_is_left_out():
    pairs = {("a", "b"), ("b", "c"), ("c", "d"), ("a", "c"), ("a", "d"), ("a", "e")}
    assert house.without_detours(pairs) == {("a", "b"), ("b", "c"), ("c", "d"), ("a", "e")}


def test_arrows_cross_no_more_often_than_they_must():
    rows = [["a", "b", "c"], ["d", "e", "f"]]
    steps = [("a", "f"), ("b", "e"), ("c", "d"), ("a", "e")]
    assert house.crossings(rows, steps) == 4
    assert house.crossings(house.in_order(rows, steps), steps) == 0


def test_places_stand_apart_and_near_where_they_should():
    assert house.placed([100, 400], [50, 50]) == [100, 400]
    between = 50 + house.GAP
    assert house.placed([300, 300], [50, 50]) == [300 - between / 2, 300 + between / 2]
    first, last = house.placed([-100, 2000], [60, 80])
    assert first == house.MARGIN + house.GAP + 30
    assert last == house.WIDTH - house.MARGIN - house.GAP - 40


def test_every_room_has_a_row_in_the_table_for_newcomers():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("| Room of `lib` |")[2].partition("\n\n")[0]
    named = re.findall(r"`(\w+)`", "".join(row.split("|")[1] for row in table.split("\n")[2:]))
    assert sorted(named) == sorted(room for floor in house.floors() for room in floor)
