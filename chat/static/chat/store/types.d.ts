import type { ClientFrame, Frame, Message, Params, RoomSummary } from "../lib/frames.d.ts"

// A room as the page knows it by now.
export interface KnownRoom extends RoomSummary {
  // The sequence up to which the page has heard all.
  cursor: number
  read_number: number
  unread: number
}

// A message in the outbox. It names its room, or in a direct room the other person, and has that one's title.
export interface Entry {
  client_id: string
  // In milliseconds, as `Date.now()` counts them.
  created: number
  room: number | null
  to: string | null
  place?: string
  body: string
  reply_to?: number
  state: "waiting" | "failed"
  // The refusal of an entry that failed.
  code?: string
  params?: Params
  detail?: string
}

// A message that has its number.
export type Placed = Message & { state?: undefined }

// One's own that has none yet; "sent" while something before it is missing.
export interface Pending extends Omit<Message, "number" | "sequence"> {
  number?: undefined
  sequence?: undefined
  state: Entry["state"] | "sent"
  mayRetry?: boolean
  code?: string
  params?: Params
  detail?: string
}

// A message as the timeline shows it.
export type Shown = Placed | Pending

// The line to the server, as far as the stores know it.
export interface Line {
  readonly ready: boolean
  // Returns whether the frame left.
  send(frame: ClientFrame): boolean
}

// Each of these frames tells what became of a post.
export type Outcome = Frame<"ack"> | Frame<"message"> | Frame<"error">
