"""Whether a legend lies on data."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox


def covered(ax: Axes) -> list[object]:
    """Data that the legend of the axes lies on."""
    legend = ax.get_legend()
    if legend is None:
        return []
    ax.figure.draw_without_rendering()
    box = Bbox.intersection(legend.get_window_extent(), ax.bbox)
    if box is None or box.width < 2 or box.height < 2:
        return []
    box = Bbox.from_extents(box.x0 + 1, box.y0 + 1, box.x1 - 1, box.y1 - 1)
    found = []
    for line in ax.lines:
        path = line.get_transform().transform_path(line.get_path())
        finite = np.isfinite(path.vertices).all(axis=1)
        drawn = line.get_linestyle() not in ("None", "")
        marks = line.get_marker() not in ("None", "", None)
        if (
            drawn
            and finite.any()
            and path.cleaned(remove_nans=True).intersects_bbox(box, filled=False)
        ):
            found.append(line)
        if marks and any(box.contains(*point) for point in path.vertices[finite]):
            found.append(line)
    for patch in ax.patches:
        path = patch.get_transform().transform_path(patch.get_path())
        if path.intersects_bbox(box, filled=patch.get_fill()):
            found.append(patch)
    for collection in ax.collections:
        for path in collection.get_paths():
            if collection.get_offset_transform() is not ax.transData:
                moved = collection.get_transform().transform_path(path)
                if moved.intersects_bbox(box, filled=True):
                    found.append(collection)
    return found
