// Why the server closed a connection. Below `FROM_SERVER` the code is the browser's or a proxy's, and says nothing.

export const FROM_SERVER = 4400
export const SIGNED_OUT = 4401
export const FORBIDDEN = 4403
export const RESTARTING = 4412
export const TOO_MUCH = 4429
