// A message in one line, where it is answered.

const MOST = 120

export const REMOVED = "This message was removed."

export function excerptOf({ body, deleted_at }) {
  const [line] = (deleted_at ? REMOVED : body).trim().split("\n")
  const characters = Array.from(line)
  return characters.length > MOST ? `${characters.slice(0, MOST).join("")}…` : line
}
