import assert from "node:assert/strict"
import { dayOf } from "../../chat/static/chat/lib/clock.js"

Deno.test("days have the names that people give them", () => {
  const today = new Date(2026, 2, 1, 0, 30)
  const days = [
    new Date(2026, 2, 1, 0, 1),
    new Date(2026, 1, 28, 23, 59),
    new Date(2026, 1, 27),
    new Date(2025, 11, 31),
  ]
  const names = days.map((day) => dayOf(day, today))
  assert.deepEqual(names, ["Today", "Yesterday", "Friday, February 27", "December 31, 2025"])
})
