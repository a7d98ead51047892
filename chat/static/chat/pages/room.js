// The room page: its parts, and who tells whom.

import { paintAvatars } from "../lib/avatar.js"
import { onNewDay } from "../lib/clock.js"
import { plural, t } from "../lib/i18n.js"
import { Composer } from "../views/composer/composer.js"
import { Connection } from "../net/connection.js"
import { Delivery } from "../store/delivery.js"
import { Endpoints } from "../net/endpoints.js"
import { Draft } from "../store/drafts.js"
import { frameHandlers } from "../app/dispatch.js"
import { History } from "../views/timeline/pagination.js"
import { Leftovers } from "../views/shell/unsent.js"
import {
  listenToDrawers,
  listenToMenus,
  listenToNames,
  listenToNotices,
  listenToTimeline,
} from "../views/shell/gestures.js"
import { Outbox } from "../store/outbox.js"
import { People } from "../views/people/people.js"
import { placeBefore, rememberPlace } from "../views/timeline/position.js"
import { Reading } from "../app/reading.js"
import { Rooms } from "../store/rooms.js"
import { Scroll } from "../views/timeline/scroll.js"
import { Sidebar } from "../views/sidebar/sidebar.js"
import { Status } from "../views/shell/status.js"
import { Stops } from "../views/timeline/roving.js"
import { Timeline } from "../views/timeline/timeline.js"
import { TypingLine } from "../views/composer/typing_line.js"

// So many messages are one page of history, which is loaded as soon as its place comes in sight.
const NEAR = 50

const element = (id) => document.getElementById(id)
const boot = JSON.parse(element("boot").textContent)
const me = boot.you

const urls = {
  home: boot.urls.home,
  person: (nickname) => boot.urls.person.replace("NICKNAME", encodeURIComponent(nickname)),
  message: (number) => `${urls.room}${number}/`,
}
urls.room = boot.room?.url ?? urls.person(boot.other.nickname)
// The room's own address leads to the first news.
urls.latest = `${urls.room}?latest`

// What the parts share of the open room. A direct room has no id until something is said in it.
const open = {
  id: boot.room?.id ?? null,
  isMember: boot.member,
  summary: () => rooms.get(open.id),
  newest: () => open.summary()?.message_count ?? boot.room?.message_count ?? 0,
  isDetached: () => timeline.last < open.newest(),
  isFar: () => timeline.last + NEAR < open.newest(),
  adopt: () => (open.id ??= rooms.directWith(boot.other?.id)?.id ?? null),
  holds: (entry) => (boot.other ? entry.to === boot.other.nickname : entry.room === open.id),
}

const rooms = new Rooms(boot.rooms, me)
const timeline = new Timeline(element("timeline"), { me, urls })
const stops = new Stops(element("timeline"))
const scroll = new Scroll(element("scroller"), element("timeline"), () => look())
// A browser keeps one storage for all sites of an origin: under a path prefix it may have others beside this one.
const owner = urls.home === "/" ? me.nickname : `${me.nickname} ${urls.home}`
const outbox = new Outbox(owner)
const status = new Status(element("status"), urls.home)
const people = new People({ me, urls })
const sidebar = new Sidebar({ rooms, me, openId: () => open.id })

const connection = new Connection(new Endpoints({ urls: boot.endpoints, nickname: me.nickname, token: boot.token }), {
  cursors: { opening: () => rooms.cursorOf(open.id), all: () => rooms.cursors() },
  onFrame: (frame) => Object.hasOwn(on, frame.type) && on[frame.type](frame),
  onState: (state, code) => changeState(state, code),
})

const typing = new TypingLine(element("typing"), {
  me,
  tell: () => open.id && connection.send({ type: "typing", room: open.id }),
})
const reading = new Reading({
  connection,
  rooms,
  timeline,
  scroll,
  room: open.summary,
  onRead: () => sidebar.show(),
})
const history = new History({
  connection,
  timeline,
  scroll,
  box: element("scroller"),
  edges: { older: element("older"), beginning: element("beginning"), newer: element("newer") },
  roomId: () => open.id,
  newest: open.newest,
})
const leftovers = new Leftovers(element("leftovers"), {
  template: element("leftover-template"),
  onDelete: (client_id) => outbox.remove(client_id),
})
const delivery = new Delivery({
  outbox,
  connection,
  owner,
  tell: {
    failed: showFailed,
    slowed: (isSlow) => composer?.say(isSlow ? t("You're sending fast. Messages go out one at a time.") : ""),
  },
})

