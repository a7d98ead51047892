import type { Person, RoomSummary } from "../../lib/frames.d.ts"
import type { EmojiHabits } from "../../store/emoji.js"

// What the message box has to know of its room, for names that are completed there.
export interface Around {
  me: Person
  // Those who spoke last come first.
  people: () => Person[]
  rooms: () => RoomSummary[]
  // The address that knows of all people of the room; none in a direct room.
  peopleUrl: string | null
  roomsUrl: string
  emojiUrl: string
  habits: () => Promise<EmojiHabits>
}
