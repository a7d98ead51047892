// The formats that the toolbar and the shortcuts of the message box write.

import { t } from "../../lib/i18n.js"
import { fenced, linked, prefixed, wrapped } from "./edits.js"

/** @import { Edit } from "./edits.js" */
/** @typedef {(text: string, start: number, end: number) => Edit} Change */
/** @typedef {{ id: string, label: string, change: Change, letter?: string, icon?: string }} Format */

/** @param {string} mark @returns {Change} */
const wrapping = (mark) => (text, start, end) => wrapped(text, start, end, mark)
/** @type {Change} */
const code = (text, start, end) => (text.slice(start, end).includes("\n") ? fenced : wrapping("`"))(text, start, end)

/** @type {Format[]} */
export const FORMATS = [
  { id: "bold", label: t("Bold"), change: wrapping("**"), letter: "B" },
  { id: "italic", label: t("Italic"), change: wrapping("*"), letter: "I" },
  { id: "strike", label: t("Strikethrough"), change: wrapping("~~"), letter: "S" },
  { id: "code", label: t("Code"), change: code, icon: "M7.5 6 3.5 10l4 4M12.5 6l4 4-4 4" },
  {
    id: "code-block",
    label: t("Code block"),
    change: fenced,
    icon: "M3.5 4.5h13v11h-13zM8.5 8l-2 2 2 2M11.5 8l2 2-2 2",
  },
  {
    id: "link",
    label: t("Link"),
    change: linked,
    icon: "M8.5 11.5l3-3M9 6.5l1.4-1.4a3.2 3.2 0 0 1 4.5 4.5L13.5 11M11 13.5l-1.4 1.4a3.2 3.2 0 0 1-4.5-4.5L6.5 9",
  },
  {
    id: "quote",
    label: t("Quote"),
    change: (text, start, end) => prefixed(text, start, end, "quote"),
    icon: "M4 4.5v11M8 6h8.5M8 10h8.5M8 14h5",
  },
  {
    id: "list",
    label: t("List"),
    change: (text, start, end) => prefixed(text, start, end, "list"),
    icon: "M4 5.5h.01M4 10h.01M4 14.5h.01M8 5.5h8.5M8 10h8.5M8 14.5h8.5",
  },
  {
    id: "numbers",
    label: t("Numbered list"),
    change: (text, start, end) => prefixed(text, start, end, "numbers"),
    icon: "M3.5 4.5 4.5 4v4M3.4 12.2c.4-.9 2-.7 1.9.4 0 .8-1.9 1.9-1.9 2.9h2M8.5 6h8M8.5 14h8",
  },
  {
    id: "spoiler",
    label: t("Spoiler"),
    change: wrapping("||"),
    icon:
      "M3.5 3.5l13 13M8.2 8.3a2.5 2.5 0 0 0 3.5 3.5M6 6.2C4.3 7.2 3 9 2.5 10c1 2 3.7 4.5 7.5 4.5 1.2 0 2.3-.2 3.200-.7M9 5.6c4.5-.5 7.5 2.4 8.5 4.4-.3.6-.8 1.3-1.5 2",
  },
]
