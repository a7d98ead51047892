"""`make messages`: brings the catalogs up to date with the texts of the site, and says what is not translated yet."""

import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from tests.languages import catalogs

    for language in catalogs.TRANSLATED:
        for path, content in catalogs.files(language).items():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
            print(path.relative_to(catalogs.ROOT))
        missing = [message for message in catalogs.read(language) if message.id and not catalogs.is_translated(message)]
        for message in missing:
            print(f"  not translated: {message.id}")


if __name__ == "__main__":
    main()
