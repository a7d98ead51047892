// A reader of well-formed markup, as a tree of what rich_text.js reads of a document.

const VOID = new Set(["BR", "IMG", "META", "INPUT", "HR", "COL"])
const ENTITIES = { "&nbsp;": "\u00a0", "&amp;": "&", "&lt;": "<", "&gt;": ">" }

const element = (nodeName, attributes) => ({
  nodeType: 1,
  nodeName,
  childNodes: [],
  getAttribute: (name) => attributes[name] ?? null,
})

export function parsed(html) {
  const root = element("BODY", {})
  const open = [root]
  for (const [token] of html.matchAll(/<!--[\s\S]*?-->|<[^>]+>|[^<]+/g)) {
    const into = open.at(-1).childNodes
    if (token.startsWith("<!")) into.push({ nodeType: 8, nodeName: "#comment", childNodes: [] })
    else if (token.startsWith("</")) open.pop()
    else if (token.startsWith("<")) {
      const attributes = Object.fromEntries(
        [...token.matchAll(/([\w-]+)(?:="([^"]*)"|='([^']*)')?/g)].slice(1).map((
          [, name, one, two],
        ) => [name, one ?? two ?? ""]),
      )
      const made = element(/^<([\w:]+)/.exec(token)[1].toUpperCase(), attributes)
      into.push(made)
      if (!VOID.has(made.nodeName)) open.push(made)
    } else {
      const nodeValue = token.replace(/&\w+;/g, (entity) => ENTITIES[entity])
      into.push({ nodeType: 3, nodeName: "#text", nodeValue, childNodes: [] })
    }
  }
  return root
}
