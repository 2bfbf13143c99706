// IndexedDB for Python. A transaction ends by itself as soon as nobody waits for it within the
// browser, and an `await` in Python comes back too late for that: what belongs to one transaction
// has to be said here.
//
// Values are bytes, one line of JSON each, so a whole chat crosses into Python as one array.

// `data-space` is said of in web/page_address.py.
const NAME = `${document.documentElement.dataset.space ?? ""}tokenfall`;

// What each version of the schema added to the one before. All steps that a database lacks run in
// one transaction: if one throws, nothing has changed. A step that moves records must first copy
// them, count the copies, and throw where one is missing; only then may it delete.
export const SCHEMA = [
  (database) => {
    database.createObjectStore("chats"); // id -> the chat
    database.createObjectStore("messages"); // [chat, id] -> the message
    database.createObjectStore("files"); // [chat, digest] -> its bytes
    database.createObjectStore("log"); // [chat, message, number] -> batches of a running answer
  },
  // [chat, kind, id] -> what is not sent yet: browser/storage/outbox.py
  (database) => database.createObjectStore("drafts"),
  (database) => {
    database.createObjectStore("session_files"); // [chat, name] -> what its Python wrote
    database.createObjectStore("cells"); // [chat, call] -> what a cell told: storage/cells.py
  },
];

class UpgradeError extends Error {
  name = "UpgradeError";
}

const STRICT = { durability: "strict" };
const RELAXED = { durability: "relaxed" };

/**
 * Opens the database, bringing its schema up to date.
 *
 * @param {(name: string, reason: string) => void} tell
 *   "blocked": tabs with an older page keep the database from being brought up to date.
 *   "outdated": a tab with a newer page waits for this one; the database is closed here.
 *   "closed": the browser closed it, say because the person deleted the site's data.
 *   "failed": an `append` that nobody waited for has failed; `reason` is the error's name.
 * @throws {DOMException} where the browser forbids storage, or the database is of a newer version.
 * @throws {UpgradeError} where its schema could not be brought up to date; nothing was changed.
 */
export async function openDatabase(tell, name = NAME, schema = SCHEMA) {
  const opening = indexedDB.open(name, schema.length);
  opening.onblocked = () => tell("blocked", "");
  let upgrading = false;
  opening.onupgradeneeded = ({ oldVersion }) => {
    upgrading = true;
    try {
      for (const step of schema.slice(oldVersion)) step(opening.result, opening.transaction);
    } catch (error) {
      console.info("the database could not be brought up to date", error);
      opening.transaction.abort();
    }
  };
  const database = await result(opening).catch((error) => {
    throw upgrading ? new UpgradeError(error.message) : error;
  });
  database.onversionchange = () => {
    database.close();
    tell("outdated", "");
  };
  database.onclose = () => tell("closed", "");

  function begin(stores, options) {
    return database.transaction(stores, "readwrite", options);
  }

  return {
    /** The bytes under one key; undefined where there are none. */
    one: (store, key) => result(reading(store).get(key)),

    /** The lines of all records of a store whose key begins so, joined; all without a prefix. */
    async read(store, prefix) {
      const values = await result(reading(store).getAll(range(prefix)));
      return joined(values);
    },

    /** The keys and values below a prefix: [[key, bytes], …]. */
    async entries(store, prefix) {
      const source = reading(store);
      const [keys, values] = await Promise.all([
        result(source.getAllKeys(range(prefix))),
        result(source.getAll(range(prefix))),
      ]);
      return keys.map((key, at) => [key, values[at]]);
    },

    /** All keys of a store. */
    keys: (store) => result(reading(store).getAllKeys()),

    /** The next records of a store: at most `limit`, after this key. [last key, lines] */
    async slice(store, limit, after) {
      const source = reading(store);
      const above = after === undefined ? null : IDBKeyRange.lowerBound(after, true);
      const [keys, values] = await Promise.all([
        result(source.getAllKeys(above, limit)),
        result(source.getAll(above, limit)),
      ]);
      return [keys.at(-1), joined(values)];
    },

    /**
     * All of these changes or none: [store, key, bytes] puts, [store, key] deletes a record,
     * [store, [chat, …, []]] all records whose key begins so.
     */
    write(changes) {
      const stores = [...new Set(changes.map(([store]) => store))];
      const transaction = begin(stores, STRICT);
      for (const [store, key, value] of changes) {
        const target = transaction.objectStore(store);
        if (value !== undefined) target.put(value, key);
        else if (Array.isArray(key?.at(-1))) target.delete(range(key.slice(0, -1)));
        else target.delete(key);
      }
      transaction.commit();
      return end(transaction);
    },

    /** Add without waiting; what comes after it in any transaction also finds it. */
    append(store, key, value) {
      try {
        const transaction = begin(store, RELAXED);
        transaction.objectStore(store).put(value, key);
        // Else the next entry waits until this page has had time to hear that this one is there,
        // and a page that writes an answer is busy.
        transaction.commit();
        end(transaction).catch((error) => tell("failed", error.name));
      } catch (error) {
        tell("failed", error.name);
      }
    },

    /** Change these fields of chats, and no others: what another tab changed meanwhile stays. */
    merge(keys, fields) {
      const transaction = begin("chats", RELAXED);
      const chats = transaction.objectStore("chats");
      const changed = JSON.parse(fields);
      for (const key of keys) {
        chats.get(key).onsuccess = ({ target }) => {
          if (!target.result) return;
          const chat = JSON.parse(new TextDecoder().decode(target.result));
          for (const [name, value] of Object.entries(changed)) {
            const [field, part] = name.split(".");
            chat[field] = part ? { ...chat[field], [part]: value } : value;
          }
          const line = `${JSON.stringify(chat)}\n`;
          chats.put(new TextEncoder().encode(line), key);
        };
      }
      return end(transaction);
    },

    close: () => database.close(),
  };

  function reading(store) {
    return database.transaction(store).objectStore(store);
  }
}

/**
 * The same for Python, which can't tell DOMExceptions apart: each function resolves to {value}, or
 * to {failure, message} with the name of the error.
 */
export async function openForPython(tell) {
  const opened = await attempt(() => openDatabase(tell));
  if (opened.failure) return opened;
  const wrapped = Object.entries(opened.value).map(([name, call]) => [
    name,
    name === "append" ? call : (...given) => attempt(() => call(...given)),
  ]);
  return { value: Object.fromEntries(wrapped) };
}

async function attempt(call) {
  try {
    return { value: await call() };
  } catch (error) {
    return { failure: error.name, message: error.message };
  }
}

function range(prefix) {
  // An array is greater than any text or number, so it ends what begins with the prefix.
  return prefix === undefined ? null : IDBKeyRange.bound(prefix, [...prefix, []]);
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function end(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

function joined(values) {
  const all = new Uint8Array(values.reduce((size, value) => size + value.length, 0));
  let start = 0;
  for (const value of values) {
    all.set(value, start);
    start += value.length;
  }
  return all;
}
