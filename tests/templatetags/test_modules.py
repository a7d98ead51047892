"""The tag that asks for all modules of a page at once."""

import re

import pytest
from django.contrib.staticfiles.finders import FileSystemFinder
from django.template import Context, Template
from django.test import override_settings

from chat.templatetags import modules


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """Puts modules where static files are found: `sources(**{"pages/a.js": "…"})`."""

    def put(files: dict[str, str]) -> None:
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)

    monkeypatch.setattr(modules.finders, "get_finders", lambda: [FileSystemFinder()])
    with override_settings(STATICFILES_DIRS=[tmp_path], DEBUG=True):
        yield put


def shown(entry: str, attributes: str = "") -> list[str]:
    """The names of the modules that the tag asks for, in order."""
    text = Template(f'{{% load modules %}}{{% module "{entry}" {attributes} %}}').render(Context())
    return re.findall(r'(?:href|src)="/static/(?:[0-9a-f]{12}/)?([^"]+)"', text)


def test_all_that_a_module_imports_is_asked_for_the_nearest_first_and_once(sources):
    sources(
        {
            "pages/a.js": 'import { b } from "../lib/b.js"\nimport {\n  c,\n  d,\n} from "../lib/c.js"\n',
            "lib/b.js": 'import "./d.js"\n',
            "lib/c.js": 'export { d } from "./d.js"\nimport "./b.js"\n',
            "lib/d.js": "",
        }
    )
    assert shown("pages/a.js") == ["lib/b.js", "lib/c.js", "lib/d.js", "pages/a.js"]


@pytest.mark.parametrize(
    "text",
    [
        '  const later = await import("./b.js")',
        'import("./b.js")',
        'export const path = "./b.js"',
        '// import "./b.js"',
    ],
)
def test_what_is_not_imported_at_once_is_not_asked_for(sources, text):
    sources({"a.js": text, "b.js": ""})
    assert shown("a.js") == ["a.js"]


def test_modules_that_import_each_other_end(sources):
    sources({"a.js": 'import "./b.js"', "b.js": 'import "./a.js"'})
    assert shown("a.js") == ["b.js", "a.js"]


def test_a_change_shows_at_once_while_developing_and_with_the_next_release_otherwise(sources):
    sources({"a.js": 'import "./b.js"', "b.js": "", "c.js": ""})
    modules._cached_tags.cache_clear()
    with override_settings(DEBUG=False, STORAGES=_PLAIN):
        assert shown("a.js") == ["b.js", "a.js"]
        sources({"a.js": 'import "./c.js"'})
        assert shown("a.js") == ["b.js", "a.js"]
    assert shown("a.js") == ["c.js", "a.js"]
    modules._cached_tags.cache_clear()


_PLAIN = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


def test_a_module_that_is_missing_fails_the_page(sources):
    sources({"a.js": 'import "./gone.js"'})
    with pytest.raises(ValueError, match="gone"):
        shown("a.js")


def test_a_script_takes_attributes(sources):
    sources({"a.js": ""})
    page = Template('{% load modules %}{% module "a.js" blocking="render" %}').render(Context())
    assert '<script type="module" blocking="render" src="' in page
