// The messages that a person has written, and their changes of messages, that the server has not yet acknowledged. They
// outlive the page: IndexedDB, one per origin.
// Where the browser does not store it, or does not answer, the page's memory has to do.

/** @import { Change, Entry, Post } from "./types.d.ts" */
/** @typedef {{ type: "change" | "discard" | "stored", entry?: Entry, client_id?: string, sequence?: number }} News */

const STORE = "outbox"
const ANSWER_WITHIN = 3_000

export class Outbox extends EventTarget {
  #owner
  #database = /** @type {Promise<IDBDatabase | null> | null} */ (null)
  // The entries that were read and written last, of all tabs.
  #memory = /** @type {Map<string, Entry>} */ (new Map())
  #latest = 0
  #hasWarned = false
  #channel = /** @type {BroadcastChannel | null} */ (null)

  // `owner` is the person's key, `before` the one that older releases stored under. Events, whichever tab has done it:
  // `change` with an entry; `discard` with a `client_id`; `stored` with that of a change of a message, and the sequence
  // that it has led to. `unstored`, once, when words are in this page's memory only.
  /** @param {string} owner @param {string} before */
  constructor(owner, before) {
    super()
    this.#owner = owner
    this.#database = inTime(openDatabase().then((database) => moved(database, before, owner))).catch(() => null)
    if (!globalThis.BroadcastChannel) return
    this.#channel = new BroadcastChannel(`chatsite outbox of ${owner}`)
    this.#channel.onmessage = ({ data }) => this.#hear(data)
  }

  /**
   * @param {Pick<Post, "room" | "to" | "place" | "body" | "reply_to" | "forward">} written
   * @returns {Post}
   */
  create({ room, to, place, body, reply_to, forward }) {
    return { ...this.#begin(), room, to, place, body, reply_to, forward, state: "waiting" }
  }

  /**
   * @param {Pick<Change, "room" | "place" | "kind" | "number" | "sequence" | "body" | "emoji" | "on">} written
   * @returns {Change}
   */
  createChange(written) {
    return { ...this.#begin(), ...written, to: null, state: "changing" }
  }

  /** @param {Entry} entry */
  async put(entry) {
    this.#memory.set(entry.client_id, entry)
    await this.#ask("readwrite", (store) => store.put({ ...entry, nickname: this.#owner }))
    if (!(await this.#database)) this.#warn()
    this.#tell({ type: "change", entry })
  }

  // The server has it.
  /** @param {string} client_id */
  async remove(client_id) {
    await this.#forget(client_id)
    this.#tell({ type: "change" })
  }

  // The server has this change. Edits that wait behind an edit are made from the version that it has led to.
  /** @param {Change} change @param {number} sequence */
  async stored({ client_id, kind, room, number }, sequence) {
    for (const later of kind === "edit" ? await this.all() : []) {
      const isOfIt = later.kind === "edit" && later.room === room && later.number === number
      if (isOfIt && later.client_id !== client_id && later.state === "changing") await this.put({ ...later, sequence })
    }
    await this.#forget(client_id)
    this.#tell({ type: "stored", client_id, sequence })
    this.#tell({ type: "change" })
  }

  // Its writer does not want it any more.
  /** @param {string} client_id */
  async discard(client_id) {
    await this.#forget(client_id)
    this.#tell({ type: "discard", client_id })
  }

  /** @param {string} client_id */
  async get(client_id) {
    return (await this.all()).find((entry) => entry.client_id === client_id)
  }

  async all() {
    const stored = await this.#ask("readonly", (store) => entriesOf(store, this.#owner))
    if (stored) this.#memory = new Map(stored.map((entry) => [entry.client_id, entry]))
    return [...this.#memory.values()].sort((one, other) => one.created - other.created)
  }

  async next() {
    return (await this.all()).find((entry) => entry.state !== "failed")
  }

  // Of a person who has signed out nothing stays.
  async clear() {
    this.#memory.clear()
    await this.#ask("readwrite", (store) => store.delete(rangeOf(this.#owner)))
  }

  /** @param {string} client_id */
  async #forget(client_id) {
    this.#memory.delete(client_id)
    await this.#ask("readwrite", (store) => store.delete([this.#owner, client_id]))
  }

  // Null where the database is of no use, now or from now on.
  /**
   * @template Result
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => IDBRequest<Result>} request
   */
  async #ask(mode, request) {
    const database = await this.#database
    if (!database) return null
    try {
      const transaction = database.transaction(STORE, mode)
      const result = answer(request(transaction.objectStore(STORE)))
      return await inTime(mode === "readwrite" ? done(transaction, result) : result)
    } catch {
      this.#database = null
      return null
    }
  }

  #warn() {
    if (!this.#hasWarned) this.dispatchEvent(new CustomEvent("unstored"))
    this.#hasWarned = true
  }

  // The order of writing: never two entries with one time.
  #begin() {
    this.#latest = Math.max(Date.now(), this.#latest + 1)
    return { client_id: randomId(), created: this.#latest }
  }

  // This tab and all others.
  /** @param {News} news */
  #tell(news) {
    this.#channel?.postMessage(news)
    this.#hear(news)
  }

  /** @param {News} news */
  #hear({ type, entry, client_id, sequence }) {
    const detail = type === "stored" ? { client_id, sequence } : entry ?? client_id
    this.dispatchEvent(new CustomEvent(type, { detail }))
  }
}

// A tab of a newer release may want another layout: this one does not keep it from that, and goes on from memory.
async function openDatabase() {
  const request = indexedDB.open("chatsite", 1)
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ["nickname", "client_id"] })
  /** @type {Promise<never>} */
  const blocked = new Promise((_, reject) => (request.onblocked = reject))
  const database = await Promise.race([answer(request), blocked])
  database.onversionchange = () => database.close()
  return database
}

// Once the key was the nickname, and the field is still called so: with another layout, an open tab of an older release
// would keep this one from its database. The key of today begins with a sign that no nickname has.
/** @param {IDBDatabase} database @param {string} before @param {string} owner */
async function moved(database, before, owner) {
  const transaction = database.transaction(STORE, "readwrite")
  const store = transaction.objectStore(STORE)
  for (const entry of await answer(entriesOf(store, before))) {
    store.put({ ...entry, nickname: owner })
    store.delete([before, entry.client_id])
  }
  await done(transaction)
  return database
}

/** @param {IDBObjectStore} store @param {string} owner @returns {IDBRequest<Entry[]>} */
const entriesOf = (store, owner) => store.getAll(rangeOf(owner))

/** @param {string} owner */
const rangeOf = (owner) => IDBKeyRange.bound([owner], [owner, []])

/**
 * @template Result
 * @param {IDBRequest<Result>} request
 * @returns {Promise<Result>}
 */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

// A full disk shows only when the transaction is to be written.
/**
 * @template Result
 * @param {IDBTransaction} transaction
 * @param {Promise<Result>} [result]
 * @returns {Promise<Result | undefined>}
 */
function done(transaction, result) {
  result?.catch(() => {})
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(result)
    transaction.onabort = transaction.onerror = () => reject(transaction.error)
  })
}

/**
 * @template Result
 * @param {Promise<Result>} promise
 */
function inTime(promise) {
  let timer = 0
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => (timer = setTimeout(reject, ANSWER_WITHIN, new Error("No answer."))))
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

// crypto.randomUUID is missing on a site that is reached by plain http over a local network.
function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}
