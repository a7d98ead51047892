// The style guide: pictures of people, as the other pages paint them.

import { paintAvatar, paintAvatars } from "../lib/avatar.js"

paintAvatars(document)
for (const row of document.querySelectorAll(".message[data-sender]")) {
  paintAvatar(row.querySelector(".avatar"), row.dataset.sender)
}
