// Storage can be forbidden or full: then what is kept there lives as long as its page, and nobody is told.

export function shelf(use) {
  try {
    return use(localStorage)
  } catch {
    return null
  }
}
