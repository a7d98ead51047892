// The line to the server, kept open: it comes back with full jitter, finds out by itself when it is dead, and takes
// another way where one does not get through.

import { Choice } from "./ways/choice.js"
import { FORBIDDEN, SAID, SIGNED_OUT } from "./ways/endpoints.js"
import { PollWay } from "./ways/poll.js"
import { Pulse } from "./ways/pulse.js"
import { SocketWay } from "./ways/socket.js"
import { StreamWay } from "./ways/stream.js"
import { Scout } from "./ways/scout.js"

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 10_000
const GRACE = 10_000
const HELLO_WITHIN = 5_000
const SETTLED_AFTER = 2_000
const MOST_SHORT_LIVES = 3
// What has worked may fail to come back once: a line that cuts all its connections also cuts one just taken up again.
const MOST_FAILED_RETURNS = 2
// Who only glances at another tab keeps the line.
const HIDDEN_FOR = 5_000

const WAYS = { socket: SocketWay, stream: StreamWay, poll: PollWay }
const TERMINAL = [SIGNED_OUT, FORBIDDEN]

export class Connection {
  #endpoints
  #cursors
  #onFrame
  #onState
  #state = "closed"
  #way = null
  #isProven = false
  #openedAt = 0
  #turns = 0
  #attempt = 0
  #timer = 0
  #hiding = 0
  #heartbeat = 25_000
  #choice = new Choice()
  #pulse = new Pulse({ onBeat: () => this.sync(), onDeath: () => this.#lose(0) })
  #scout = new Scout({
    make: (name) => this.#make(name),
    within: HELLO_WITHIN,
    better: () => this.#choice.betterThan(this.way),
    onHello: (way, text) => (this.#wants(way.name) ? this.#change(way, text) : this.#decline(way)),
  })

  // `cursors` has `opening()`, what the page has of the rooms that it shows, and `all()`; `onState` hears "ready", "lost"
  // and, for ever, "over" with its code.
  constructor(endpoints, { cursors, onFrame, onState }) {
    this.#endpoints = endpoints
    this.#cursors = cursors
    this.#onFrame = onFrame
    this.#onState = onState
    addEventListener("online", () => this.#online())
    addEventListener("offline", () => this.#probe())
    addEventListener("pageshow", ({ persisted }) => persisted && this.wake())
    document.addEventListener("visibilitychange", () => this.#turn())
  }

  get ready() {
    return this.#state === "ready"
  }

  // The name of the way in use, or else of the next: "socket", "stream" or "poll".
  get way() {
    return this.#way?.name ?? this.#choice.way
  }

  open() {
    this.#drop()
    if (this.ready) this.#become("lost")
    this.#take(this.#make(this.#choice.way))
    this.#timer = setTimeout(() => this.#lose(0, 0, 0), HELLO_WITHIN)
    this.#way.open()
  }

  // Returns false where there is nobody to send to; nothing is kept for later here.
  send(frame) {
    return this.ready && this.#way.send(frame)
  }

  sync() {
    if (this.send({ type: "sync" })) this.#pulse.expect(this.#heartbeat + GRACE)
  }

  // Somebody looks at the page again, or the network is back: no reason to wait any longer.
  wake() {
    if (this.#state === "over") return
    if (this.ready) this.#probe()
    else if (!this.#way) this.open()
  }

  stop(code) {
    this.#drop()
    this.#scout.stop()
    this.#become("over", code)
  }

  // What happens around the page.

  // After a sleep a line looks open and is not: the answer to a sync tells, and need not be waited for long.
  #probe() {
    if (!this.ready) return
    this.sync()
    this.#pulse.expect(GRACE)
  }

  #online() {
    this.wake()
    if (!this.ready) return
    this.#scout.forget()
    this.#scout.begin(this.#choice.betterThan(this.way))
  }

  #turn() {
    clearTimeout(this.#hiding)
    if (document.hidden) this.#hiding = setTimeout(() => this.#settle(), HIDDEN_FOR)
    else {
      this.wake()
      this.#settle()
    }
  }

  // A page that is hidden may go by another way than one that is looked at.
  #settle() {
    if (this.ready && this.way !== this.#choice.way) this.#scout.begin([this.#choice.way])
  }

  // One way at a time.

  #make(name) {
    return new WAYS[name](this.#endpoints, this.#cursors)
  }

  #take(way) {
    this.#way = way
    this.#isProven = false
    this.#openedAt = Date.now()
    way.onText = (text) => this.#hear(text)
    way.onEnd = (code, seconds) => this.#lose(code, seconds)
  }

  // Between a scout's leaving and its return a page may be hidden or shown.
  #wants(name) {
    return name === this.#choice.way || this.#choice.betterThan(this.way).includes(name)
  }

  #decline(way) {
    way.close()
    this.#scout.later()
  }

  // To the page it is a line that was lost and is back at once: what has no answer yet is asked again.
  #change(way, text) {
    this.#drop()
    this.#become("lost")
    this.#choice.take(way.name)
    this.#take(way)
    this.#hear(text)
  }

  #hear(text) {
    const way = this.#way
    this.#pulse.heard()
    for (const line of text.split("\n")) {
      if (!line) continue
      const frame = JSON.parse(line)
      if (frame.type === "hello") this.#greeted(frame)
      this.#onFrame(frame)
      if (this.#way !== way) return
      if (frame.type === "hello") this.#begin()
      if (frame.type === "synced") this.#prove()
    }
  }

  #greeted({ heartbeat }) {
    this.#heartbeat = (heartbeat ?? 25) * 1000
    this.#state = "ready"
  }

  #begin() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#lose(0), GRACE)
    this.#pulse.start(this.#heartbeat)
    this.#scout.later()
    this.#onState("ready")
  }

  // The server has answered the page's cursors: frames get through in both directions.
  #prove() {
    if (this.#isProven) return
    this.#isProven = true
    clearTimeout(this.#timer)
    this.#choice.remember(this.way)
    if (!this.#choice.betterThan(this.way).length) this.#scout.forget()
  }

  // A way that ends though nobody at the other end has said why is in doubt once it has used up its strikes: if the
  // site itself can be reached, it is given up. A site that is down is no fault of the way's.
  async #lose(code, seconds = 0, strikes = this.#strikes()) {
    // A server that throws everybody out at once must not be met by everybody at once.
    if (this.#isProven && Date.now() - this.#openedAt > SETTLED_AFTER) this.#attempt = 0
    if (TERMINAL.includes(code)) return this.stop(code)
    this.#drop()
    this.#become("lost")
    if (code >= SAID || this.#attempt < strikes) return this.#retry(seconds)
    const turns = this.#turns
    const isReady = await this.#endpoints.isReady()
    // Somebody may have opened again meanwhile.
    if (turns !== this.#turns) return
    if (isReady && this.#choice.stepDown()) this.open()
    else this.#retry(seconds)
  }

  #strikes() {
    if (this.#isProven) return MOST_SHORT_LIVES
    return this.#choice.hasWorked(this.way) ? MOST_FAILED_RETURNS : 0
  }

  #retry(seconds) {
    const pause = seconds * 1000 + Math.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#attempt++)
    this.#timer = setTimeout(() => this.open(), pause)
  }

  #drop() {
    this.#turns += 1
    clearTimeout(this.#timer)
    this.#pulse.stop()
    this.#way?.close()
    this.#way = null
  }

  #become(state, code) {
    this.#state = state
    this.#onState(state, code)
  }
}
