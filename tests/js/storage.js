// A browser's storage, for one tab after another: `localStorage` is shared, each tab has its own `sessionStorage`.

class FakeStorage {
  getItem(key) {
    return Object.hasOwn(this, key) ? this[key] : null
  }

  setItem(key, value) {
    this[key] = String(value)
  }

  removeItem(key) {
    delete this[key]
  }
}

export class Tabs {
  #before = ["localStorage", "sessionStorage"].map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)])
  #tabs = new Map()
  #end = new AbortController()
  shared = new FakeStorage()
  // Ends with the tabs: what listens to one of them hears nothing of the next test.
  signal = this.#end.signal

  constructor() {
    replace("localStorage", this.shared)
    this.show("first")
  }

  // Code that runs from now on runs in this tab.
  show(name) {
    if (!this.#tabs.has(name)) this.#tabs.set(name, new FakeStorage())
    replace("sessionStorage", this.#tabs.get(name))
  }

  [Symbol.dispose]() {
    this.#end.abort()
    for (const [name, descriptor] of this.#before) Object.defineProperty(globalThis, name, descriptor)
  }
}

// A browser tells the other tabs of a change. All code of a test hears of it, and compares the key.
export function tellOfChange(key, oldValue, newValue) {
  dispatchEvent(Object.assign(new Event("storage"), { key, oldValue, newValue }))
}

const replace = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
