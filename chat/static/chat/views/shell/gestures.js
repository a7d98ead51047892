// What clicks and taps do.

import { t } from "../../lib/i18n.js"
import { numberOf, quoteOf } from "../timeline/row.js"

const COPIED_FOR = 2_000
const NAMES = ".name, .sender, .quote a"

const isTouch = matchMedia("(hover: none) and (pointer: coarse)")
const wide = [matchMedia("(min-width: 48rem)"), matchMedia("(min-width: 68rem)")]

export function listenToTimeline({ list, timeline, scroll, outbox, delivery, composer }) {
  list.addEventListener("click", async (event) => {
    const row = event.target.closest(".message")
    const { clientId, replyTo } = row?.dataset ?? {}
    if (event.target.closest(".reply") && numberOf(row)) {
      composer?.replyTo(quoteOf(row))
    } else if (event.target.closest(".quote a") && timeline.row(Number(replyTo))) {
      event.preventDefault()
      showOriginal(timeline.row(Number(replyTo)), list, scroll)
    } else if (event.target.name === "retry") {
      timeline.retry(clientId)
      const entry = await outbox.get(clientId)
      if (entry) await outbox.put({ ...entry, state: "waiting" })
      delivery.wake()
    } else if (event.target.name === "delete") {
      scroll.change(() => timeline.dropPending(clientId))
      outbox.remove(clientId)
    } else if (!event.target.closest("a, button")) {
      row?.classList.toggle("tapped")
    }
  })
}

export function listenToMenus({ jump, list, scroll, open, urls }) {
  jump.addEventListener("click", () => {
    if (open.isDetached()) return location.assign(urls.latest)
    // The button hides itself, and what is typed next must go somewhere. A tap must not bring a keyboard up.
    const isByKeyboard = jump.matches(":focus-visible")
    scroll.toEnd()
    if (isByKeyboard || !isTouch.matches) focusEnd(list)
  })
  listenToCopy(document.getElementById("copy-link"), urls)
}

export function listenToNotices() {
  for (const notice of document.querySelectorAll(".notice")) {
    notice.querySelector("button").addEventListener("click", () => {
      notice.remove()
      document.getElementById("text")?.focus()
    })
  }
}

// What has no room shows its whole text to who points at it.
export function listenToNames() {
  document.addEventListener("mouseover", ({ target }) => {
    const name = target.closest?.(NAMES)
    if (!name) return
    if (name.scrollWidth > name.clientWidth) name.title = name.textContent.trim()
    else name.removeAttribute("title")
  })
}

export function listenToDrawers() {
  for (const drawer of document.querySelectorAll(".sidebar, .people")) listenToDrawer(drawer)
  // A drawer that is open when the window grows would lie over the column that it has become.
  for (const query of wide) {
    query.addEventListener("change", () => {
      for (const drawer of document.querySelectorAll("[popover]:popover-open")) drawer.hidePopover()
    })
  }
}

function listenToCopy(button, urls) {
  // Browsers lend the clipboard to secure pages only.
  button.hidden = !navigator.clipboard
  const label = button.querySelector("span")
  const offer = label.textContent
  let timer = 0
  button.addEventListener("click", async () => {
    const copied = navigator.clipboard.writeText(new URL(urls.room, location.href).href)
    label.textContent = await copied.then(() => t("Copied"), () => t("Your browser didn't allow copying"))
    clearTimeout(timer)
    timer = setTimeout(() => (label.textContent = offer), COPIED_FOR)
  })
}

// While a drawer is open the keyboard stays in it; afterwards it is where it was.
function listenToDrawer(drawer) {
  const opener = document.querySelector(`[popovertarget="${drawer.id}"]:not([popovertargetaction])`)
  drawer.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") {
      for (const part of around(drawer)) part.inert = true
      drawer.querySelector("[popovertargetaction=hide]").focus()
    } else if (document.activeElement === document.body) {
      opener.focus()
    }
  })
  // Before the browser gives the focus back, which it cannot to what is inert.
  drawer.addEventListener("beforetoggle", ({ newState }) => {
    if (newState === "closed") { for (const part of around(drawer)) part.inert = false }
  })
}

// All of the page but this part and what it stands in.
function around(part) {
  if (part === document.body) return []
  const beside = [...part.parentElement.children].filter((other) => other !== part)
  return [...beside, ...around(part.parentElement)]
}

function focusEnd(list) {
  const box = document.querySelector("#text:enabled")
  const last = list.lastElementChild
  if (!box) last.tabIndex = -1
  const end = box ?? last
  end.focus({ preventScroll: true })
}

function showOriginal(row, list, scroll) {
  list.querySelector(".focus")?.classList.remove("focus")
  scroll.toRow(row)
  row.classList.add("focus")
}
