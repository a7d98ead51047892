// SHA-1 (RFC 3174). Browsers have it too, but only on pages over https or on the machine itself.

/** @param {number} word @param {number} by */
const rotate = (word, by) => (word << by) | (word >>> (32 - by))

/** @type {[number, (b: number, c: number, d: number) => number][]} */
const ROUNDS = [
  [0x5a827999, (b, c, d) => (b & c) | (~b & d)],
  [0x6ed9eba1, (b, c, d) => b ^ c ^ d],
  [0x8f1bbcdc, (b, c, d) => (b & c) | (b & d) | (c & d)],
  [0xca62c1d6, (b, c, d) => b ^ c ^ d],
]

/** @param {Uint8Array} message */
export function sha1(message) {
  const padded = new Uint8Array(64 * Math.ceil((message.length + 9) / 64))
  padded.set(message)
  padded[message.length] = 0x80
  const blocks = new DataView(padded.buffer)
  blocks.setUint32(padded.length - 4, message.length * 8)

  const state = new Uint32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0])
  for (let start = 0; start < padded.length; start += 64) mix(state, blocks, start)

  const digest = new DataView(new ArrayBuffer(20))
  state.forEach((word, place) => digest.setUint32(4 * place, word))
  return new Uint8Array(digest.buffer)
}

/** @param {Uint32Array} state @param {DataView} blocks @param {number} start */
function mix(state, blocks, start) {
  const words = new Uint32Array(80)
  for (let i = 0; i < 16; i++) words[i] = blocks.getUint32(start + 4 * i)
  for (let i = 16; i < 80; i++) words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1)

  let [a, b, c, d, e] = state
  for (let i = 0; i < 80; i++) {
    const [constant, choose] = ROUNDS[Math.floor(i / 20)]
    const next = rotate(a, 5) + choose(b, c, d) + e + words[i] + constant
    ;[a, b, c, d, e] = [next | 0, a, rotate(b, 30), c, d]
  }
  ;[a, b, c, d, e].forEach((word, place) => (state[place] += word))
}
