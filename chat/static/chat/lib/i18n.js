// The page's texts in its own language, which `<html lang>` names. English texts are their own keys. Another language's
// module in locale/ is a script of the page before its entry, and hands its texts over when it is loaded.

const language = globalThis.document?.documentElement.lang || "en"

// Some systems name a region in ways that Intl refuses, such as "en-US@posix".
/** @param {string} tag */
function inScript(tag) {
  try {
    const { language, script } = new Intl.Locale(tag).maximize()
    return `${language}-${script}`
  } catch {
    return null
  }
}

// For dates and numbers: the reader's own region, where the browser names one in this language.
export const locale = navigator.languages.find((tag) => inScript(tag) === inScript(language)) ?? language

const plurals = new Intl.PluralRules(language)
const number = new Intl.NumberFormat(locale)
/** @typedef {Record<string, string | Record<string, string>>} Catalog */
const texts = /** @type {Catalog} */ (Object.create(null))

// A text with plurals is an object, keyed by the language's plural categories.
/** @param {Catalog} catalog */
export function learn(catalog) {
  Object.assign(texts, catalog)
}

// `{name}` stands for a parameter. Numbers are written as the reader writes them.
/**
 * @param {string} text
 * @param {Record<string, string | number | undefined>} [params]
 * @returns {string}
 */
export function t(text, params = {}) {
  return parts(text, params).join("")
}

/**
 * @param {string} one
 * @param {string} other
 * @param {number} count
 * @param {Record<string, string | number>} [params]
 * @returns {string}
 */
export function plural(one, other, count, params = {}) {
  const form = plurals.select(count)
  const known = texts[one]
  const own = typeof known === "object" ? known[form] : undefined
  return filled(own ?? (form === "one" ? one : other), { count, ...params }).join("")
}

/** @typedef {string | number | Node | undefined} Param */

// The same as a list of strings and of the elements among the parameters.
/** @param {string} text @param {Record<string, Param>} params */
export function parts(text, params) {
  const known = texts[text]
  return filled(typeof known === "string" ? known : text, params)
}

/** @param {string} text @param {Record<string, Param>} params */
function filled(text, params) {
  const pieces = text.split(/\{(\w+)\}/).map((
    /** @type {string} */ piece,
    place,
  ) => (place % 2 ? shown(params[piece]) : piece))
  return pieces.filter((piece) => piece !== "")
}

/** @param {Param} value */
const shown = (value) => (typeof value === "number" ? number.format(value) : value ?? "")
