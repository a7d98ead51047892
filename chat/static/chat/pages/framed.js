// A page beside the rooms: the sidebar around it, and people's pictures.

import { paintAvatars } from "../lib/avatar.js"
import { byId } from "../lib/dom.js"
import { listenToDrawers } from "../views/shell/dialogs.js"
import { listenToTips } from "../views/shell/tips.js"

paintAvatars(document)
listenToDrawers(byId("drawer", HTMLDialogElement))
listenToTips(byId("tip"))
document.querySelector(".sidebar-list [aria-current]")?.scrollIntoView({ block: "nearest" })
