import type { ClientFrame, Frame, Message, Params, RoomSummary } from "../lib/frames.d.ts"

// A room as the page knows it by now.
export interface KnownRoom extends RoomSummary {
  // The sequence up to which the page has heard all.
  cursor: number
  read_number: number
  unread: number
  // The numbers of the unread messages that name the person.
  mentioned: number[]
}

// What the outbox holds: it names its room, or in a direct room the other person, and has that one's title.
interface Written {
  client_id: string
  // In milliseconds, as `Date.now()` counts them.
  created: number
  room: number | null
  to: string | null
  place?: string
  body: string
  // The refusal of an entry that failed.
  code?: string
  params?: Params
  detail?: string
}

export interface Post extends Written {
  kind?: undefined
  reply_to?: number
  forward?: Forwarded
  state: "waiting" | "failed"
}

// The message that a post is a copy of, with its text as it is shown meanwhile. The post's own body is empty.
export interface Forwarded {
  room: number
  number: number
  body: string
  html?: string
}

// A change of the stored message of that number. "changing" is the "waiting" of a change: tabs of older releases, which
// know posts only, leave it alone.
export interface Change extends Written {
  room: number
  to: null
  kind: "edit" | "delete" | "restore" | "react" | "pin" | "save"
  number: number
  // Of the version that it is made from.
  sequence: number
  // Of a reaction, a pin and what is saved for later: whether it is put there, or taken away.
  emoji?: string
  on?: boolean
  state: "changing" | "failed"
}

export type Entry = Post | Change

// A change as the timeline shows it. "stored" with the sequence that it has led to.
export interface ShownChange extends Omit<Change, "state"> {
  state: Change["state"] | "stored"
}

// A message that has its number, as one's own changes that are not stored yet make it.
export type Placed = Message & { state?: undefined; change?: ShownChange; saved?: boolean }

// One's own that has none yet; "sent" while something before it is missing.
export interface Pending extends Omit<Message, "number" | "sequence"> {
  number?: undefined
  sequence?: undefined
  saved?: undefined
  state: Post["state"] | "sent"
  mayRetry?: boolean
  code?: string
  params?: Params
  detail?: string
}

// A message as the timeline shows it.
export type Shown = Placed | Pending

// The messages of a room, or of one thread in it, as the timeline draws them.
export interface Drawn {
  readonly first: number
  readonly last: number
  readonly firstUnread: number
  readonly pending: Pending[]
  get(number: number): Placed | undefined
  // At most this many messages up to a number, or from a number on.
  upTo(number: number, limit: number): Placed[]
  from(number: number, limit: number): Placed[]
  between(first: number, last: number): Placed[]
  original(number: number): Message | null | undefined
  retry(client_id: string): void
}

// The line to the server, as far as the stores know it.
export interface Line {
  readonly ready: boolean
  // Returns whether the frame left.
  send(frame: ClientFrame): boolean
}

// Each of these frames tells what became of an entry.
export type Outcome = Frame<"ack"> | Frame<"message"> | Frame<"error">
