"""
A parser of the part of Mermaid's language that pictures use, stricter than Mermaid's own.
"""

import re
from collections import Counter

import attrs

LABEL = re.compile(r"(?:[A-Za-z0-9/]|(?<=[A-Za-z0-9])[-_ ](?=[A-Za-z0-9])|#[0-9]+;|<br/>)*", re.ASCII)
NODE = re.compile(r'  (image|[a-z_]+\d+)(?:\["([^"]+)"\]|\(\["([^"]+)"\]\))', re.ASCII)
EDGE = re.compile(r"  (\w+) --> (\w+)", re.ASCII)
STYLE = re.compile(r"  style (public\d+) stroke:red,stroke-width:4px", re.ASCII)
EVERYBODY = "everybody may launch it"

Effect = tuple[str, str, str]
"""A Region, a kind, and what stands below its heading."""


@attrs.frozen
class Node:
    """
    The lines of a node's label, and the node that its arrow comes from.
    """

    lines: list[str]
    source: str | None


def chart_of(text: str) -> dict[str, Node]:
    """
    Return the nodes of a chart; each has a line of its own, before the arrow that leads to it.
    """
    assert text.isascii()
    assert text.endswith("\n")
    header, *lines = text.splitlines()
    assert header == "flowchart LR"
    nodes: dict[str, Node] = {}
    for line in lines:
        if node := NODE.fullmatch(line):
            name, label = node[1], node[2] or node[3]
            assert name not in nodes
            assert (name == "image") is bool(node[3])
            nodes[name] = Node(lines_of(label), None)
        elif edge := EDGE.fullmatch(line):
            source, target = edge.groups()
            assert nodes[target].source is None
            assert source in nodes
            nodes[target] = attrs.evolve(nodes[target], source=source)
        else:
            style = STYLE.fullmatch(line)
            assert style, line
            assert nodes[style[1]].lines[0] == EVERYBODY
    assert [name for name, node in nodes.items() if node.source is None] == ["image"]
    return nodes


def lines_of(label: str) -> list[str]:
    assert LABEL.fullmatch(label), label
    return [re.sub("#([0-9]+);", lambda code: chr(int(code[1])), line) for line in label.split("<br/>")]


def shown(text: str) -> str:
    """
    Name the characters that can't be seen, or that Mermaid interprets even if they are written as codes.
    """
    return "".join(c if c.isprintable() and c not in "\\$:\ufb02\xb6" else f"(U+{ord(c):04X})" for c in text)


def regions_of(node: Node) -> list[str]:
    first, *rest = node.lines
    if rest:
        assert first == f"{len(rest)} Regions"
        return rest
    return [first.removeprefix("Region ")]


def effects_of(nodes: dict[str, Node]) -> tuple[Counter[Effect], Counter[tuple[str, str]]]:
    """
    Return the effects that are listed, and how many of each kind each Region counts.
    """
    effects: Counter[Effect] = Counter()
    counts: Counter[tuple[str, str]] = Counter()
    for name, node in nodes.items():
        if node.source is not None and node.source != "image":
            heading, *items = node.lines
            number = int(found[0]) if (found := re.search(r"\d+", heading.replace("S3", ""))) else 1
            if number > 5:
                assert items.pop() == f"and {number - 5} more"
            assert len(items) == min(number, 5)
            for region in regions_of(nodes[node.source]):
                kind = name.rstrip("0123456789")
                effects.update((region, kind, item) for item in items)
                counts[region, kind] += number
    return effects, counts
