// For pages that show people and are otherwise complete as they come.

import { paintAvatars } from "../lib/avatar.js"

paintAvatars(document)
