// Notices of what was just done, until they are closed.

export function listenToNotices() {
  for (const notice of document.querySelectorAll(".notice")) {
    notice.querySelector("button").addEventListener("click", () => {
      notice.remove()
      document.getElementById("text")?.focus()
    })
  }
}
