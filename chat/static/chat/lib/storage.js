// Storage can be forbidden or full: then what is kept there lives as long as its page, and nobody is told.

/**
 * `localStorage` is shared by all tabs and lasts; `sessionStorage` is the tab's own.
 * @template Result
 * @param {(storage: Storage) => Result} use
 * @param {"localStorage" | "sessionStorage"} storage
 */
export function stored(use, storage = "localStorage") {
  try {
    return use(globalThis[storage])
  } catch {
    return null
  }
}
