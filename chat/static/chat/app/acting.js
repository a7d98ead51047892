// All that readers do with a room's messages: the menu and the bar at them, reactions, threads, forwarding, selecting, and
// answers by a swipe. Loaded when a pointer, a finger or the focus comes to a message.

import { byId, copyOf, part } from "../lib/dom.js"
import { t } from "../lib/i18n.js"
import { MessageActions, MessageBar, MessageMenu } from "../views/timeline/message_menu.js"
import { listenToReactions } from "../views/timeline/reactions.js"

/** @import { Shown } from "../store/types.d.ts" */
/** @import { Acting, ActingRoom, OpenSession, ThreadRoom } from "./types.d.ts" */

const hasTouch = matchMedia("(any-pointer: coarse)")

/** @param {ActingRoom} room @param {OpenSession} session @returns {Acting} */
export function startActing(room, session) {
  const { list, timeline, messages, composer, urls, me, change, habits, signal } = room
  const failed = () => composer?.say(t("That didn't work. Try again in a moment."))
  const actions = new MessageActions({
    ...room.may,
    messages,
    urls,
    composer,
    me: me.id,
    change,
    pickEmoji: async (number) => {
      const row = timeline.row(number)
      const emoji = row ? await room.pickEmoji(part(row, ".row")) : null
      // Not to the button of the bar, which then would not follow the pointer.
      if (row?.contains(document.activeElement)) part(row, ".row").focus({ preventScroll: true })
      return emoji
    },
    elsewhere: { "show-thread": ({ number }) => number && showThread(number), forward, select },
  })
  const menu = new MessageMenu(byId("message-menu"), { habits, signal })
  menu.listen(list, { timeline, actions, signal })
  const bar = new MessageBar(list, copyOf(byId("message-bar", HTMLTemplateElement)), { timeline, actions, menu })
  listenToReactions(list, { timeline, urls, actions })
  // Those who have no touch screen need no way to swipe.
  if (hasTouch.matches) loadSwiping()
  /** @type {ThreadRoom} */
  const around = { ...room, menu, forward }

  /** @param {number} number */
  function showThread(number, isAsked = true) {
    const failed = () => composer?.say(t("Couldn't open the thread. Check your connection and try again."))
    import("./thread.js").then(({ showThread }) => showThread(number, around, session, isAsked), failed)
  }

  /** @param {Shown} message */
  function forward(message) {
    room.keep(({ forward }, kept) => forward(message, kept), failed)
  }

  /** @param {Shown} message */
  function select(message) {
    import("../views/timeline/selecting.js").then(
      ({ select }) => select(message, { list, timeline, messages, signal }),
      failed,
    )
  }

  function loadSwiping() {
    import("../views/timeline/swipe.js").then(
      ({ listenToSwipes }) => listenToSwipes(list, { timeline, actions }),
      () => {},
    )
  }

  return { look: () => bar.look(), showThread }
}
