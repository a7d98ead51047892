// For pages that show people and are otherwise complete as they come.

import { paintAvatars } from "./avatar.js"

paintAvatars(document)
