// Reads modules, as a JSON list of texts, and writes the tokens of each with their lines. Comments are none. Needs Node
// with --expose-internals: it brings a parser of its own.

const { parse } = require("internal/deps/acorn/acorn/dist/acorn")
const { readFileSync } = require("node:fs")

function tokens(source) {
  const found = []
  parse(source, { ecmaVersion: "latest", sourceType: "module", locations: true, onToken: found })
  return found.map((
    { type, value, loc },
  ) => [type.label, String(value?.pattern ?? value), loc.start.line, loc.end.line])
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(tokens)))
