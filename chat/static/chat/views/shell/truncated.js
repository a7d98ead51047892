// A name for which there is no room shows its whole text to those who point at it.

import { targetOf } from "../../lib/dom.js"

const NAMES = ".name, .sender, .quote a"

export function listenToNames() {
  document.addEventListener("mouseover", (event) => {
    const name = targetOf(event)?.closest(NAMES)
    if (!(name instanceof HTMLElement)) return
    if (name.scrollWidth > name.clientWidth) name.title = name.textContent.trim()
    else name.removeAttribute("title")
  })
}
