// One open room, from its first message to the last: its parts, and who tells whom.

import { paintAvatars } from "../lib/avatar.js"
import { onNewDay } from "../lib/clock.js"
import { byId, part } from "../lib/dom.js"
import { t } from "../lib/i18n.js"
import { Draft } from "../store/drafts.js"
import { Messages } from "../store/messages.js"
import { Composer } from "../views/composer/composer.js"
import { TypingLine } from "../views/composer/typing_line.js"
import { People } from "../views/people/people.js"
import { isConfirmed } from "../views/shell/dialogs.js"
import { listenEarly, listenToTimeline, showOriginal } from "../views/timeline/clicks.js"
import { Jump, Pagination } from "../views/timeline/pagination.js"
import { rememberPlace, Scroll, threadAsked } from "../views/timeline/scroll.js"
import { Roving } from "../views/timeline/roving.js"
import { Timeline } from "../views/timeline/timeline.js"
import { Reading } from "./reading.js"

/** @import { Change, Entry, KnownRoom, Shown } from "../store/types.d.ts" */
/** @import { State } from "../net/types.d.ts" */
/** @import { Acting, ActingRoom, Boot, Keeping, Kept, OpenRoom, OpenSession } from "./types.d.ts" */

// So many messages are one page of history, which is loaded as soon as its place comes in sight.
const NEAR = 50
// In milliseconds after a connection has begun: what is urgent comes first, and not all who come back ask at once.
const SAVED_AFTER = 2_000
const SAVED_WITHIN = 5_000
// Messages whose senders are the first to be completed.
const SPOKEN = 300

// `boot` is what the server says of the room, whose elements are in the document. Ends with `signal`, and leaves nothing
// behind. `place` is the number of the message at which the reader was before, if they come back.
/**
 * @param {Boot} boot
 * @param {OpenSession} session
 * @param {{ signal: AbortSignal, place?: number }} options
 * @returns {OpenRoom}
 */
