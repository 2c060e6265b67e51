import type { BodyFile, Journal } from '../../../src/core/ports.ts'
import type { Plant } from './run.ts'

function ignore(): void {}

/** Answers a commit before its flush. */
export const answersBeforeTheFlush: Plant = (parts) => {
  const { journal } = parts
  const early: Journal = {
    get: (key) => journal.get(key),
    entries: (prefix) => journal.entries(prefix),
    async commit(writes) {
      journal.commit(writes).catch(ignore)
    },
  }
  return { ...parts, journal: early }
}

/** Calls a body file finished before it is synced. */
export const finishesBeforeTheSync: Plant = (parts) => {
  const { files } = parts
  const early = (file: BodyFile): BodyFile => ({
    write: (chunks) => file.write(chunks),
    sync: () => file.sync(),
    async finish() {
      file.finish().catch(ignore)
    },
    discard: () => file.discard(),
  })
  return {
    ...parts,
    files: {
      create: async (id) => early(await files.create(id)),
      at: (id, size) => files.at(id, size),
      open: (id) => files.open(id),
      truncate: (id, size) => files.truncate(id, size),
      list: () => files.list(),
      remove: (ids) => files.remove(ids),
    },
  }
}

/** Calls the names in the store durable without making them so. */
export const forgetsToFlush: Plant = (parts) => {
  const { store } = parts
  return {
    ...parts,
    store: {
      capabilities: store.capabilities,
      put: (key, body, options) => store.put(key, body, options),
      get: (key, options) => store.get(key, options),
      head: (key) => store.head(key),
      delete: (keys) => store.delete(keys),
      list: (prefix, cursor) => store.list(prefix, cursor),
      async flush() {},
      close: () => store.close(),
    },
  }
}
