// Whose the drafts and unsent messages in this browser are. People may be renamed, and a nickname may go to somebody else:
// the key is made of the id.

import { stored } from "../lib/storage.js"
import { clearDrafts } from "./drafts.js"

// A browser keeps one storage for all sites of an origin: under a path prefix it may have others beside this one.
/** @param {number | string} id @param {string} home the address of the site's first page */
export const ownerOf = (id, home) => under(`#${id}`, home)

// As older releases named them.
/** @param {string} nickname @param {string} home */
export const ownerBefore = (nickname, home) => under(nickname, home)

/** @param {string} name @param {string} home */
const under = (name, home) => (home === "/" ? name : `${name} ${home}`)

// For a page that was made for this person: their session is one again. A page that the browser kept and shows again
// was told of nothing meanwhile; a tab has storage of its own to clear.
/** @param {string} owner @param {() => void} tell */
export function onSignedOut(owner, tell) {
  const key = keyOf(owner)
  stored((kept) => kept.removeItem(key))
  const end = () => {
    clearDrafts(owner)
    tell()
  }
  addEventListener("storage", (event) => event.key === key && event.newValue && end())
  addEventListener("pageshow", ({ persisted }) => persisted && stored((kept) => kept.getItem(key)) && end())
}

/** @param {string} owner */
export const keyOf = (owner) => `chatsite signed out ${owner}`
