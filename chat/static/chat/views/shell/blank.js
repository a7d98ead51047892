// A page whose person has signed out shows nothing of theirs any more, but why, which is read out.

export function blank(strip) {
  document.title = "chatsite"
  document.body.classList.add("blank")
  document.body.replaceChildren(strip)
  strip.tabIndex = -1
  strip.focus()
}
