import assert from "node:assert/strict"
import { capsOf, isPressed } from "../../chat/static/chat/lib/keys.js"
import { KEY_TEXTS, PLACE_TEXTS } from "../../chat/static/chat/views/shell/key_texts.js"
import { KEYS, PLACES } from "../../chat/static/chat/views/shell/keys.js"

const event = (key, held = {}) => ({ key, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...held })

Deno.test("a combination is pressed with exactly what has to be held", () => {
  assert.ok(isPressed(event("ArrowUp"), "ArrowUp"), "alone")
  for (const held of ["altKey", "ctrlKey", "metaKey", "shiftKey"])
    assert.ok(!isPressed(event("ArrowUp", { [held]: true }), "ArrowUp"), held)
  assert.ok(isPressed(event("F10", { shiftKey: true }), "Shift+F10"), "with Shift")
  assert.ok(!isPressed(event("F10"), "Shift+F10"), "without Shift")
})

Deno.test("a sign is the same sign whether the keyboard needs Shift for it or not", () => {
  for (const shiftKey of [true, false]) {
    assert.ok(isPressed(event("?", { shiftKey }), "?"), "?")
    assert.ok(isPressed(event("/", { shiftKey, ctrlKey: true }), "Mod+/"), "/")
  }
  assert.ok(!isPressed(event("?", { altKey: true }), "?"), "held Alt makes it another key")
})

Deno.test("keys are shown as they are labelled", () => {
  assert.deepEqual(capsOf("Shift+F10"), ["Shift", "F10"])
  assert.deepEqual(capsOf("ArrowUp"), ["↑"])
})

Deno.test("every key of the registry has an id of its own, a place, a text, and none is there twice", () => {
  const seen = new Set()
  assert.deepEqual(Object.keys(KEY_TEXTS), KEYS.map(({ id }) => id))
  assert.deepEqual(Object.keys(PLACE_TEXTS), PLACES.map(({ name }) => name))
  for (const { id, place, keys } of KEYS) {
    assert.ok(KEY_TEXTS[id] && PLACES.some(({ name }) => name === place), id)
    for (const one of [id, ...keys.split(" ").map((combination) => `${place} ${combination}`)]) {
      assert.ok(!seen.has(one), one)
      seen.add(one)
    }
  }
})
