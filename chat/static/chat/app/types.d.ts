import type { Frame, Message, Person, Presence, RoomSummary, ServerFrame, You } from "../lib/frames.d.ts"
import type { Connection } from "../net/connection.js"
import type { EndpointName, State } from "../net/types.d.ts"
import type { Delivery } from "../store/delivery.js"
import type { Messages } from "../store/messages.js"
import type { Outbox } from "../store/outbox.js"
import type { Rooms } from "../store/rooms.js"
import type { Change, Entry, KnownRoom, Post, Shown } from "../store/types.d.ts"
import type { EmojiHabits } from "../store/emoji.js"
import type { Composer } from "../views/composer/composer.js"
import type { Around } from "../views/composer/types.d.ts"
import type { TypingLine } from "../views/composer/typing_line.js"
import type { People } from "../views/people/people.js"
import type { Announcer } from "../views/shell/status.js"
import type { Status } from "../views/shell/status.js"
import type { Leftovers } from "../views/shell/notices.js"
import type { Sidebar } from "../views/sidebar/sidebar.js"
import type { Pagination } from "../views/timeline/pagination.js"
import type { Scroll } from "../views/timeline/scroll.js"
import type { Timeline } from "../views/timeline/timeline.js"
import type { RoomUrls, SiteUrls } from "../views/types.d.ts"
import type { MessageActions, MessageMenu } from "../views/timeline/message_menu.js"
import type { Reading } from "./reading.js"

// The first data of a room and of its reader, from the server (`chat/views/timeline.py`).
export type Boot =
  & {
    you: You
    member: boolean
    owner: boolean
    messages: Message[]
    focus: number | null
    // Whether a member may pin messages here; the numbers of those that are pinned, and of one's own saved for later.
    may_pin: boolean
    pins: number[]
    saved: number[]
    presence: Presence | null
  }
  // A direct room has no row until something is said in it.
  & ({ room: RoomSummary; other: Person | null } | { room: null; other: Person })

// The same with a whole page.
export type PageBoot = Boot & {
  rooms: RoomSummary[]
  endpoints: Record<EndpointName, string>
  token: string
  urls: { home: string; person: string; emoji: string }
}

// The answer to a request for a room in place of the open one.
export interface RoomPage {
  title: string
  skip: string
  header: string
  columns: string
  // The address of the script that draws it, which names the release.
  script: string
  boot: Boot
  // Where the request was redirected to, or "".
  address: string
}

export interface Urls extends SiteUrls {
  isRoom(path: string): boolean
}

// The session as its parts see it.
export interface OpenSession {
  me: You
  urls: Urls
  owner: string
  rooms: Rooms
  outbox: Outbox
  announcer: Announcer
  status: Status
  sidebar: Sidebar
  leftovers: Leftovers
  connection: Connection
  delivery: Delivery
  readonly room: OpenRoom
  // Frames of a room that is being opened, or null: they may be younger than the answer that brings the room.
  early: ServerFrame[] | null
  // Whether the server has not told yet all that was missed: none of it is news to who listens, in whatever room.
  isCatchingUp: boolean
  onFault(error: unknown, about: string): void
  enter(boot: Boot, place: number): void
}

// A room as what is kept of it sees it (`keeping.js`).
export interface Kept {
  room: OpenRoom
  url: string
  timeline: Timeline
  scroll: Scroll
  list: HTMLElement
  session: OpenSession
  post(written: Pick<Post, "room" | "to" | "place" | "body" | "forward">): Promise<void>
  change(kind: Change["kind"], message: { number: number }, written: Partial<Change>): void
  signal: AbortSignal
}

export interface Keeping {
  forward(message: Shown, kept: Kept): Promise<void>
  openPins(kept: Kept): unknown
}

export interface OpenThread {
  // The number of the message with which it begins.
  root: number
  focus(): void
  // With `isDone` the focus goes back to where it was before.
  end(isDone?: boolean): void
  receive(page: Frame<"history">): void
  refused(error: Frame<"error">): void
  connectionChanged(state: State, code?: number): void
}

// A room as what is done with its messages sees it (`acting.js`).
export interface ActingRoom {
  open: OpenRoom
  signal: AbortSignal
  me: You
  list: HTMLElement
  timeline: Timeline
  messages: Messages
  composer: Composer | null
  urls: RoomUrls
  // By which its drafts are kept.
  place: string
  may: Pick<ConstructorParameters<typeof MessageActions>[0], "mayEdit" | "mayDelete" | "mayReact" | "mayPin">
  change(
    kind: Change["kind"],
    message: { number?: number; sequence?: number },
    written?: Partial<Change>,
  ): Promise<void>
  post(written: { body: string; reply_to?: number }): Promise<void>
  habits(): Promise<EmojiHabits>
  pickEmoji(anchor: Element): Promise<string | null>
  // With what is done with messages that are kept, once that is loaded.
  keep(act: (keeping: Keeping, kept: Kept) => void, fail?: () => void): void
  giveUp(): Promise<boolean>
  // What the message box has to know for names that are completed.
  around: Around
  typed(): void
  showInRoom(number: number): void
}

export interface Acting {
  // After a change of messages.
  look(): void
  showThread(number: number, isAsked?: boolean): void
}

// What a thread needs of its room.
export interface ThreadRoom extends ActingRoom {
  menu: MessageMenu
  forward(message: Shown): void
}

export interface OpenRoom {
  id: number | null
  isMember: boolean
  other: Person | null
  messages: Messages
  people: People
  reading: Reading
  pagination: Pagination
  typing: TypingLine
  composer: Composer | null
  thread: OpenThread | null
  summary(): KnownRoom | undefined
  // The room's highest number.
  newest(): number
  isDetached(): boolean
  // A direct room gets its id with the first message.
  adopt(): void
  holds(entry: Entry): boolean
  connectionChanged(state: State, code?: number): void
  showSlowed(isSlow: boolean): void
}
