// The style guide: pictures of people, as the other pages paint them, and what scripts draw.

import { part, parts } from "../lib/dom.js"
import { paintAvatar, paintAvatars } from "../lib/avatar.js"
import { drawToolbar } from "../views/composer/toolbar.js"

paintAvatars(document)
for (const row of parts(document, ".message:has(> .row > a.avatar) > .row")) {
  paintAvatar(part(row, ".avatar"), part(row, ".sender").textContent)
}
for (const box of parts(document, "[aria-label=toolbar]")) {
  const toolbar = drawToolbar()
  part(toolbar, "button").ariaPressed = "true"
  box.after(toolbar)
}
