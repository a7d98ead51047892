// What clicks and taps do.

import { numberOf, quoteOf } from "./message.js"

const COPIED_FOR = 2_000

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
    }
  })
}

export function listenToMenus({ jump, scroll, open, urls }) {
  jump.addEventListener("click", () => (open.isDetached() ? location.assign(urls.latest) : scroll.toEnd()))
  listenToCopy(document.getElementById("copy-link"), urls)
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
    label.textContent = await copied.then(() => "Copied", () => "The browser refused to copy")
    clearTimeout(timer)
    timer = setTimeout(() => (label.textContent = offer), COPIED_FOR)
  })
}

function showOriginal(row, list, scroll) {
  list.querySelector(".focus")?.classList.remove("focus")
  scroll.toRow(row)
  row.classList.add("focus")
}
