// The page that asks before signing out: what the browser keeps of the person goes, once the server has said yes.

import { part } from "../lib/dom.js"
import { forgetPerson } from "../store/forgetting.js"
import { ownerBefore, ownerOf } from "../store/owner.js"

const form = part(document, "form[data-person]", HTMLFormElement)
const { person = "", nickname = "", home = "/" } = form.dataset

form.addEventListener("submit", async (event) => {
  event.preventDefault()
  /** @type {RequestInit} */
  const asked = { method: "POST", body: new FormData(form), redirect: "manual" }
  const answer = await fetch(form.action, asked).catch(() => null)
  // A refusal is a page, which the form itself leads to.
  if (answer?.type !== "opaqueredirect") return form.submit()
  await forgetPerson(ownerOf(person, home), ownerBefore(nickname, home))
  // Instead of this page: Back leads to none that asks for a session which has ended.
  location.replace(home)
})
