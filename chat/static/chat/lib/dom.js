// Changes of the document that disturb nobody who is in it.

// What such a selector names that the target of an event is, or stands in.
/**
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function closest({ target }, selector) {
  return target instanceof Element ? target.closest(selector) : null
}

// Puts an element there, with its focus and its scroll place where the browser can do that.
/**
 * @param {Element} parent
 * @param {Element} element
 * @param {Element | null} before
 */
export function move(parent, element, before) {
  if (element.isConnected && parent.moveBefore) parent.moveBefore(element, before)
  else parent.insertBefore(element, before)
}

// Makes these elements, in this order, the children of a list. What is there already stays or moves.
/**
 * @param {Element} list
 * @param {Element[]} elements
 */
export function patch(list, elements) {
  const wanted = new Set(elements)
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove()
  let place = list.firstElementChild
  for (const element of elements) {
    if (element === place) place = place.nextElementSibling
    else move(list, element, place)
  }
}

const STOPS = "a[href], button, input, textarea"

// Changes an area. Who had the focus in it has it afterwards; where they are gone, what stood nearest gets it, or else
// `instead`. `stops` are what may get it.
/**
 * @param {Element} area
 * @param {() => void} change
 * @param {{ stops?: string, instead?: HTMLElement | null }} [options]
 */
export function keepFocus(area, change, { stops = STOPS, instead = null } = {}) {
  const focused = document.activeElement
  if (!(focused instanceof HTMLElement) || focused === area || !area.contains(focused)) return change()
  const all = /** @type {HTMLElement[]} */ ([...area.querySelectorAll(stops)])
  const isAfter = (/** @type {Element} */ one) =>
    focused.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING
  const own = /** @type {HTMLElement | null} */ (focused.closest(stops))
  const nearest = [focused, own, ...all.filter(isAfter), ...all.filter((one) => !isAfter(one)).toReversed(), instead]
  change()
  for (const one of nearest) {
    if (one?.isConnected) one.focus({ preventScroll: true })
    if (document.activeElement === one) return
  }
}
