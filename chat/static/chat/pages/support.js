// Whether this browser can do what the page needs. Stands alone, so that it runs where the other modules do not. Where it
// does not run either, the notice shows by itself (styles/outdated.css). README.md names the versions.

const needs = [
  "popover" in HTMLElement.prototype,
  typeof AbortSignal.any === "function",
  CSS.supports("color", "light-dark(red, red)"),
  CSS.supports("selector(:has(&))"),
]

const notice = document.getElementById("outdated")
if (needs.every(Boolean)) notice?.remove()
else notice?.classList.add("sure")

// The server draws days and times as the reader's clock has them. The cookie is for the site, which may be below a path.
const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
const [site] = new URL(import.meta.url).pathname.split("/static/")
document.cookie = `time_zone=${timeZone}; path=${site}/; max-age=31536000; SameSite=Lax`
