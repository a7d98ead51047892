// The list of messages saved for later: what is done goes at once.

import "./framed.js"
import { byId, closest, find, keepFocus } from "../lib/dom.js"
import { momentOf } from "../lib/clock.js"

for (const time of document.querySelectorAll("time")) time.textContent = momentOf(new Date(time.dateTime))

document.addEventListener("submit", async (event) => {
  const form = closest(event, ".kept-foot")
  if (!(form instanceof HTMLFormElement)) return
  event.preventDefault()
  const body = new FormData(form, event.submitter)
  const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } })
    .catch(() => null)
  // The server's page says what is wrong. The next message may be on the next page.
  if (!answer?.ok) return submitted(form, event.submitter)
  const list = byId("saved")
  keepFocus(list, () => form.closest(".kept")?.remove(), { stops: "button", instead: find(document, "main") })
  if (!list.childElementCount) location.reload()
})

/** @param {HTMLFormElement} form @param {HTMLElement | null} button */
function submitted(form, button) {
  if (button instanceof HTMLButtonElement)
    form.append(
      Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }),
    )
  form.submit()
}
