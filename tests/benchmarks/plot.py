"""
Lines between two logarithmic axes, as an SVG.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import attrs

_WIDTH, _HEIGHT = 380, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 345, 50, 215
_COLOURS = ["#999999", "#0b6bcb"]


@attrs.frozen
class Panel:
    title: str
    x_label: str
    lines: Mapping[str, Sequence[tuple[float, float]]]


@attrs.frozen
class _Axis:
    """Whole powers of ten, from the one below the least value to the one above the greatest."""

    values: Sequence[float]
    start: int
    end: int

    @property
    def powers(self) -> range:
        return range(math.floor(math.log10(min(self.values))), math.ceil(math.log10(max(self.values))) + 1)

    def at(self, value: float) -> float:
        first, *_, last = self.powers
        return self.start + (math.log10(value) - first) / (last - first) * (self.end - self.start)


def svg(panels: Sequence[Panel]) -> str:
    """Draw *panels* side by side."""
    size = f'width="{_WIDTH * len(panels)}" height="{_HEIGHT}"'
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">']
    lines.append('<rect width="100%" height="100%" fill="white"/>')
    for index, panel in enumerate(panels):
        lines += [f'<g transform="translate({_WIDTH * index} 0)">', *_frame(panel), *_lines(panel), "</g>"]
    return "\n".join([*lines, "</svg>\n"])


def _axes(panel: Panel) -> tuple[_Axis, _Axis]:
    xs, ys = zip(*(point for points in panel.lines.values() for point in points), strict=True)
    return _Axis(xs, _LEFT, _RIGHT), _Axis(ys, _BOTTOM, _TOP)


def _frame(panel: Panel) -> Iterator[str]:
    x_axis, y_axis = _axes(panel)
    yield _text((_LEFT + _RIGHT) / 2, 20, panel.title, "middle")
    yield _text((_LEFT + _RIGHT) / 2, _BOTTOM + 35, panel.x_label, "middle")
    for power in x_axis.powers:
        x = x_axis.at(10**power)
        yield f'<path d="M{x:.1f} {_TOP}V{_BOTTOM}" stroke="#dddddd"/>'
        yield _text(x, _BOTTOM + 16, f"{10**power:,}", "middle")
    for power in y_axis.powers:
        y = y_axis.at(10**power)
        yield f'<path d="M{_LEFT} {y:.1f}H{_RIGHT}" stroke="#dddddd"/>'
        yield _text(_LEFT - 6, y + 4, f"{10**power:,}", "end")


def _lines(panel: Panel) -> Iterator[str]:
    x_axis, y_axis = _axes(panel)
    for index, (name, points) in enumerate(panel.lines.items()):
        colour = _COLOURS[index]
        places = [f"{x_axis.at(x):.1f},{y_axis.at(y):.1f}" for x, y in points]
        yield f'<polyline points="{" ".join(places)}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield f'<g fill="{colour}">{_text(_LEFT + 100 * index + 60, 38, name, "start")}</g>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
