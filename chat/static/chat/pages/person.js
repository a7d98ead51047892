// A page that was made for a person, other than a room's: gone when they sign out in another tab.

import { byId } from "../lib/dom.js"
import { onSignedOut, ownerOf } from "../store/owner.js"

const { person = "", home = "/" } = byId("person").dataset

onSignedOut(ownerOf(person, home), () => location.replace(home))
