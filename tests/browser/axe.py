"""axe-core on a page: whatever it finds, in words that lead to the element."""

from importlib.resources import files

from playwright.sync_api import Page

AXE = files("axe_playwright_python") / "axe.min.js"
# WCAG 2.2 A and AA, and what axe's authors count as good practice.
OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


def nothing_found(page: Page) -> None:
    """Asserts that axe-core has nothing to say about the page as it stands.

    It is evaluated through the browser's debugging port: our policy would block a script tag.
    """
    page.wait_for_load_state()  # with its style sheets: sizes and contrasts come from them
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("options => axe.run(document, options)", OPTIONS)
    assert not found["violations"], "\n".join(
        f"{one['id']}: {one['help']}: {node['html']}\n{node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    )
