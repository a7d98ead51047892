import assert from "node:assert/strict"
import { paintAvatar } from "../../chat/static/chat/lib/avatar.js"

/** The parts of an element that the painting touches. */
function painted(nickname, paint = paintAvatar) {
  const classes = new Set()
  const toggle = (name, isOn) => (isOn ? classes.add(name) : classes.delete(name))
  const element = { dataset: {}, textContent: "", classList: { toggle } }
  paint(element, nickname)
  return { text: element.textContent, classes: [...classes], name: element.dataset.name }
}

Deno.test("an initial is the first letter as a reader sees it, in upper case", () => {
  const initials = ["bob", "élodie", "e\u0301lodie", "小明", "👩‍👩‍👧 family", ""].map((name) => painted(name).text)
  assert.deepEqual(initials, ["B", "É", "E\u0301", "小", "👩‍👩‍👧", ""])
})

Deno.test("a nickname always has the same one of twelve colours", () => {
  for (const nickname of ["bob", "小明", "Ελένη", ""]) {
    const { classes, name } = painted(nickname)
    assert.match(classes.join(), /^hue-(\d|1[01])$/)
    assert.deepEqual(painted(nickname).classes, classes)
    assert.equal(name, nickname)
  }
})

Deno.test("an element that is painted anew loses its former colour", () => {
  const names = Array.from({ length: 40 }, (_, place) => `person ${place}`)
  assert(new Set(names.map((name) => painted(name).classes[0])).size > 4)
})

Deno.test("the first twelve people in sight have twelve colours, and those who come later share them", async () => {
  // A module of its own: nobody has been in sight of it.
  const fresh = await import("../../chat/static/chat/lib/avatar.js?fresh")
  const people = Array.from({ length: 40 }, (_, place) => `person ${place}`)
  const hues = people.map((name) => painted(name, fresh.paintAvatar).classes[0])
  assert.equal(new Set(hues.slice(0, 12)).size, 12)
  for (const hue of hues.slice(12)) assert.match(hue, /^hue-(\d|1[01])$/)
  assert.deepEqual(people.map((name) => painted(name, fresh.paintAvatar).classes[0]), hues)
})
