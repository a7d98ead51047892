"""The translations: a `.po` file that people edit, and what is made of it for Django and for the page."""

import json
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po
from django.utils.translation import to_locale

from chat.languages import LANGUAGES
from tests.languages import texts
from tests.languages.texts import MODULES, ROOT

TRANSLATED = [language for language in LANGUAGES if language != "en"]

_CATEGORIES = {1: ["other"], 2: ["one", "other"]}
"""The plural categories of `Intl.PluralRules`, in the order of the forms in a `.po` file, by their number."""


def path_of(language: str, suffix: str) -> Path:
    return ROOT / f"chat/locale/{to_locale(language)}/LC_MESSAGES/django.{suffix}"


def read(language: str) -> Catalog:
    with path_of(language, "po").open("rb") as file:
        return read_po(file, locale=to_locale(language))


def renewed(old: Catalog) -> Catalog:
    """The catalog with the texts that there are now. A text that has changed is a new one, without a translation."""
    new = Catalog(
        locale=old.locale,
        header_comment=old.header_comment,
        project="chatsite",
        version="1",
        msgid_bugs_address="CONTRIBUTING.md",
        last_translator="chatsite",
        language_team="chatsite",
        fuzzy=False,
        creation_date=old.creation_date,
        revision_date=old.revision_date,
    )
    for text, places in texts.found().items():
        one = text if isinstance(text, str) else text[0]
        known = old.get(one)
        string = known.string if known and known.id == text else ""
        notes = known.user_comments if known else []
        flags = {"fuzzy"} if known and known.fuzzy else set()
        new.add(text, string, [(place, None) for place in places], flags, user_comments=notes)
    return new


def is_translated(message: Message) -> bool:
    return all(message.string) if message.pluralizable else bool(message.string)


def po(catalog: Catalog) -> bytes:
    file = BytesIO()
    write_po(file, catalog, width=120, include_lineno=False, sort_output=True)
    return file.getvalue()


def mo(catalog: Catalog) -> bytes:
    file = BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def module(catalog: Catalog) -> str:
    """The texts of the page's modules, as a module that hands them over."""
    categories = _CATEGORIES[get_plural(str(catalog.locale)).num_plurals]
    shown = {}
    for text in texts.of_modules():
        message = catalog.get(text if isinstance(text, str) else text[0])
        if not is_translated(message):
            continue
        if isinstance(text, str):
            shown[text] = message.string
        else:
            shown[text[0]] = dict(zip(categories, message.string, strict=True))
    lines = json.dumps(shown, ensure_ascii=False, indent=2, sort_keys=True)
    return (
        "// Made by `make messages` from the catalog in chat/locale/. Edit that one.\n\n"
        f'import {{ learn }} from "../lib/i18n.js"\n\nlearn({lines})\n'
    )


def files(language: str) -> dict[Path, bytes]:
    """All files of a language, as they have to be."""
    catalog = renewed(read(language))
    return {
        path_of(language, "po"): po(catalog),
        path_of(language, "mo"): mo(catalog),
        MODULES / f"locale/{language}.js": module(catalog).encode(),
    }
