// A page beside the rooms: the sidebar around it, and people's pictures.

import { paintAvatars } from "../lib/avatar.js"
import { listenToDrawer, listenToWidth } from "../views/shell/drawers.js"
import { listenToNames } from "../views/shell/truncated.js"

paintAvatars(document)
listenToDrawer(document.getElementById("sidebar"))
listenToWidth()
listenToNames()
document.querySelector(".sidebar-list [aria-current]")?.scrollIntoView({ block: "nearest" })
