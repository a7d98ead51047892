import type { Handshake } from "../../lib/frames.d.ts"

export type Name = "socket" | "stream" | "long" | "poll"

export interface Count {
  requests: number
  bytes: number
}

// The count so far.
export interface Counter {
  now: Count
  since(earlier: Count): Count
}

// The trial's findings about one transport so far.
export interface Result {
  name: Name
  state: "waiting" | "trying" | "works" | "failed"
  times: number[]
  notes: string[]
  why?: string
  getting?: Count
  sending?: Count
  idle?: Count
}

export type Results = Record<Name, Result>

export interface Measure {
  title: string
  hint?: string
  value(result: Result): number | undefined
  worst?(result: Result): number
  format(value: number): string
}

export interface TrialTransport {
  count: Counter
  sending: Counter
  silence: string
  handshake?: Handshake | null
  isCompressed?: boolean
  seesPings?: boolean
  open(): Promise<void>
  pause(): Promise<void>
  // Returns how many milliseconds a message took.
  deliver(): Promise<number>
  // Returns what so many seconds with nothing to carry cost.
  idle(seconds: number): Promise<Count>
  close(): void
}

export interface Boot {
  nickname: string
  token: string
  urls: Record<"socket" | "stream" | "poll" | "send" | "echo" | "report", string>
}

// Where somebody waits for something of a kind.
export interface Waiter<Kind> {
  resolve(value: Kind): void
  reject(failure: Error): void
}
