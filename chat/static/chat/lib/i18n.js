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
const texts = /** @type {Record<string, any>} */ (Object.create(null))

// A text with plurals is an object, keyed by the language's plural categories.
/** @param {Record<string, string | Record<string, string>>} catalog */
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
  const own = texts[one]?.[form] ?? (form === "one" ? one : other)
  return filled(own, { count, ...params }).join("")
}

// The same as a list of strings and of whatever else the parameters are, such as elements.
/**
 * @param {string} text
 * @param {Record<string, any>} params
 * @returns {any[]}
 */
export function parts(text, params) {
  return filled(texts[text] ?? text, params)
}

/** @param {string} text @param {Record<string, any>} params */
function filled(text, params) {
  const pieces = text.split(/\{(\w+)\}/).map((
    /** @type {string} */ piece,
    place,
  ) => (place % 2 ? shown(params[piece]) : piece))
  return pieces.filter((piece) => piece !== "")
}

/** @param {unknown} value */
const shown = (value) => (typeof value === "number" ? number.format(value) : value)
