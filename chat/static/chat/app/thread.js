// An open thread: the panel beside its room, which shows just this exchange. It is in the address, so that Back closes it
// and a reload opens it again.

import { byId, closest, copyOf, find, part, parts } from "../lib/dom.js"
import { sentenceOf } from "../lib/refusals.js"
import { Draft } from "../store/drafts.js"
import { Thread } from "../store/thread.js"
import { Composer } from "../views/composer/composer.js"
import { focusRoom, onPressed } from "../views/shell/keys.js"
import { explain, panelOf, show, styled } from "../views/thread/panel.js"
import { listenToTimeline } from "../views/timeline/clicks.js"
import { listenToCopying } from "../views/timeline/copying.js"
import { MessageActions, MessageBar } from "../views/timeline/message_menu.js"
import { listenToReactions } from "../views/timeline/reactions.js"
import { Roving } from "../views/timeline/roving.js"
import { Scroll, threadAsked } from "../views/timeline/scroll.js"
import { listenToSwipes } from "../views/timeline/swipe.js"
import { Timeline } from "../views/timeline/timeline.js"

/** @import { Frame } from "../lib/frames.d.ts" */
/** @import { State } from "../net/types.d.ts" */
/** @import { OpenSession, OpenThread, ThreadRoom } from "./types.d.ts" */

const PAGE = 50

const wide = matchMedia("(min-width: 68rem)")

// The thread that a message is in, in place of the one that is open. By `isAsked` somebody has just asked for it: without,
// the address has it already.
/** @param {number} number @param {ThreadRoom} room @param {OpenSession} session */
export async function showThread(number, room, session, isAsked = true) {
  await styled
  if (room.signal.aborted) return
  listen(room, session)
  const root = room.messages.get(number)?.thread ?? number
  if (room.open.thread?.root === root) return room.open.thread.focus()
  const before = room.open.thread
  before?.end()
  // The address may name any message of a thread.
  const address = `${location.pathname}?thread=${root}`
  if (isAsked && !before) history.pushState({ thread: true }, "", address)
  else if (threadAsked() !== root) history.replaceState(history.state, "", address)
  open(root, room, session)
}

// Rooms whose threads come and go with the address.
const heard = new WeakSet()

/** @param {ThreadRoom} room @param {OpenSession} session */
function listen(room, session) {
  if (heard.has(room)) return
  heard.add(room)
  addEventListener("popstate", () => {
    const asked = threadAsked()
    if (!asked) room.open.thread?.end(true)
    else showThread(asked, room, session, false)
  }, { signal: room.signal })
}

