import type { ClientFrame, Cursors } from "../lib/frames.d.ts"

export type TransportName = "socket" | "stream" | "poll"

// A way to send and receive frames. Its maker sets the functions that hear its text and its end.
export interface Transport {
  name: TransportName
  onText: ((text: string) => void) | null
  onEnd: OnEnd | null
  open(): void | Promise<void>
  // Returns whether the frame left.
  send(frame: ClientFrame): boolean
  close(): void
}

// Hears a close code, and how many seconds to wait before the next attempt.
export type OnEnd = (code: number, seconds: number) => void

export type Ending = Parameters<OnEnd>

// An endpoint's answer: frames, or why there are none.
export type Answer = { text: string; ending?: undefined } | { text?: undefined; ending: Ending }

// The cursors of the page: of the rooms that it shows, and of all.
export interface CursorSource {
  opening(): Cursors
  all(): Cursors
}

export type EndpointName = "socket" | "stream" | "poll" | "send" | "ready" | "report"

export type State = "ready" | "lost" | "over" | "closed"

// The body of a poll or a stream request.
export interface Listen {
  cursors?: Cursors | null
  hello?: boolean
  wait?: number
}