const composer = boot.member
  ? new Composer(element("composer"), {
    draft: new Draft(me.nickname, urls.room),
    quoted: (number) => timeline.quoteOf(number),
    onSend: write,
    onType: () => typing.typed(),
  })
  : null

const on = frameHandlers({
  boot,
  me,
  open,
  rooms,
  timeline,
  scroll,
  history,
  delivery,
  reading,
  typing,
  people,
  sidebar,
  status,
  composer,
  connection,
  urls,
})

async function write({ body, reply_to }) {
  const place = boot.room?.title
  const entry = outbox.create({
    room: boot.other ? null : open.id,
    to: boot.other?.nickname ?? null,
    place,
    body,
    reply_to,
  })
  timeline.addPending(entry)
  reading.wrote()
  typing.sent()
  scroll.toEnd()
  await outbox.put(entry)
  delivery.wake()
  // Far from the end of the room one would not see it arrive. What was just missed is on its way.
  if (open.isFar()) location.assign(urls.latest)
}

function changeState(state, code) {
  document.body.dataset.transport = connection.transport
  if (code) composer?.close("")
  if (code) status.end(code)
  else status.become(state)
  if (state === "ready") {
    delivery.wake()
    history.look()
    reading.look()
  } else {
    delivery.lost()
    history.forget()
  }
}

// After every move and every change: what follows from where the reader is.
function look() {
  const isDetached = open.isDetached()
  const unread = open.summary()?.unread ?? 0
  element("timeline").classList.toggle("detached", isDetached)
  element("jump").hidden = scroll.atEnd && !isDetached
  const label = unread ? plural("{count} new message", "{count} new messages", unread) : t("Jump to latest")
  const jumpText = element("jump").lastElementChild
  if (jumpText.textContent !== label) jumpText.textContent = label
  stops.look()
  reading.look()
}

function showFailed(entry, mayRetry) {
  if (open.holds(entry)) scroll.change(() => timeline.fail(entry, mayRetry))
  else if (!mayRetry) leftovers.show(entry)
}

async function showUnsent() {
  const all = await outbox.all()
  const unsent = all.filter(open.holds)
  for (const entry of all.filter(isLeft)) leftovers.show(entry)
  scroll.change(() => {
    for (const entry of unsent) {
      if (timeline.has(entry.client_id)) outbox.remove(entry.client_id)
      else timeline.addPending(entry, open.isMember)
    }
  })
}

// Refused by a room that one is not in, and that is not on this page.
function isLeft(entry) {
  return entry.state === "failed" && entry.room && !rooms.get(entry.room) && !open.holds(entry)
}

function begin() {
  paintAvatars(document)
  reading.begin()
  const before = placeBefore(location.pathname)
  const isAsked = location.search.startsWith("?at")
  if (before && !timeline.row(before) && !isAsked) return location.replace(`${location.pathname}?at=${before}`)
  // Who could not be added is typed anew, there.
  if (new URLSearchParams(location.search).has("add")) element("add-nickname")?.focus({ preventScroll: true })
  // What the address asked for is done: a reload does not ask again.
  if (location.search) window.history.replaceState(null, "", location.pathname)
  const place = timeline.row(boot.focus ?? timeline.firstUnread)
  timeline.row(boot.focus)?.classList.add("focus")
  // Not by way of the end: whoever has the end in sight has read everything.
  if (timeline.row(before)) scroll.toTop(timeline.row(before))
  else if (place) scroll.toRow(place)
  else scroll.toEnd()
  rememberPlace(location.pathname, scroll)
  if (boot.presence) on.presence(boot.presence)
  listenToTimeline({ list: element("timeline"), timeline, scroll, outbox, delivery, composer })
  listenToMenus({ jump: element("jump"), list: element("timeline"), scroll, open, urls })
  listenToDrawers()
  listenToNotices()
  listenToNames()
  sidebar.show()
  onNewDay(() => scroll.change(() => timeline.arrange()))
  showUnsent()
  connection.open()
}

begin()
