"""axe-core, which looks over a page as it stands: a list of what is wrong with it for whom."""

from importlib.resources import files

from playwright.sync_api import Page

from tests.browser.visitors import NARROW, WIDE

_SOURCE = (files("axe_playwright_python") / "axe.min.js").read_text()

# All rules that axe counts as sure, those of WCAG 2.2 included. Colours that are on their way to others count as those.
_RUN = """async (theme) => {
  document.documentElement.dataset.theme = theme
  await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))
  const options = { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } }
  const { violations } = await axe.run(document, options)
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html, failureSummary }) => [id, target.join(" "), html.slice(0, 160), failureSummary]))
}"""

# Both widths and both themes in two runs: nothing in the style sheets depends on both.
_LOOKS = {"wide": (WIDE, "light"), "narrow": (NARROW, "dark")}


class Looks:
    """Looks at pages, one after the other, and keeps what is wrong with any of them."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def at(self, page: Page, name: str, *, sizes: str = "wide narrow") -> None:
        """At the page as it stands: nothing is loaded anew."""
        page.evaluate(_SOURCE)
        for size in sizes.split():
            viewport, theme = _LOOKS[size]
            page.set_viewport_size(viewport)
            found = page.evaluate(_RUN, theme)
            self.faults += [f"{name}, {size}, {theme}: {' | '.join(fault)}" for fault in found]
        page.set_viewport_size(WIDE)
