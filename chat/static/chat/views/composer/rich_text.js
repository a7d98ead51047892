// Rich text as the Markdown that messages may have (chat/text/markdown.py). It walks over parsed markup, of which it reads
// names, texts and a few attributes.

// The properties of a node that are read.
/**
 * @typedef {object} Read
 * @property {number} nodeType
 * @property {string} nodeName
 * @property {string | null} [nodeValue]
 * @property {Iterable<Read>} childNodes
 * @property {(name: string) => string | null} [getAttribute]
 */
/** @typedef {{ bold?: boolean, italic?: boolean, strike?: boolean, code?: boolean, spoiler?: boolean, heading?: boolean }} Style */
/** @typedef {{ text: string, style: Style }} Run */
// A block, and how many line breaks part it at least from what stands beside it.
/** @typedef {{ text: string, gap: number }} Block */

const ELEMENT = 1
const TEXT = 3

const SKIPPED = new Set(
  ("SCRIPT STYLE TEMPLATE NOSCRIPT HEAD TITLE META LINK SVG CANVAS IFRAME OBJECT VIDEO AUDIO BUTTON SELECT TEXTAREA " +
    "COLGROUP").split(" "),
)
const BLOCKS = new Set(
  ("P DIV UL OL LI BLOCKQUOTE PRE TABLE H1 H2 H3 H4 H5 H6 SECTION ARTICLE ASIDE HEADER FOOTER MAIN NAV HR DL DT DD FIGURE " +
    "FIGCAPTION DETAILS SUMMARY ADDRESS FORM FIELDSET CENTER TBODY THEAD TR TD TH BODY HTML").split(" "),
)
const APART = new Set("P BLOCKQUOTE FIGURE DL ADDRESS".split(" "))
/** @type {Record<string, keyof Style>} */
const STYLES = {
  B: "bold",
  STRONG: "bold",
  I: "italic",
  EM: "italic",
  S: "strike",
  DEL: "strike",
  STRIKE: "strike",
  CODE: "code",
  KBD: "code",
  SAMP: "code",
  TT: "code",
}
const LANGUAGE = /(?:^|[\s-])(?:language|lang|source)-([\w+#]+)/
// Each level of a list lies within the one before, whatever that one's marks are.
const INDENT = 3

const STYLE = "data-style"

// The same markup without styles and handlers, which would break the Content-Security-Policy of the page that parses it.
// The look of an element is kept under another name.
/** @param {string} html */
export function inert(html) {
  const [before, ...sheets] = html.split(/<style/i)
  const after = sheets.map((sheet) => sheet.split(/<\/style[^<>]*>/i).slice(1).join(""))
  return [before, ...after].join("").replace(
    /<[a-z][^<>]*>/gi,
    (tag) => tag.replace(/\s(style|on[a-z]+)\s*=/gi, (_, name) => ` data-${name.toLowerCase()}=`),
  )
}

// `isRich` says whether there is anything beyond plain text.
/** @param {Read} root */
export function markdownOf(root) {
  const reader = new Reader()
  const text = joined(reader.blocks(root, {})).trim()
  return { text, isRich: reader.isRich(text) }
}

class Reader {
  #hasFormat = false
  #links = /** @type {string[]} */ ([])

  // A link alone is pasted as its words or its address, whichever was copied.
  /** @param {string} text */
  isRich(text) {
    return this.#hasFormat || this.#links.length > 1 || (this.#links.length === 1 && this.#links[0] !== text)
  }

  /** @param {Read} node @param {Style} style @returns {Block[]} */
  blocks(node, style) {
    /** @type {Block[]} */
    const found = []
    /** @type {Run[]} */
    let runs = []
    const flush = () => {
      // A line break that ends a block is not seen; each other one is a line, also an empty one.
      const text = written(runs).replace(/^ +| +$/g, "")
      if (text) found.push({ text: text.replace(/\n$/, ""), gap: 1 })
      runs = []
    }
    for (const child of node.childNodes) {
      if (isSkipped(child)) continue
      if (isBlock(child)) {
        flush()
        found.push(...this.#block(child, style, node))
      } else if (child.nodeType === ELEMENT && hasBlocks(child)) {
        flush()
        found.push(...this.blocks(child, this.#styled(child, style)))
      } else {
        runs.push(...this.#runs(child, style))
      }
    }
    flush()
    return found
  }

  /** @param {Read} node @param {Style} style @param {Read} parent @returns {Block[]} */
  #block(node, style, parent) {
    const { nodeName } = node
    if (/^H[1-6]$/.test(nodeName)) return this.#heading(node)
    if (nodeName === "PRE") return [this.#fenced(node, parent)]
    if (nodeName === "BLOCKQUOTE") return this.#quote(node, style)
    if (nodeName === "UL" || nodeName === "OL") return this.#list(node, style)
    if (nodeName === "TABLE") return this.#table(node, style)
    if (nodeName === "HR") return []
    const level = /mso-list:[^;]*level([0-9])/.exec(attribute(node, STYLE))
    if (level) return this.#listOfWord(node, style, Number(level[1]))
    const found = this.blocks(node, this.#styled(node, style))
    if (APART.has(nodeName) && found.length) found[0].gap = found[found.length - 1].gap = 2
    return found
  }

  /** @param {Read} node @returns {Block[]} */
  #heading(node) {
    const words = this.blocks(node, { bold: true, heading: true }).map(({ text }) => text).join(" ").trim()
    this.#hasFormat ||= Boolean(words)
    return words ? [{ text: words, gap: 2 }] : []
  }

  // The language is named by the class of the code, or of what is around it.
  /** @param {Read} node @param {Read} parent @returns {Block} */
  #fenced(node, parent) {
    this.#hasFormat = true
    const inner = [...node.childNodes].find(({ nodeName }) => nodeName === "CODE")
    const named = [inner, node, parent].map((each) => each && LANGUAGE.exec(attribute(each, "class"))?.[1])
    const language = named.find(Boolean) ?? ""
    const code = textOf(node).replace(/^\n|\s+$/g, "")
    const fence = code.includes("```") ? "~~~" : "```"
    return { text: `${fence}${language}\n${code}\n${fence}`, gap: 2 }
  }

  /** @param {Read} node @param {Style} style @returns {Block[]} */
  #quote(node, style) {
    const inner = joined(this.blocks(node, style)).trim()
    if (!inner) return []
    this.#hasFormat = true
    return [{ text: inner.split("\n").map((line) => `> ${line}`.trimEnd()).join("\n"), gap: 2 }]
  }

  /** @param {Read} list @param {Style} style @returns {Block[]} */
  #list(list, style) {
    const lines = this.#items(list, style)
    if (!lines.length) return []
    this.#hasFormat = true
    return [{ text: lines.join("\n"), gap: 2 }]
  }

  // Some editors put an inner list beside the item that it belongs to.
  /** @param {Read} list @param {Style} style @returns {string[]} */
  #items(list, style) {
    const lines = []
    let number = Number(attribute(list, "start")) || 1
    for (const child of list.childNodes) {
      if (child.nodeName === "UL" || child.nodeName === "OL") {
        lines.push(...this.#items(child, style).map((line) => " ".repeat(INDENT) + line))
      } else if (child.nodeName === "LI") {
        const mark = list.nodeName === "OL" ? `${number++}. ` : "- "
        const [first = "", ...others] = this.blocks(child, style).flatMap(({ text }) => text.split("\n"))
          .filter((line) => line.trim())
        if (first) lines.push(mark + first, ...others.map((line) => " ".repeat(INDENT) + line))
      }
    }
    return lines
  }

  // Word's lists are paragraphs, with a mark that is there for those who know no lists.
  /** @param {Read} node @param {Style} style @param {number} level @returns {Block[]} */
  #listOfWord(node, style, level) {
    const mark = [...node.childNodes].flatMap(marksOfWord).join("").trim()
    const words = this.blocks(node, style).map(({ text }) => text).join(" ").trim()
    if (!words) return []
    this.#hasFormat = true
    const number = /^([0-9]+)[.)]/.exec(mark)
    const indent = " ".repeat(INDENT * (level - 1))
    return [{ text: `${indent}${number ? `${number[1]}.` : "-"} ${words}`, gap: 1 }]
  }

  /** @param {Read} node @param {Style} style @returns {Block[]} */
  #table(node, style) {
    const rows = rowsOf(node).map((row) => [...row.childNodes].filter(({ nodeName }) => /^T[DH]$/.test(nodeName)))
    const width = Math.max(0, ...rows.map((row) => row.length))
    // Of one column it is there for the layout.
    if (width < 2) return rows.flatMap((row) => row.flatMap((cell) => this.blocks(cell, style)))
    this.#hasFormat = true
    /** @param {Read | undefined} cell */
    const words = (cell) => {
      const lines = cell ? this.blocks(cell, {}).map(({ text }) => text).join(" ") : ""
      return lines.replace(/\s+/g, " ").replaceAll("|", "\\|")
    }
    const lines = rows.map((row) => `| ${Array.from({ length: width }, (_, nth) => words(row[nth])).join(" | ")} |`)
    lines.splice(1, 0, `|${" --- |".repeat(width)}`)
    return [{ text: lines.join("\n"), gap: 2 }]
  }

  /** @param {Read} node @param {Style} style @returns {Run[]} */
  #runs(node, style) {
    if (isSkipped(node)) return []
    if (node.nodeType === TEXT) return [{ text: (node.nodeValue ?? "").replace(/[\s\u00a0]+/g, " "), style }]
    if (node.nodeType !== ELEMENT) return []
    if (node.nodeName === "BR") return [{ text: "\n", style: {} }]
    if (node.nodeName === "IMG") return [{ text: pictured(attribute(node, "alt")), style }]
    if (node.nodeName === "INPUT") return [{ text: tick(node), style: {} }]
    const inner = this.#styled(node, style)
    const runs = [...node.childNodes].flatMap((child) => this.#runs(child, inner))
    return node.nodeName === "A" ? this.#link(node, runs) : runs
  }

  // The address stands behind the words, unless they are it.
  /** @param {Read} node @param {Run[]} runs @returns {Run[]} */
  #link(node, runs) {
    const address = attribute(node, "href").trim()
    const words = runs.map(({ text }) => text).join("").trim()
    if (!/^https?:\/\//i.test(address) || !words) return runs
    if (bare(words) === bare(address)) return [{ text: address, style: {} }]
    this.#links.push(`${words} (${address})`)
    return [...runs, { text: ` (${address})`, style: {} }]
  }

  /** @param {Read} node @param {Style} style @returns {Style} */
  #styled(node, style) {
    if (node.nodeType !== ELEMENT) return style
    const css = attribute(node, STYLE)
    const own = { ...style }
    const named = STYLES[node.nodeName]
    if (named) own[named] = true
    if (/(?:^|\s)spoiler(?:\s|$)/.test(attribute(node, "class"))) own.spoiler = true
    const weight = /font-weight:\s*(bold|normal|[0-9]+)/.exec(css)?.[1]
    // A heading is bold, however it is drawn.
    if (weight && !style.heading) own.bold = weight === "bold" || Number(weight) >= 600
    const slant = /font-style:\s*(italic|oblique|normal)/.exec(css)?.[1]
    if (slant) own.italic = slant !== "normal"
    if (/text-decoration[^;]*line-through/.test(css)) own.strike = true
    if (Object.entries(own).some(([name, is]) => is && !style[/** @type {keyof Style} */ (name)]))
      this.#hasFormat = true
    return own
  }
}

