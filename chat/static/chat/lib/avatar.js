// A person's initial on a colour of their own. The colours are classes: the page allows no inline style.

const HUES = 12
// Comes by every hue, and to a distant one first.
const STEP = 5
// The first people in sight of a page, each with a hue that none of the others has. Those who come later share.
const taken = /** @type {Map<string, number>} */ (new Map())
const graphemes = globalThis.Intl?.Segmenter && new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** @param {HTMLElement} element @param {string} nickname */
export function paintAvatar(element, nickname) {
  element.dataset.name = nickname
  element.textContent = initial(nickname)
  for (let hue = 0; hue < HUES; hue++) element.classList.toggle(`hue-${hue}`, hue === hueOf(nickname))
}

/** @param {ParentNode} root */
export function paintAvatars(root) {
  /** @type {NodeListOf<HTMLElement>} */
  const avatars = root.querySelectorAll(".avatar[data-name]")
  for (const element of avatars) paintAvatar(element, element.dataset.name ?? "")
}

/** @param {string} nickname */
function initial(nickname) {
  const [first] = graphemes ? Array.from(graphemes.segment(nickname), ({ segment }) => segment) : nickname
  return (first ?? "").toLocaleUpperCase()
}

/** @param {string} nickname */
function hueOf(nickname) {
  const hue = taken.get(nickname) ?? preferredHue(nickname)
  if (taken.has(nickname) || taken.size === HUES) return hue
  const others = new Set(taken.values())
  let free = hue
  while (others.has(free)) free = (free + STEP) % HUES
  taken.set(nickname, free)
  return free
}

/** @param {string} nickname */
function preferredHue(nickname) {
  let hash = 7
  for (const character of nickname) hash = (hash * 31 + Number(character.codePointAt(0))) >>> 0
  return ((hash ^ (hash >>> 15)) >>> 0) % HUES
}
