// Style sheets of what is loaded when it is first opened.

// Resolves when it is there, and when it can't be had: without its style, everything still works.
/** @param {string} address */
export function loadSheet(address) {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address })
  return new Promise((resolve) => {
    link.onload = link.onerror = resolve
    document.head.append(link)
  })
}
