// A name for which there is no room shows its whole text to those who point at it.

const NAMES = ".name, .sender, .quote a"

export function listenToNames() {
  document.addEventListener("mouseover", ({ target }) => {
    const name = target.closest?.(NAMES)
    if (!name) return
    if (name.scrollWidth > name.clientWidth) name.title = name.textContent.trim()
    else name.removeAttribute("title")
  })
}
