// Addresses that the pages link to.
export interface SiteUrls {
  home: string
  // Of the catalogue of emoji.
  emoji: string
  person(nickname: string): string
}

export interface RoomUrls extends SiteUrls {
  // The room's own address leads to the first news, `latest` to its end.
  room: string
  latest: string
  message(number: number): string
}
