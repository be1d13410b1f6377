"""Draw the rooms of the library on their floors, with the imports between them: `make house`."""

import itertools
import tomllib
from collections.abc import Iterable
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
DRAWING = ROOT / ".github/house.svg"

WIDTH, MARGIN, ROOM, FLOOR, GAP, PASSAGE = 880, 20, 34, 72, 18, 14
STYLE = """
svg { --paper: #fff; --floor: #f1f4f8; --edge: #35558c; --ink: #1b1f24; --arrow: #64748b }
@media (prefers-color-scheme: dark) {
svg { --paper: #0d1117; --floor: #171d26; --edge: #8fb2ee; --ink: #e6edf3; --arrow: #9aa7b8 }
}
.paper { fill: var(--paper) } .floor { fill: var(--floor) }
.room { fill: var(--paper); stroke: var(--edge); stroke-width: 1.5 }
.arrow { fill: none; stroke: var(--arrow); stroke-width: 1.5 } #tip path { fill: var(--arrow) }
text { fill: var(--ink); font: 15px ui-monospace, monospace; text-anchor: middle }
"""

# A room, or where an arrow passes a floor: the two ends of the arrow and the floor.
Place = str | tuple[str, str, int]


def floors() -> list[list[str]]:
    """Return the rooms of each floor, from the top, as `make lint` holds them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(c for c in contracts if c["id"] == "floors")["layers"]
    return [[room.strip(" ()") for room in layer.replace("|", ":").split(":")] for layer in layers]


def imports() -> set[tuple[str, str]]:
    """Return which room imports from which other one."""
    graph = grimp.build_graph("lib", cache_dir=None)
    pairs = {
        (module.split(".")[1], other.split(".")[1])
        for module in graph.modules - {"lib"}
        for other in graph.find_modules_directly_imported_by(module) - {"lib"}
    }
    return {(a, b) for a, b in pairs if a != b}


def without_detours(pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Leave out each import whose ends are also joined by a way through other rooms."""

    def reached(start: str, left_out: tuple[str, str]) -> set[str]:
        found, ahead = set(), [start]
        while ahead:
            room = ahead.pop()
            new = {b for a, b in pairs if a == room and (a, b) != left_out} - found
            found |= new
            ahead += new
        return found

    return {pair for pair in pairs if pair[1] not in reached(pair[0], pair)}


def ways(arrows: Iterable[tuple[str, str]], level: dict[str, int]) -> list[list[Place]]:
    """Return the places of each arrow from the upper floor to the lower one."""
    found: list[list[Place]] = []
    for upper, lower in sorted(arrows):
        between = range(level[upper] + 1, level[lower])
        found.append([upper, *((upper, lower, floor) for floor in between), lower])
    return found


def crossings(rows: list[list[Place]], steps: list[tuple[Place, Place]]) -> int:
    """Count the pairs of arrows that cross between two floors."""
    at = {place: index for row in rows for index, place in enumerate(row)}
    found = 0
    for row in rows:
        here = [(at[a], at[b]) for a, b in steps if a in row]
        found += sum((a - c) * (b - d) < 0 for (a, b), (c, d) in itertools.combinations(here, 2))
    return found


def in_order(rows: list[list[Place]], steps: list[tuple[Place, Place]]) -> list[list[Place]]:
    """Order the places of each floor so that few arrows cross: each stands below its neighbors."""
    best, rows = rows, [list(row) for row in rows]
    for sweep in range(24):
        for index in range(len(rows))[:: -1 if sweep % 2 else 1]:
            share = {p: i / len(row) for row in rows for i, p in enumerate(row)}

            def middle(
                place: Place, share: dict[Place, float] = share, up: int = sweep % 2
            ) -> float:
                joined = [share[ab[up]] for ab in steps if ab[1 - up] == place]
                return sum(joined) / len(joined) if joined else share[place]

            rows[index].sort(key=middle)
        if crossings(rows, steps) < crossings(best, steps):
            best = [list(row) for row in rows]
    return best


def width(place: Place) -> float:
    """Return how wide a room is for its name, and a passage."""
    return 9.2 * len(place) + 18 if isinstance(place, str) else PASSAGE


def placed(wanted: list[float], widths: list[float]) -> list[float]:
    """Return centers near the wanted ones at which nothing overlaps, in the same order."""
    # Each place less what must be between it and the first: those only must not decrease.
    before = [0.0]
    for left, right in itertools.pairwise(widths):
        before.append(before[-1] + (left + right) / 2 + GAP)
    blocks: list[list[float]] = []
    for center, offset in zip(wanted, before, strict=True):
        blocks.append([center - offset])
        while len(blocks) > 1 and mean(blocks[-2]) > mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    flat = [mean(block) for block in blocks for _ in block]
    low = MARGIN + GAP + widths[0] / 2
    high = WIDTH - MARGIN - GAP - widths[-1] / 2 - before[-1]
    return [min(max(x, low), high) + offset for x, offset in zip(flat, before, strict=True)]


def mean(values: list[float]) -> float:
    """Return the mean."""
    return sum(values) / len(values)


