// Parts of the document, as elements of a known kind, and changes of it that disturb nobody who is in it.

/**
 * The first such part, or null.
 * @template {HTMLElement} Kind
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Kind} kind
 */
export function find(root, selector, kind = /** @type {new () => Kind} */ (HTMLElement)) {
  const found = root.querySelector(selector)
  return found instanceof kind ? found : null
}

/**
 * Throws where there is no such part.
 * @template {HTMLElement} Kind
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Kind} [kind]
 */
export function part(root, selector, kind) {
  const found = find(root, selector, kind)
  if (found) return found
  throw new Error(`The page has no ${selector}.`)
}

/** @param {ParentNode} root @param {string} selector @returns {HTMLElement[]} */
export const parts = (root, selector) => Array.from(root.querySelectorAll(selector)).filter(isHtml)

/**
 * Throws where the page has no such element.
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} [kind]
 */
export const byId = (id, kind) => part(document, `#${id}`, kind)

/** @param {HTMLTemplateElement} template */
export function copyOf(template) {
  const copy = template.content.firstElementChild?.cloneNode(true)
  if (copy instanceof HTMLElement) return copy
  throw new Error(`The template ${template.id} is empty.`)
}

// An event can also be about the document, or a text.
/** @param {Event} event */
export const targetOf = ({ target }) => (target instanceof Element ? target : null)

/** @param {Element} element */
const isHtml = (element) => element instanceof HTMLElement

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