export function openRoom(boot, session, { signal, place = 0 }) {
  const { me, rooms, connection, outbox, delivery, sidebar } = session
  const url = boot.room ? boot.room.url : session.urls.person(boot.other.nickname)
  const urls = {
    ...session.urls,
    room: url,
    // The room's own address leads to the first news.
    latest: `${url}?latest`,
    message: (/** @type {number} */ number) => `${url}${number}/`,
  }
  // By which drafts are kept.
  const kept = boot.other ? `person ${boot.other.id}` : `room ${boot.room?.id}`
  const list = byId("timeline")
  const pins = byId("pins")
  // Of use only to those who react.
  const habits = () => import("../store/emoji.js").then(({ EmojiHabits }) => new EmojiHabits(session.owner))

  const room = {
    // A direct room has no id until something is said in it.
    id: boot.room?.id ?? null,
    isMember: boot.member,
    other: boot.other,
    /** @returns {KnownRoom | undefined} */
    summary: () => rooms.get(room.id),
    newest: () => room.summary()?.message_count ?? boot.room?.message_count ?? 0,
    /** @returns {boolean} */
    isDetached: () => messages.last < room.newest(),
    adopt: () => {
      if (boot.other) room.id ??= rooms.directWith(boot.other.id)?.id ?? null
    },
    holds: (/** @type {Entry} */ entry) =>
      boot.other && !entry.kind ? entry.to === boot.other.nickname : entry.room !== null && entry.room === room.id,
    connectionChanged,
    showSlowed: (/** @type {boolean} */ isSlow) =>
      composer?.say(isSlow ? t("You're sending fast. Messages go out one at a time.") : ""),
  }

  const messages = new Messages(boot.messages, me, boot)
  const scroll = new Scroll(byId("scroller"), list, signal)
  const timeline = new Timeline(list, { messages, me, urls, onFault: session.onFault })
  const roving = new Roving(list, scroll, signal)
  const people = new People({ me, urls })
  const typing = new TypingLine(byId("typing"), {
    me,
    tell: () => room.id !== null && connection.send({ type: "typing", room: room.id }),
    signal,
  })
  const reading = new Reading({
    connection,
    rooms,
    messages,
    timeline,
    scroll,
    room: room.summary,
    onRead: () => {
      sidebar.show()
      jump.look()
    },
    signal,
  })
  const pagination = new Pagination({
    messages,
    timeline,
    scroll,
    box: byId("scroller"),
    edges: { older: byId("older"), beginning: byId("beginning"), newer: byId("newer") },
    ask: (before, limit) => room.id !== null && connection.send({ type: "history", room: room.id, before, limit }),
    newest: room.newest,
    signal,
  })
  const jump = new Jump(byId("jump"), { messages, timeline, scroll, room, urls })
  const giveUp = () => isConfirmed(byId("discard", HTMLDialogElement))
  const toComplete = {
    me,
    people: () => [
      ...messages.upTo(messages.last, SPOKEN).toReversed().map(({ sender }) => sender),
      ...(boot.other ? [boot.other] : people.known),
    ],
    rooms: () => rooms.all,
    peopleUrl: boot.room?.slug ? `${urls.home}completion/people/${boot.room.slug}` : null,
    roomsUrl: `${urls.home}completion/rooms`,
    emojiUrl: urls.emoji,
    habits,
  }
  /** @type {Composer | null} */
  const composer = boot.member
    ? new Composer(byId("composer"), {
      draft: new Draft({
        owner: session.owner,
        place: kept,
        before: { text: `chatsite draft ${me.nickname} ${url}`, reply: `chatsite reply ${me.nickname} ${url}` },
        signal,
      }),
      quoted: (number) => messages.original(number) ?? { number },
      on: {
        send: write,
        edit: ({ number, sequence, body }) => change("edit", { number, sequence }, { body }),
        editing: (number) => timeline.mark(number),
        editLast,
        giveUp,
        pickEmoji,
        type: () => typing.typed(),
      },
      around: toComplete,
      announcer: session.announcer,
      signal,
    })
    : null
  const isOwn = (/** @type {Shown} */ { sender }) => sender.id === me.id
  // An open name belongs to nobody: the next one to use it did not write its messages.
  const mayChange = boot.member && me.kind !== "open"
  const may = {
    mayEdit: (/** @type {Shown} */ message) => mayChange && isOwn(message) && !message.forwarded,
    mayDelete: (/** @type {Shown} */ message) => mayChange && (isOwn(message) || boot.owner),
    mayReact: mayChange,
    mayPin: boot.may_pin,
  }
  /** @type {OpenRoom} */
  const open = Object.assign(room, { messages, people, reading, pagination, typing, composer, thread: null })

  // Menu, bar, reactions and more, loaded when a pointer, a finger or the focus comes to a message.
  /** @type {Acting | null} */
  let acting = null
  /** @type {Promise<Acting | null> | null} */
  let loading = null
  const act = () =>
    loading ??= import("./acting.js").then(
      ({ startActing }) => (acting = signal.aborted ? null : startActing(around, session)),
      () => {
        composer?.say(t("That didn't work. Try again in a moment."))
        return (loading = null)
      },
    )

  function draw() {
    if (signal.aborted) return
    scroll.change(() => timeline.follow(scroll.isFollowing), () => reading.beginning)
    acting?.look()
    composer?.refresh()
    pins.hidden = !messages.pins.size
    part(pins, ".pins-count").textContent = String(messages.pins.size)
    messages.trim(timeline.first, timeline.last)
  }

  // After every move and every change: what follows from where the reader is.
  function look() {
    jump.look()
    roving.look()
    reading.look()
  }

  /** @type {ActingRoom} */
  const around = {
    open,
    signal,
    me,
    list,
    timeline,
    messages,
    composer,
    urls,
    place: kept,
    may,
    change,
    post: postHere,
    habits,
    pickEmoji,
    keep,
    giveUp,
    around: toComplete,
    typed: () => typing.typed(),
    showInRoom: (number) => {
      const row = timeline.row(number)
      if (row) showOriginal(row, list, scroll)
      else location.assign(urls.message(number))
    },
  }

  // Those who mark no text need nothing that copies it.
  const loadCopying = () =>
    import("../views/timeline/copying.js").then(({ listenToCopying }) => listenToCopying(list, timeline), () => {})

  const loadCopyLink = () =>
    import("../views/shell/copy_link.js").then(({ listenToCopy }) => listenToCopy(byId("copy-link"), urls), () => {})

  // Returns whether there is one that may be edited.
  function editLast() {
    const message = messages.lastOwn
    if (!message?.number || message.deleted_at || !may.mayEdit(message)) return false
    composer?.edit(message)
    return true
  }

  /** @param {{ body: string, reply_to?: number }} written */
  function write(written) {
    const stored = postHere(written)
    timeline.showEnd()
    scroll.toEnd()
    return stored.then(goToEnd)
  }

  /** @param {{ body: string, reply_to?: number }} written */
  function postHere(written) {
    typing.sent()
    return post({
      room: boot.other ? null : room.id,
      to: boot.other?.nickname ?? null,
      place: boot.room?.title,
      ...written,
    })
  }

  // Here, or to another room.
  /** @param {Parameters<typeof outbox.create>[0]} written */
  async function post(written) {
    const entry = outbox.create(written)
    if (room.holds(entry)) {
      messages.addPending(entry)
      reading.wrote()
    }
    await outbox.put(entry)
    delivery.wake()
  }

  // Far from the end of the room one would not see it arrive. What was just missed is on its way.
  function goToEnd() {
    if (messages.last + NEAR < room.newest()) location.assign(urls.latest)
  }

  /** @param {Change["kind"]} kind @param {{ number?: number, sequence?: number }} message @param {Partial<Change>} written */
  async function change(kind, { number, sequence = 0 }, written = {}) {
    if (room.id === null || !number) return
    const place = boot.room?.title
    const entry = outbox.createChange({ room: room.id, place, kind, number, sequence, body: "", ...written })
    messages.addChange(entry)
    await outbox.put(entry)
    delivery.wake()
  }

  // Loaded when it is first needed. What is `kept` gets all of the room that it may ask for.
  /** @param {(keeping: Keeping, room: Kept) => void} act @param {() => void} [fail] */
  function keep(act, fail = () => {}) {
    const kept = { room: open, url, timeline, scroll, list, session, post, change, signal }
    import("./keeping.js").then((keeping) => act(keeping, kept), fail)
  }

  // Before a connection was there, no frame has told what was saved, or done, in another tab or on another device.
  async function learnSaved() {
    if (room.id === null || signal.aborted) return
    const times = messages.timesSaved
    const answer = await fetch(`${session.urls.home}saved/?room=${room.id}`, { signal }).catch(() => null)
    const { numbers } = answer?.ok ? await answer.json() : {}
    if (!numbers) return
    if (times === messages.timesSaved) messages.learnSaved(numbers)
    else learnSaved()
  }

  /** @param {Element} anchor */
  async function pickEmoji(anchor) {
    const loaded = await Promise.all([import("../views/emoji/picker.js"), habits()]).catch(() => null)
    if (!loaded) composer?.say(t("Couldn't load the emoji. Check your connection and try again."))
    return loaded && loaded[0].pickEmoji(anchor, { address: session.urls.emoji, habits: loaded[1] })
  }

  /** @param {State} state @param {number} [code] */
  function connectionChanged(state, code) {
    if (code) composer?.close("")
    open.thread?.connectionChanged(state, code)
    if (state === "ready") {
      pagination.look()
      reading.look()
      setTimeout(learnSaved, SAVED_AFTER + Math.random() * SAVED_WITHIN)
    } else {
      reading.isCatchingUp = true
      pagination.forget()
    }
  }

  function begin() {
    paintAvatars(document)
    reading.begin()
    timeline.draw()
    const row = timeline.row(place) ?? timeline.row(boot.focus) ?? timeline.row(messages.firstUnread)
    const linked = timeline.row(boot.focus)
    linked?.classList.add("focus")
    if (linked && !place) part(linked, ".row").focus({ preventScroll: true })
    // Not by way of the end: whoever has the end in sight has read everything.
    if (row && row === timeline.row(place)) scroll.toTop(row)
    else if (row) scroll.toRow(row)
    else scroll.toEnd()
    scroll.onMove(look)
    rememberPlace(location.pathname, scroll)
    messages.addEventListener("change", batched(draw))
    listenToTimeline({ list, messages, timeline, scroll, outbox, delivery, composer, change })
    listenEarly(list, { isLoaded: () => Boolean(acting), load: act, signal })
    prepareFor(list, { selectstart: loadCopying, pointerover: act, focusin: act, touchstart: act })
    prepareFor(part(document, "[popovertarget=room-menu]"), { pointerover: loadCopyLink, focusin: loadCopyLink })
    pins.addEventListener("click", (event) => {
      event.preventDefault()
      keep(({ openPins }, kept) => openPins(kept), () => location.assign(`${url}pins/`))
    })
    onNewDay(draw, signal)
    look()
    if (threadAsked()) act().then((acting) => acting?.showThread(threadAsked(), false))
  }

  begin()
  return open
}

// Calls each of them when something like it happens for the first time.
/** @param {HTMLElement} list @param {Record<string, () => void>} calls */
function prepareFor(list, calls) {
  for (const [name, call] of Object.entries(calls)) list.addEventListener(name, call, { once: true, passive: true })
}

// Many changes come at once: one drawing after each heap.
/** @param {() => void} call */
function batched(call) {
  let isDue = false
  return () => {
    if (isDue) return
    isDue = true
    queueMicrotask(() => {
      isDue = false
      call()
    })
  }
}
