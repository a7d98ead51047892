"""The browser understands each declaration and each selector of the style sheets: a mistyped one it would just drop."""

import json
import re

from tests.stylesheets import of_the_page

# Of other systems.
UNKNOWN = {"-webkit-font-smoothing", "text-align: -webkit-match-parent", "text-align: match-parent"}
NO_SELECTORS = re.compile("@|from|to|[0-9]+%")

ASK = """([declarations, selectors]) => {
  const isKnown = (selector) => {
    try {
      document.querySelector(/^[>+~]/.test(selector) ? `:scope ${selector}` : selector)
      return true
    } catch {
      return false
    }
  }
  return [
    ...declarations.filter(([, name, value]) => !CSS.supports(name, value)).map((each) => each.join(" ")),
    ...selectors.filter((selector) => !isKnown(selector)),
  ]
}"""


def asked_of_a_browser(unknown: set[str], others: str = "::-moz-") -> str:
    """Declarations but those of unknown properties or values, and selectors but those of other browsers, as JSON."""
    found = [each for each in of_the_page() if not each.name.startswith("--")]
    declarations = [
        (each.place, each.name, each.text) for each in found if not unknown & {each.name, f"{each.name}: {each.text}"}
    ]
    selectors = {rule for each in found for rule in each.rules if not NO_SELECTORS.match(rule) and others not in rule}
    return json.dumps([declarations, sorted(selectors)])


def test_nothing_in_the_style_sheets_is_dropped(visit):
    page = visit().page
    page.goto("/")
    assert page.evaluate(f"({ASK})({asked_of_a_browser(UNKNOWN)})") == []


def test_what_is_mistyped_is_found(visit):
    page = visit().page
    page.goto("/")
    found = page.evaluate(f"({ASK})([[['given', 'colr', 'red'], ['given', 'color', 'redd']], ['a:hass(b)']])")
    assert found == ["given colr red", "given color redd", "a:hass(b)"]
