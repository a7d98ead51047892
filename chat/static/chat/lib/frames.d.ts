// The frames of the wire (docs/clients.md) as types. A test holds them to the examples in tests/frames/.

export interface Person {
  id: number
  nickname: string
  open?: boolean
}

export interface You {
  id: number
  nickname: string
  kind: string
}

export interface RoomSummary {
  id: number
  slug: string | null
  kind: string
  title: string
  topic: string
  url: string
  sequence: number
  message_count: number
  read_number?: number
  other?: Person
  // The last unread messages that name the person; only in a hello.
  mentioned?: number[]
}

export interface Message {
  number: number
  sender: Person
  body: string
  sent_at: string
  client_id: string
  html?: string
  reply_to?: number
  // Of a reply: the number of the message with which its thread begins.
  thread?: number
  edited_at?: string
  deleted_at?: string
  reactions?: Reactions
  // The people in the room whom it names, without its sender; and everybody.
  mentions?: number[]
  everyone?: string
  pinned_at?: string
  forwarded?: boolean
  sequence?: number
}

// The ids of the people who have reacted, by emoji; both in the order of their reactions.
export type Reactions = Record<string, number[]>

// The values in the sentence of an error.
export type Params = Record<string, string | number>

// The last sequence that a client has of each room, by the room's id.
export type Cursors = Record<string, number>

interface Post {
  type: "post"
  client_id: string
  body: string
  room?: number | null
  to?: string | null
  reply_to?: number | null
  // Of which message it is a copy: its own body is empty.
  forward?: { room: number; number: number } | null
}

// Changes of a stored message. `sequence` is that of the version from which the edit was made.
interface Edit {
  type: "edit"
  client_id: string
  room: number
  number: number
  sequence: number
  body: string
}

interface Deletion {
  type: "delete" | "restore"
  client_id: string
  room: number
  number: number
}

interface React {
  type: "react"
  client_id: string
  room: number
  number: number
  emoji: string
  on: boolean
}

// For a room, or for oneself alone.
interface Keep {
  type: "pin" | "save"
  client_id: string
  room: number
  number: number
  on: boolean
}

export type ClientFrame =
  | { type: "sync"; rooms?: Cursors }
  | Post
  | Edit
  | Deletion
  | React
  | Keep
  | { type: "read"; room: number; number: number }
  | { type: "typing"; room: number }
  | { type: "history"; room: number; before?: number | null; limit?: number; thread?: number | null }
  | { type: "join"; room: string }
  | { type: "leave"; room: number }
  | { type: "probe" }

export interface Ack {
  type: "ack"
  client_id: string
  room: number
  number: number
  sequence: number
  // Whom the text names, and who is not in the room.
  absent?: Person[]
  // It names everybody, which its writer may not.
  everyone_refused?: boolean
}

export interface Presence {
  type: "presence"
  room: number
  count: number
  members: number
  here: Person[]
  away?: Person[]
}

export interface Handshake {
  type: "handshake"
  key: string
  headers: [string, string][]
}

export type ServerFrame =
  | { type: "hello"; you: You; rooms: RoomSummary[]; heartbeat: number }
  | Ack
  | { type: "message"; room: number; after: number; sequence: number; message: Message }
  | { type: "synced"; rooms: Cursors }
  | { type: "reset"; room: number }
  | {
    type: "history"
    room: number
    messages: Message[]
    more: boolean
    gone?: [number, number][]
    thread?: number
  }
  | { type: "read"; room: number; number: number }
  | { type: "mention"; room: number; number: number }
  | { type: "saved"; room: number; number: number; on: boolean }
  | { type: "typing"; room: number; person: Person }
  | Presence
  | { type: "room"; room: RoomSummary }
  | { type: "removed"; room: number }
  | { type: "renamed"; room: number; person: Person }
  | { type: "probed"; number: number }
  | { type: "probe"; number: number }
  | Handshake
  | { type: "traffic"; received: number; sent: number }
  | {
    type: "error"
    code: string
    detail: string
    frame?: string
    client_id?: string
    retry_after?: number
    params?: Params
  }

// The frame of this type: `Frame<"hello">`.
export type Frame<Type extends ServerFrame["type"]> = Extract<ServerFrame, { type: Type }>

// Each frame by its type.
export type Frames = { [Type in ServerFrame["type"]]: Frame<Type> }
