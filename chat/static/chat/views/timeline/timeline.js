// The messages on the page: a window [first..last] of the room's numbers without a gap, then what is not yet sent.

import { t } from "../../lib/i18n.js"
import { sentenceOf } from "../../lib/refusals.js"
import { arrangeRow } from "./grouping.js"
import { createRow, fillRow, finishRow, nameRow, numberOf, numberRow, quoteOf, senderOf, sequenceOf } from "./row.js"

export class Timeline {
  first = 0
  last = 0
  firstUnread = 0
  #list
  #me
  #urls
  #rows = new Map()
  #pending = new Map()
  // Numbers for which the server has nothing any more: where a range begins, and where it ends.
  #gone = new Map()
  // What is said of messages outside the window where they are answered.
  #originals = new Map()

  // Takes over the rows that the server has drawn.
  constructor(list, { me, urls }) {
    this.#list = list
    this.#me = me
    this.#urls = urls
    for (const row of list.children) {
      finishRow(row)
      this.#rows.set(numberOf(row), row)
    }
    const numbers = [...this.#rows.keys()]
    this.first = numbers.at(0) ?? 0
    this.last = numbers.at(-1) ?? 0
    this.arrange()
  }

  get size() {
    return this.#rows.size
  }

  row(number) {
    return this.#rows.get(number)
  }

  // Whether one's own message of this client_id stands in the window.
  has(client_id) {
    return [...this.#rows.values()].some((row) =>
      row.dataset.clientId === client_id && senderOf(row).id === this.#me.id
    )
  }

  // Puts or replaces a message. Returns its row if that is new here, and nothing where the window does not reach.
  put(message) {
    const { number, sequence = 0, sender, client_id } = message
    if (this.#originals.has(number)) this.learn(number, message)
    if (number > this.last + 1 || number < this.first) return null
    const pending = sender.id === this.#me.id ? this.#takePending(client_id) : null
    const known = this.#rows.get(number)
    if (known) {
      pending?.remove()
      if (sequence >= sequenceOf(known)) this.#replace(known, message)
      return null
    }
    const row = pending ?? createRow()
    this.#fill(row, message)
    this.#append(row, number)
    return row
  }

  // A page of history, on whichever side of the window it lies. The window passes over what is gone.
  load(messages, gone = []) {
    for (const [from, to] of gone) this.#gone.set(from, to)
    this.#pass()
    for (const message of messages.toReversed()) if (message.number === this.first - 1) this.#prepend(message)
    for (const message of messages) this.put(message)
    this.arrange()
  }

  // The number of a message that is answered in the window and of which nothing is known; the last such, or nothing.
  get unknownOriginal() {
    const numbers = Array.from(this.#list.querySelectorAll("[data-reply-to]"), ({ dataset }) => Number(dataset.replyTo))
    return numbers.findLast((number) => !this.#rows.has(number) && !this.#originals.has(number))
  }

  // A message outside the window; nothing where the server has none of that number.
  learn(number, message) {
    const row = createRow()
    if (message) fillRow(row, message, this.#urls)
    this.#originals.set(number, message ? quoteOf(row) : { number })
    this.#requote(number)
  }

  // What is known of a message where it is answered: at least its number.
  quoteOf(number) {
    const row = this.#rows.get(number)
    return row ? quoteOf(row) : (this.#originals.get(number) ?? { number })
  }

  // Somebody is called otherwise now.
  rename(person) {
    for (const row of this.#rows.values()) {
      if (senderOf(row).id !== person.id) continue
      nameRow(row, person, this.#urls)
      finishRow(row)
    }
    for (const original of this.#originals.values()) if (original.sender?.id === person.id) original.sender = person
    this.arrange()
  }

  // Gives up rows at one end. What lies there can be loaded again, so the window stays whole.
  trimStart(size) {
    while (this.size > size) this.#remove(this.first++)
    this.#arrangeRow(this.#rows.get(this.first))
  }

  trimEnd(size) {
    while (this.size > size) this.#remove(this.last--)
    this.arrange()
  }

  // Own words on their way.

  addPending(entry, mayRetry = true) {
    const row = createRow()
    const sent_at = new Date(entry.created).toISOString()
    this.#fill(row, { ...entry, sender: this.#me, sent_at })
    row.classList.add("pending")
    this.#pending.set(entry.client_id, row)
    this.#list.append(row)
    this.#arrangeRow(row)
    if (entry.state === "failed") this.fail(entry, mayRetry)
  }

  // The server has it. Its row takes its place when everything before it is here, which may be now.
  settle({ client_id, number, sequence }) {
    const row = this.#pending.get(client_id)
    if (!row) return
    this.retry(client_id)
    row.classList.remove("pending")
    if (this.#rows.has(number)) this.dropPending(client_id)
    if (number !== this.last + 1) return
    this.#takePending(client_id)
    numberRow(row, number, this.#urls)
    row.dataset.sequence = sequence
    this.#append(row, number)
  }

  // Who is no member any more would be refused again: their words stay on the page, to be copied or deleted.
  fail({ client_id, ...refusal }, mayRetry) {
    const row = this.#pending.get(client_id)
    if (!row) return
    const fate = row.querySelector(".fate")
    fate.replaceChildren(document.getElementById("failed-template").content.cloneNode(true))
    fate.querySelector(".reason").textContent = sentenceOf(refusal)
    fate.querySelector("[name=retry]").hidden = !mayRetry
    fate.hidden = false
    row.classList.add("failed")
  }

  retry(client_id) {
    const row = this.#pending.get(client_id)
    row?.classList.remove("failed")
    row?.querySelector(".fate").toggleAttribute("hidden", true)
  }

  dropPending(client_id) {
    this.#takePending(client_id)?.remove()
  }

  // Looks.

  arrange() {
    for (const row of this.#list.children) this.#arrangeRow(row)
  }

  markUnread(number) {
    const marked = [this.firstUnread, number]
    this.firstUnread = number
    for (const each of marked) this.#arrangeRow(this.#rows.get(each))
  }

  #arrangeRow(row) {
    if (!row) return
    this.#quote(row)
    arrangeRow(row, row.previousElementSibling, this.firstUnread > 0 && numberOf(row) === this.firstUnread)
  }

  #quote(row) {
    const number = Number(row.dataset.replyTo ?? 0)
    const quote = row.querySelector(".quote")
    quote.hidden = !number
    if (!number) return
    const link = quote.firstElementChild
    const { sender, line } = this.quoteOf(number)
    link.href = this.#urls.message(number)
    link.textContent = sender ? line : t("Reply to #{number}", { number: String(number) })
    if (sender) link.dataset.sender = sender.nickname
    else delete link.dataset.sender
  }

  #requote(number) {
    for (const reply of this.#list.querySelectorAll(`[data-reply-to="${number}"]`)) this.#quote(reply)
  }

  #fill(row, message) {
    fillRow(row, message, this.#urls)
    row.classList.toggle("own", message.sender.id === this.#me.id)
  }

  #replace(row, message) {
    const hadFocus = row.contains(document.activeElement)
    this.#fill(row, message)
    this.#arrangeRow(row)
    this.#requote(message.number)
    // A link that had the focus may be gone with the old text: the keyboard stays at the message.
    if (hadFocus && !row.contains(document.activeElement)) row.querySelector(".when").focus()
  }

  #append(row, number) {
    row.classList.remove("pending", "failed")
    row.querySelector(".fate").hidden = true
    const [waiting] = this.#pending.values()
    this.#list.insertBefore(row, waiting ?? null)
    this.#rows.set(number, row)
    this.first ||= number
    this.last = number
    this.#pass()
    this.#arrangeRow(row)
    this.#arrangeRow(row.nextElementSibling)
  }

  #prepend(message) {
    const row = createRow()
    this.#fill(row, message)
    this.#list.prepend(row)
    this.#rows.set(message.number, row)
    this.first = message.number
    this.#pass()
  }

  #pass() {
    const rangeOf = (number) => [...this.#gone].find(([from, to]) => from <= number && number <= to)
    for (let range; (range = rangeOf(this.first - 1));) this.first = range[0]
    for (let range; (range = rangeOf(this.last + 1));) this.last = range[1]
    if (this.last) this.first ||= 1
  }

  #remove(number) {
    this.#rows.get(number)?.remove()
    this.#rows.delete(number)
  }

  #takePending(client_id) {
    const row = this.#pending.get(client_id)
    this.#pending.delete(client_id)
    return row
  }
}
