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

// The target of an event, or the nearest around it that is such an element.
/**
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function closest(event, selector) {
  return targetOf(event)?.closest(selector) ?? null
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

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 */
export const element = (name, className = "", textContent = "") =>
  Object.assign(document.createElement(name), { className, textContent })

// A name or a line within a sentence: it is written in its own direction.
/** @param {string} text */
export const isolated = (text) => element("bdi", "", text)

/** @typedef {{ createHTML: (html: string) => string }} HtmlPolicy */
/** @type {{ createPolicy: (name: string, policy: HtmlPolicy) => HtmlPolicy } | undefined} */
const trustedTypes = Reflect.get(globalThis, "trustedTypes")
const policy = trustedTypes?.createPolicy("chatsite", { createHTML: (html) => html })

// Markup that the site has sent may become elements. Where a browser knows Trusted Types, it makes none of a mere text.
/** @param {string} html */
export const trusted = (html) => policy?.createHTML(html) ?? html

// The elements of this markup, in a document of its own, in which nothing runs or loads.
/** @param {string} html */
export const parsed = (html) => new DOMParser().parseFromString(trusted(html), "text/html").body

// Puts markup of the server in the place of such a part, rendered as that of the page is.
/** @param {string} selector @param {string} html */
export function replace(selector, html) {
  part(document, selector).replaceWith(part(parsed(html), selector))
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
