// What Python uses of the page's JavaScript, and needs after the first paint only: boot.mjs gives it
// as the module `tokenfall_page`, with what else works before Python does.

export { guardPresses } from "./consent/press_guard.mjs";
export { openBytePump } from "./net/pump.mjs";
export { openForPython } from "./storage/database.mjs";
export { heldLocks, holdLock } from "./storage/locks.mjs";
export { isPrivateHost, webAddress } from "./web/addresses.mjs";
export { apart } from "./web/apart.mjs";
export { keepForNextVisit, keepUsed } from "./web/offline.mjs";
