import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { accept } from "../../chat/static/chat/pages/connection/handshake.js"
import { sha1 } from "../../chat/static/chat/pages/connection/sha1.js"

Deno.test("sha1 is what everybody else's is, at all lengths around its blocks", () => {
  for (let length = 0; length < 200; length++) {
    const message = Uint8Array.from({ length }, (_, place) => (place * 7 + length) % 256)
    const hex = Array.from(sha1(message), (byte) => byte.toString(16).padStart(2, "0")).join("")
    assert.equal(hex, createHash("sha1").update(message).digest("hex"), `of ${length} bytes`)
  }
})

Deno.test("the answer to a handshake is the one that the standard gives as its example", () => {
  assert.equal(accept("dGhlIHNhbXBsZSBub25jZQ==").accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
})
