// What a person has written and the server has not yet acknowledged. It outlives the page: IndexedDB, one per origin.

const STORE = "outbox"

export class Outbox {
  #owner
  #database
  #memory = new Map()
  #latest = 0

  constructor(owner) {
    this.#owner = owner
    // Without IndexedDB (some private windows) the page's memory has to do.
    this.#database = openDatabase().catch(() => null)
  }

  // `place` is what the room is called.
  create({ room, to, place, body, reply_to }) {
    // The order of writing: never two entries with one time.
    this.#latest = Math.max(Date.now(), this.#latest + 1)
    return { client_id: randomId(), created: this.#latest, room, to, place, body, reply_to, state: "waiting" }
  }

  async put(entry) {
    this.#memory.set(entry.client_id, entry)
    await this.#ask("readwrite", (store) => store.put({ ...entry, nickname: this.#owner }))
  }

  async remove(client_id) {
    this.#memory.delete(client_id)
    await this.#ask("readwrite", (store) => store.delete([this.#owner, client_id]))
  }

  async get(client_id) {
    return (await this.all()).find((entry) => entry.client_id === client_id)
  }

  async all() {
    const own = () => IDBKeyRange.bound([this.#owner], [this.#owner, []])
    const stored = await this.#ask("readonly", (store) => store.getAll(own()))
    return (stored ?? [...this.#memory.values()]).sort((one, other) => one.created - other.created)
  }

  async next() {
    return (await this.all()).find((entry) => entry.state === "waiting")
  }

  async #ask(mode, request) {
    const database = await this.#database
    if (!database) return null
    try {
      return await answer(request(database.transaction(STORE, mode).objectStore(STORE)))
    } catch {
      this.#database = Promise.resolve(null)
      return null
    }
  }
}

function openDatabase() {
  const request = indexedDB.open("chatsite", 1)
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ["nickname", "client_id"] })
  return answer(request)
}

function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

// crypto.randomUUID is missing on a site that is reached by plain http over a local network.
function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}
