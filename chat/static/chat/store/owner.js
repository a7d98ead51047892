// The key of a person's drafts and unsent messages. People may be renamed, and a nickname may go to somebody else: the
// key is made of the id.

// A browser keeps one storage for all sites of an origin: under a path prefix it may have others beside this one.
/** @param {number | string} id @param {string} home the address of the site's first page */
export const ownerOf = (id, home) => under(`#${id}`, home)

// As older releases named them.
/** @param {string} nickname @param {string} home */
export const ownerBefore = (nickname, home) => under(nickname, home)

/** @param {string} name @param {string} home */
const under = (name, home) => (home === "/" ? name : `${name} ${home}`)
