"""The languages of the chat's texts, each in its own name: all that a person can choose from."""

LANGUAGES = {"en": "English", "zh-hans": "简体中文"}
