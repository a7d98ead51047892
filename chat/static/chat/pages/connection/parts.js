// The parts of this page by selector, as elements of a known kind.

/**
 * Throws where there is no such part.
 * @template {HTMLElement} Kind
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Kind} kind
 */
export function part(root, selector, kind = /** @type {new () => Kind} */ (HTMLElement)) {
  const found = root.querySelector(selector)
  if (found instanceof kind) return found
  throw new Error(`The page has no ${selector}.`)
}

/** @param {ParentNode} root @param {string} selector @returns {HTMLElement[]} */
export const parts = (root, selector) => [...root.querySelectorAll(selector)].filter(isHtml)

/** @param {Element} element */
const isHtml = (element) => element instanceof HTMLElement