/** @param {number} root @param {ThreadRoom} room @param {OpenSession} session */
function open(root, room, session) {
  const { urls, me, messages, change, post, place } = room
  const controller = new AbortController()
  const { signal } = controller
  room.signal.addEventListener("abort", () => controller.abort(), { signal })
  const opener = document.activeElement
  const panel = panelOf(room.composer?.isOpen ? byId("composer") : null)
  const { element, list, scroller, older, form } = panel
  let asked = false

  const thread = new Thread(root, messages, me, signal)
  show(panel)
  const scroll = new Scroll(scroller, list, signal)
  const timeline = new Timeline(list, {
    messages: thread,
    me,
    urls,
    onFault: session.onFault,
    title: "thread-title",
    ids: "thread-",
  })
  const enter = () => (panel.text?.disabled === false ? panel.text : panel.close).focus({ preventScroll: true })
  const roving = new Roving(list, scroll, signal, element, enter)
  /** @type {Composer | null} */
  const composer = form && new Composer(form, {
    draft: new Draft({ owner: session.owner, place: `${place} thread ${root}`, signal }),
    quoted: (number) => thread.original(number) ?? { number },
    on: {
      send: ({ body, reply_to }) => {
        post({ body, reply_to: reply_to ?? root })
        timeline.showEnd()
        scroll.toEnd()
      },
      edit: ({ number, sequence, body }) => change("edit", { number, sequence }, { body }),
      editing: (number) => timeline.mark(number),
      editLast: () => actions.editLast(thread.lastOwn),
      giveUp: room.giveUp,
      pickEmoji: room.pickEmoji,
      type: room.typed,
    },
    around: room.around,
    announcer: session.announcer,
    signal,
  })
  const actions = new MessageActions({
    ...room.may,
    messages: thread,
    urls,
    composer,
    me: me.id,
    change,
    pickEmoji: async (number) => {
      const row = timeline.row(number)
      return row ? await room.pickEmoji(part(row, ".row")) : null
    },
    elsewhere: { "show-in-room": ({ number }) => number && showInRoom(number), forward: room.forward },
  })
  room.menu.listen(list, { timeline, actions, signal })
  const bar = new MessageBar(list, copyOf(byId("message-bar", HTMLTemplateElement)), {
    timeline,
    actions,
    menu: room.menu,
  })
  listenToTimeline({
    list,
    messages: thread,
    timeline,
    scroll,
    outbox: session.outbox,
    delivery: session.delivery,
    composer,
    change,
  })
  listenToReactions(list, { timeline, urls, actions })
  listenToCopying(list, timeline)
  listenToSwipes(list, { timeline, actions })

  /** @type {OpenThread} */
  const opened = {
    root,
    focus: enter,
    end,
    receive,
    refused,
    connectionChanged,
  }
  room.open.thread = opened

  // By its button or its key: the address is the room's again.
  function close() {
    if (history.state?.thread) return history.back()
    history.replaceState(history.state, "", location.pathname)
    end(true)
  }

  // `isDone` gives the focus back to where it was before.
  function end(isDone = false) {
    if (room.open.thread === opened) room.open.thread = null
    const hadFocus = isDone && (element.contains(document.activeElement) || document.activeElement === document.body)
    controller.abort()
    element.remove()
    if (!hadFocus) return
    if (opener instanceof HTMLElement && opener.isConnected && opener !== document.body)
      opener.focus({ preventScroll: true })
    else focusRoom()
  }

  /** @param {Frame<"history">} page */
  function receive(page) {
    asked = false
    if (page.thread && page.thread !== root) {
      end()
      history.replaceState(history.state, "", `${location.pathname}?thread=${page.thread}`)
      return open(page.thread, room, session)
    }
    const isFirst = !thread.first
    scroll.keep(() => {
      thread.load(page)
      if (!isFirst) timeline.extendUp()
    })
    draw()
    if (isFirst) scroll.toEnd()
    look()
  }

  /** @param {Frame<"error">} error */
  function refused(error) {
    if (!asked) return
    asked = false
    if (error.retry_after) setTimeout(look, error.retry_after * 1000)
    else explain(panel, sentenceOf({ ...error, kind: "thread" }))
  }

  /** @param {State} state @param {number} [code] */
  function connectionChanged(state, code) {
    if (code) composer?.close("")
    asked = false
    if (state === "ready") look()
  }

  function draw() {
    if (signal.aborted) return
    scroll.change(() => timeline.follow(scroll.isFollowing), () => null)
    // The message that all of them answer stands at the top.
    for (const row of parts(list, ":scope > *"))
      row.classList.toggle("answers-first", timeline.messageOf(row)?.reply_to === root)
    bar.look()
    composer?.refresh()
    roving.look()
  }

  function showEdge() {
    older.hidden = !thread.hasMore && timeline.isAtStart
  }

  // Earlier replies come as the reader comes near them.
  function look() {
    showEdge()
    watch.unobserve(older)
    watch.observe(older)
  }

  function extend() {
    let isExtended = false
    scroll.keep(() => (isExtended = timeline.extendUp()))
    if (isExtended) return look()
    if (asked || !thread.hasMore || room.open.id === null) return
    const before = thread.first || null
    asked = session.connection.send({
      type: "history",
      room: room.open.id,
      thread: root,
      before,
      limit: PAGE,
    })
  }

  // On a narrow window the thread lies over the talk.
  /** @param {number} number */
  function showInRoom(number) {
    if (!wide.matches) end()
    if (!wide.matches) history.replaceState(null, "", location.pathname)
    room.showInRoom(number)
  }

  let isDue = false
  thread.addEventListener("change", () => {
    if (isDue) return
    isDue = true
    queueMicrotask(() => {
      isDue = false
      draw()
    })
  })
  const watch = new IntersectionObserver((entries) => entries.some((one) => one.isIntersecting) && extend(), {
    root: scroller,
    rootMargin: "400px 0px",
  })
  signal.addEventListener("abort", () => watch.disconnect())
  panel.close.addEventListener("click", close)
  list.addEventListener("click", (event) => {
    const row = closest(event, "a.when")?.closest(".message")
    const message = row && timeline.messageOf(row)
    if (!message?.number || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    showInRoom(message.number)
  })
  onPressed("close-thread", () => (close(), true), signal, element)
  onPressed("switch-thread", () => {
    if (element.contains(document.activeElement)) focusRoom()
    else enter()
    return true
  }, signal)
  if (form && find(form, "textarea:enabled") && !matchMedia("(pointer: coarse)").matches) enter()
  look()
}
