"""
The pictures in docs: their text is readable, they follow the reader's colour scheme, and they load nothing.
"""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.pages import PAGES, ROOT

SVG = "{http://www.w3.org/2000/svg}"
PICTURES = sorted((ROOT / "docs/pictures").glob("*.svg"))
each_picture = pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)


def root_of(picture: Path) -> ET.Element:
    return ET.fromstring(picture.read_text())  # noqa: S314 - a file of ours


def test_there_are_pictures() -> None:
    assert [picture.stem for picture in PICTURES] == ["life-of-an-edit", "path-of-a-call", "what-a-configuration-does"]


@each_picture
def test_a_picture_is_told_to_who_does_not_see_it(picture: Path) -> None:
    root = root_of(picture)
    title, desc = list(root)[:2]

    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert (title.tag, desc.tag) == (f"{SVG}title", f"{SVG}desc")
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert title.text
    assert desc.text


@each_picture
def test_a_picture_has_no_external_reference(picture: Path) -> None:
    """
    Nothing is loaded or run: no links, images, fonts or scripts.
    """
    text, elements = picture.read_text(), [*root_of(picture).iter()]

    assert {element.tag.removeprefix(SVG) for element in elements} <= {
        *("svg", "title", "desc", "style", "defs", "marker"),
        *("path", "rect", "text"),
    }
    assert [name for element in elements for name in element.attrib if "href" in name or name.startswith("on")] == []
    assert set(re.findall(r"url\((.*?)\)|@(import|font-face)", text)) == {("#arrow", "")}
    assert re.findall(r"https?:[^\"]+", text) == [SVG.strip("{}")]


@each_picture
def test_every_colour_of_a_picture_has_a_dark_one(picture: Path) -> None:
    root = root_of(picture)
    light, _, dark = str(root.findtext(f"{SVG}style")).partition("@media (prefers-color-scheme: dark)")
    used = {str(element.get("class")) for element in root.iter() if element.get("class")}

    coloured = set(re.findall(r"\.(\w+)(?= {[^}]*#)", light))
    assert coloured <= set(re.findall(r"\.(\w+)", dark))
    assert used <= coloured | {"title"}  # a title is as dark as any text


@each_picture
def test_everything_is_inside_a_picture(picture: Path) -> None:
    root = root_of(picture)
    _, _, width, height = map(float, str(root.get("viewBox")).split())

    for element in (*root.iter(f"{SVG}rect"), *root.iter(f"{SVG}text")):
        x, y = float(str(element.get("x"))), float(str(element.get("y")))
        assert 0 <= x <= x + float(element.get("width", 0)) <= width
        assert 0 <= y <= y + float(element.get("height", 0)) <= height


@each_picture
def test_a_picture_is_shown_on_a_page_with_an_alternative_text(picture: Path) -> None:
    pages = [*PAGES, ROOT / "CONTRIBUTING.md"]

    shown = [
        re.findall(rf"!\[(.+)\]\((.*{picture.name})\)", page.read_text())
        for page in pages
        if picture.name in page.read_text()
    ]

    assert shown
    assert all(shown)
