"""
What `make docs` checks of the site that it has built; the search needs a browser.
"""

import functools
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from .pages import ROOT

SITE = ROOT / "build/site"
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(SITE)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium to search in")
@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("IdempotentParameterMismatchException", "errors.html"),
        ("add_launch_permissions", "reference/steps.html#imagebuilder_dist.steps.add_launch_permissions"),
        ("client token crash", "resume-after-a-crash.html"),
    ],
)
def test_the_search_finds_the_page(words: str, page: str, url: str, tmp_path: Path) -> None:
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}"]
    command += ["--virtual-time-budget=10000", "--dump-dom", f"{url}/search.html?q={words.replace(' ', '+')}"]

    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout

    # Besides the results there are links to all pages.
    results = re.findall(r'<li class="kind-\w+"><a href="([^"]+)"', shown)
    assert page in results


def test_nothing_is_loaded_from_elsewhere() -> None:
    """
    The site works without the network, and tells nobody who reads it.
    """
    loaded = {
        page.name
        for page in SITE.rglob("*.html")
        for mark in ('src="http', '<link rel="stylesheet" href="http', "@import")
        if mark in page.read_text()
    }

    assert loaded == set()
