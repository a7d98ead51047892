// The style guide: pictures of people, as the other pages paint them.

import { part, parts } from "../lib/dom.js"
import { paintAvatar, paintAvatars } from "../lib/avatar.js"

paintAvatars(document)
for (const row of parts(document, ".message:has(> .row > a.avatar) > .row")) {
  paintAvatar(part(row, ".avatar"), part(row, ".sender").textContent)
}