/** @param {Block[]} blocks */
function joined(blocks) {
  let text = ""
  for (const [nth, block] of blocks.entries()) {
    const before = blocks[nth - 1]
    // An empty line is a gap by itself.
    const gap = before?.text && block.text ? Math.max(before.gap, block.gap) : 1
    text += (before ? "\n".repeat(gap) : "") + block.text
  }
  return text
}

// Runs of one style become one; spaces belong to none.
/** @param {Run[]} runs */
function written(runs) {
  /** @type {Run[]} */
  const merged = []
  for (const { text, style } of runs) {
    const last = merged.at(-1)
    const isBlank = !text.trim() && !style.code
    if (last && (isBlank || signOf(last.style) === signOf(style))) last.text += text
    else if (text) merged.push({ text, style: isBlank ? {} : style })
  }
  const pieces = merged.map(({ text, style }, nth) => {
    const before = merged[nth - 1]?.text.at(-1) ?? ""
    const after = merged[nth + 1]?.text[0] ?? ""
    return marked(text, style, before, after)
  })
  return pieces.join("").replace(/ *\n */g, "\n").replace(/ {2,}/g, " ")
}

/** @param {Style} style */
const signOf = ({ bold, italic, strike, code, spoiler }) => [bold, italic, strike, code, spoiler].map(Boolean).join()

