// Changes of the document that disturb nobody who is in it.

// Makes these elements, in this order, the children of a list. What is there already stays or moves, with its focus and
// its selection where the browser can do that.
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
    else if (element.isConnected && list.moveBefore) list.moveBefore(element, place)
    else list.insertBefore(element, place)
  }
}
