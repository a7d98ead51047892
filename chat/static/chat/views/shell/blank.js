// A page whose person has signed out shows nothing of theirs any more, but why.

export function blank(strip) {
  for (const drawer of document.querySelectorAll("[popover]:popover-open")) drawer.hidePopover()
  document.title = "chatsite"
  document.body.classList.add("blank")
  document.body.replaceChildren(strip)
}