/** @param {string} text @param {Style} style @param {string} before @param {string} after */
function marked(text, style, before, after) {
  if (style.code) return text.trim() ? coded(text) : text
  const safe = escaped(text)
  const marks = [style.spoiler && "||", style.strike && "~~", style.bold && "**", style.italic && "*"].filter(Boolean)
  if (!marks.length || !text.trim()) return safe
  // In the middle of a word no mark counts.
  const isWithin = (/** @type {string} */ one, /** @type {string | undefined} */ other) =>
    /[0-9A-Za-z]/.test(one) && /[0-9A-Za-z]/.test(other ?? "")
  if (isWithin(before, text[0]) || isWithin(after, text.at(-1))) return safe
  const [open, close] = [marks.join(""), marks.toReversed().join("")]
  return safe.split("\n").map((line) =>
    line.replace(/^(\s*)(.*?)(\s*)$/, (_, space, words, end) => words ? space + open + words + close + end : line)
  ).join("\n")
}

/** @param {string} text */
function coded(text) {
  const mark = text.includes("`") ? "``" : "`"
  const room = mark.length > 1 ? " " : ""
  return text.replace(/^(\s*)([\s\S]*?)(\s*)$/, (_, space, code, end) => space + mark + room + code + room + mark + end)
}

// Signs that would be taken for marks: those of which there is a pair.
/** @param {string} text */
function escaped(text) {
  let safe = text
  for (const sign of [/\*/g, /\x60/g, /~~/g, /\|\|/g, /(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])/g]) {
    if ((safe.match(sign)?.length ?? 0) > 1) safe = safe.replace(sign, (found) => `\\${found.split("").join("\\")}`)
  }
  return safe
}

