// A page beside the rooms: the sidebar around it, and people's pictures.

import { paintAvatars } from "../lib/avatar.js"
import { listenToDrawers } from "../views/shell/drawers.js"
import { listenToTips } from "../views/shell/tips.js"

paintAvatars(document)
listenToDrawers(document.getElementById("drawer"))
listenToTips(document.getElementById("tip"))
document.querySelector(".sidebar-list [aria-current]")?.scrollIntoView({ block: "nearest" })
