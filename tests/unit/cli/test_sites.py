"""sites: what a website needs to show the button."""

import json
import re
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run

SITES = """
[sites.shop]
origins = ["https://www.shop.example", "https://shop.example"]
queues = ["support"]
api_keys = ["sixteen-characters"]
[sites.program]
"""


@pytest.fixture
def shop(company: Run, folder: Path) -> Run:
    with (folder / "callback.toml").open("a") as file:
        file.write(SITES)
    return company


def test_list(company: Run, folder: Path) -> None:
    assert "no sites" in company("sites", "list").stdout
    with (folder / "callback.toml").open("a") as file:
        file.write(SITES)
    out = company("sites", "list").stdout
    assert "shop: https://www.shop.example, https://shop.example; queues: support" in out
    assert "program: no origins" in out and "sixteen" not in out
    listed = json.loads(company("sites", "list", "--json").stdout)
    assert [(one["name"], one["api_keys"]) for one in listed] == [("shop", 1), ("program", 0)]
    assert "sixteen" not in company("sites", "list", "--json").stdout


def test_snippet(shop: Run) -> None:
    out = shop("sites", "snippet", "shop", "--label", 'Ring "me" <now>', "--lang", "de").stdout
    base = re.search(r'href="(.*)/q/support"', out)[1]  # type: ignore[index]
    assert f'<a href="{base}/q/support">Ring &quot;me&quot; &lt;now&gt;</a>' in out
    attributes = 'data-site="shop" data-queue="support" data-lang="de" async'
    assert f'<script src="{base}/embed.js" {attributes}></script>' in out
    assert f"script-src {base}; frame-src {base}" in out
    assert "https://www.shop.example, https://shop.example" in out
    assert out.count("<!--") == 1 and out.rstrip().endswith("-->")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("shopp",), "there are: shop, program"),
        (("program",), "[sites.program]"),
        (("shop", "--queue", "sales"), "it has: support"),
        (("shop", "--lang", "fr"), "en, de"),
    ],
)
def test_what_is_refused(shop: Run, asked: tuple[str, ...], told: str) -> None:
    refused = shop("sites", "snippet", *asked)
    assert refused.exit_code == 1 and told in refused.stderr
