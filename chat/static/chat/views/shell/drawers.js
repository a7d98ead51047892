// On a narrow window the list of rooms and the people of a room are drawers over the talk.

import { find, part, parts } from "../../lib/dom.js"

const wide = [matchMedia("(min-width: 48rem)"), matchMedia("(min-width: 68rem)")]

// A drawer that is open when the window grows would lie over the column that it has become.
export function listenToWidth() {
  for (const query of wide) query.addEventListener("change", closeDrawers)
}

export function closeDrawers() {
  for (const drawer of parts(document, "[popover]:popover-open")) drawer.hidePopover()
}

// While a drawer is open the keyboard stays in it; afterwards it is where it was.
/** @param {HTMLElement} drawer */
export function listenToDrawer(drawer) {
  drawer.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") {
      for (const part of around(drawer)) part.inert = true
      part(drawer, "[popovertargetaction=hide]").focus()
    } else if (document.activeElement === document.body) {
      find(document, `[popovertarget="${drawer.id}"]:not([popovertargetaction])`)?.focus()
    }
  })
  // Before the browser gives the focus back, which it cannot to what is inert.
  drawer.addEventListener("beforetoggle", ({ newState }) => {
    if (newState === "closed") { for (const part of around(drawer)) part.inert = false }
  })
}

// All of the page but this part and what it stands in.
/** @param {HTMLElement} part @returns {HTMLElement[]} */
function around(part) {
  const parent = part.parentElement
  if (!parent || part === document.body) return []
  const beside = parts(parent, ":scope > *").filter((other) => other !== part)
  return [...beside, ...around(parent)]
}
