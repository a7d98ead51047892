// A text for each key, and for each place where keys hold: for the sheet of keys alone.

import { t } from "../../lib/i18n.js"

/** @type {Record<string, string>} */
export const PLACE_TEXTS = {
  messages: t("Among messages"),
  box: t("In the message box"),
  suggestions: t("While names are suggested"),
  toolbar: t("In the toolbar"),
  thread: t("In a thread"),
  page: t("Anywhere in a room"),
}

/** @type {Record<string, string>} */
export const KEY_TEXTS = {
  "hide-tip": t("Hide a button's label"),
  "previous-suggestion": t("Previous suggestion"),
  "next-suggestion": t("Next suggestion"),
  "choose-suggestion": t("Insert it"),
  "close-suggestions": t("Close the suggestions"),
  "previous": t("Previous message"),
  "next": t("Next message"),
  "first": t("First loaded message"),
  "last": t("Last message"),
  "message-menu": t("Open the message's menu"),
  "select": t("Select or unselect, while selecting"),
  "select-up": t("Select upward, while selecting"),
  "select-down": t("Select downward, while selecting"),
  "way-back": t("Back to the reply that led here"),
  "back": t("Back to the message box"),
  "send": t("Send"),
  "new-line": t("New line"),
  "to-messages": t("To the messages"),
  "edit-last": t("Edit your last message, in an empty box"),
  "bold": t("Bold"),
  "italic": t("Italic"),
  "strike": t("Strikethrough"),
  "code": t("Code"),
  "link": t("Link"),
  "cancel": t("Cancel a reply or an edit"),
  "previous-button": t("Previous button"),
  "next-button": t("Next button"),
  "close-thread": t("Close the thread"),
  "switch-thread": t("From the room to its open thread, and back"),
  "page-up": t("Scroll up a screen"),
  "page-down": t("Scroll down a screen"),
  "keys": t("Keyboard shortcuts"),
}