def centers(rows: list[list[Place]], steps: list[tuple[Place, Place]]) -> dict[Place, float]:
    """Return where the middle of each place is, so that arrows are nearly upright."""
    x = {
        place: center
        for row in rows
        for place, center in zip(
            row, placed([WIDTH / 2] * len(row), [width(p) for p in row]), strict=True
        )
    }
    for sweep in range(24):
        for row in rows[:: -1 if sweep % 2 else 1]:
            wanted = []
            for place in row:
                joined = [x[b] for a, b in steps if a == place]
                joined += [x[a] for a, b in steps if b == place]
                wanted.append(mean(joined) if joined else x[place])
            x.update(zip(row, placed(wanted, [width(p) for p in row]), strict=True))
    return x


def ends(way: list[Place], found: list[list[Place]], x: dict[Place, float]) -> tuple[float, float]:
    """Return where an arrow leaves its room and where it arrives: side by side with others."""

    def port(room: Place, mine: Place, others: list[Place]) -> float:
        others = sorted(others, key=lambda place: (x[place], str(place)))
        apart = min(18, (width(room) - 24) / max(1, len(others) - 1))
        return x[room] + (others.index(mine) - (len(others) - 1) / 2) * apart

    leaving = port(way[0], way[1], [w[1] for w in found if w[0] == way[0]])
    return leaving, port(way[-1], way[-2], [w[-2] for w in found if w[-1] == way[-1]])


def path(across: list[float], top: int) -> str:
    """Return a smooth line through these places, one on each floor, from the floor `top`."""
    steps = [b - a for a, b in itertools.pairwise(across)]
    # Upright at both ends and where it turns back; else each piece goes on as the one before it.
    lean = [(a + b) / 2 / FLOOR if a * b > 0 else 0.0 for a, b in itertools.pairwise(steps)]
    lean = [0.0, *lean, 0.0]
    drawn = [f"M{across[0]:.0f}"]
    for i, j in itertools.pairwise(range(len(across))):
        middle = MARGIN + (top + i + 0.5) * FLOOR
        upper = middle if lean[i] else middle + ROOM / 2
        lower = middle + FLOOR if lean[j] else middle + FLOOR - ROOM / 2
        if j == len(steps):
            lower -= 7  # for the tip
        third = (lower - upper) / 3
        drawn.append(
            f"{'V' if i else ''}{upper:.0f} C{across[i] + lean[i] * third:.0f} {upper + third:.0f} "
            f"{across[j] - lean[j] * third:.0f} {lower - third:.0f} {across[j]:.0f} {lower:.0f}"
        )
    return " ".join(drawn)


def drawing() -> str:
    """Return the house as an SVG picture: what it shows follows from the imports alone."""
    house = floors()
    level = {room: index for index, rooms in enumerate(house) for room in rooms}
    cellar = [room for room in house[-1] if room.startswith("_")]
    pairs = {(a, b) for a, b in imports() if b not in cellar and a not in cellar}
    down = {(a, b) for a, b in pairs if level[a] < level[b]}
    arrows = without_detours(down)
    found = ways(arrows, level)
    steps = [step for way in found for step in itertools.pairwise(way)]
    rows: list[list[Place]] = [[*rooms] for rooms in house]
    for way in found:
        for floor, place in enumerate(way[1:-1], start=level[str(way[0])] + 1):
            rows[floor].append(place)
    rows = in_order(rows, steps)
    x = centers(rows, steps)
    lines = []
    for index in range(0, len(house), 2):
        lines.append(
            f'<rect class="floor" x="{MARGIN}" y="{MARGIN + index * FLOOR}" '
            f'width="{WIDTH - 2 * MARGIN}" height="{FLOOR}"/>'
        )
    for way in found:
        upper = str(way[0])
        first, last = ends(way, found, x)
        across = [first, *(x[place] for place in way[1:-1]), last]
        lines.append(f'<path class="arrow" d="{path(across, level[upper])}"/>')
    for room, floor in level.items():
        left, top = x[room] - width(room) / 2, MARGIN + floor * FLOOR + (FLOOR - ROOM) / 2
        lines.append(
            f'<rect class="room" x="{left:.0f}" y="{top:.0f}" width="{width(room):.0f}" '
            f'height="{ROOM}" rx="5"/><text x="{x[room]:.0f}" y="{top + 22:.0f}">{room}</text>'
        )
    height = 2 * MARGIN + len(house) * FLOOR
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            "<title>The rooms of lib on their floors</title>",
            "<desc>" + "; ".join(f"{a} imports {b}" for a, b in sorted(arrows)) + "</desc>",
            f"<style>{STYLE}</style>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="6" '
            'markerHeight="6" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>',
            f'<rect class="paper" width="{WIDTH}" height="{height}" rx="8"/>',
            *lines,
            "</svg>\n",
        ]
    ).replace('class="arrow"', 'class="arrow" marker-end="url(#tip)"')


if __name__ == "__main__":
    DRAWING.write_text(drawing(), encoding="utf-8")