/** @param {Read} node @param {string} name */
const attribute = (node, name) => node.getAttribute?.(name) ?? ""

/** @param {Read} node */
const isBlock = ({ nodeType, nodeName }) => nodeType === ELEMENT && BLOCKS.has(nodeName)

/** @param {Read} node @returns {boolean} */
const hasBlocks = (node) => [...node.childNodes].some((child) => isBlock(child) || hasBlocks(child))

/** @param {Read} node */
function isSkipped(node) {
  if (node.nodeType !== ELEMENT) return node.nodeType !== TEXT
  if (SKIPPED.has(node.nodeName.toUpperCase()) || node.getAttribute?.("hidden") != null) return true
  return /display:\s*none|mso-hide:\s*all|mso-list:\s*ignore/i.test(attribute(node, STYLE)) ||
    /(?:^|\s)unseen(?:\s|$)/.test(attribute(node, "class"))
}

/** @param {Read} node @returns {string[]} */
function marksOfWord(node) {
  if (/mso-list:\s*ignore/i.test(attribute(node, STYLE))) return [textOf(node)]
  return [...node.childNodes].flatMap(marksOfWord)
}

/** @param {Read} node @returns {Read[]} */
const rowsOf = (node) =>
  [...node.childNodes].flatMap((child) =>
    child.nodeName === "TR" ? [child] : /^T(?:BODY|HEAD|FOOT)$/.test(child.nodeName) ? rowsOf(child) : []
  )

/** @param {Read} node @returns {string} */
function textOf(node) {
  if (node.nodeType === TEXT) return (node.nodeValue ?? "").replaceAll("\u00a0", " ")
  if (node.nodeName === "BR") return "\n"
  return isSkipped(node) && node.nodeName !== "SPAN" ? "" : [...node.childNodes].map(textOf).join("")
}

// Emoji may come as pictures; what else a picture shows is not told.
/** @param {string} words */
const pictured = (words) => (/^(?:\p{Extended_Pictographic}.{0,15}|:[\w+-]+:)$/u.test(words) ? words : "")

/** @param {Read} node */
function tick(node) {
  if (attribute(node, "type") !== "checkbox") return ""
  return node.getAttribute?.("checked") == null ? "[ ] " : "[x] "
}

/** @param {string} address */
const bare = (address) => address.replace(/^https?:\/\//i, "").replace(/\/$/, "")
