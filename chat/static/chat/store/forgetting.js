// Clears everything that the browser keeps of a person, when they sign out.

import { stored } from "../lib/storage.js"
import { clearDrafts } from "./drafts.js"
import { forgetEmoji } from "./emoji.js"
import { Outbox } from "./outbox.js"
import { keyOf } from "./owner.js"

// Nothing that was theirs stays, and their other pages hear of it.
/** @param {string} owner @param {string} before */
export async function forgetPerson(owner, before) {
  clearDrafts(owner)
  forgetEmoji(owner)
  await new Outbox(owner, before).clear()
  stored((kept) => kept.setItem(keyOf(owner), String(Date.now())))
}
