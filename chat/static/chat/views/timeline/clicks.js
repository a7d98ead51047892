// What clicks and taps on messages do.

export function listenToTimeline({ list, messages, timeline, scroll, outbox, delivery, composer }) {
  list.addEventListener("click", async (event) => {
    const row = event.target.closest(".message")
    const message = row && timeline.messageOf(row)
    if (event.target.closest(".reply") && message?.number) {
      composer?.replyTo(message)
    } else if (event.target.closest(".quote a") && timeline.row(message?.reply_to)) {
      event.preventDefault()
      showOriginal(timeline.row(message.reply_to), list, scroll)
    } else if (event.target.name === "retry") {
      messages.retry(message.client_id)
      const entry = await outbox.get(message.client_id)
      if (entry) await outbox.put({ ...entry, state: "waiting" })
      delivery.wake()
    } else if (event.target.name === "delete") {
      outbox.discard(message.client_id)
    } else if (!event.target.closest("a, button")) {
      row?.classList.toggle("tapped")
    }
  })
}

function showOriginal(row, list, scroll) {
  list.querySelector(".focus")?.classList.remove("focus")
  scroll.toRow(row)
  row.querySelector(".row").focus({ preventScroll: true })
  row.classList.add("focus")
}
