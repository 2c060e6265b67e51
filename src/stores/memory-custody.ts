import { contentOf } from '../core/catalog.ts'
import { ReceiverError } from '../core/errors.ts'
import { concat } from '../core/piece-buffer.ts'
import type { BodyFiles, Journal } from '../core/ports.ts'

/** A journal that lives as long as the process: for STORE=memory. */
export function memoryJournal(): Journal {
  const entries = new Map<string, Uint8Array>()
  return {
    get: (key) => entries.get(key),
    entries: (prefix) =>
      [...entries].filter(([key]) => key.startsWith(prefix)).sort(([one], [other]) => (one < other ? -1 : 1)),
    async commit(writes) {
      for (const { key, value } of writes) {
        if (value === null) entries.delete(key)
        else entries.set(key, value)
      }
    },
  }
}

/** Large bodies in memory: for STORE=memory. */
export function memoryBodyFiles(): BodyFiles {
  const bodies = new Map<string, Uint8Array>()
  return {
    async create(id) {
      const chunks: Uint8Array[] = []
      return {
        async write(more) {
          for (const chunk of more) chunks.push(chunk.slice())
        },
        async sync() {
          bodies.set(id, concat(chunks))
        },
        async finish() {
          bodies.set(id, concat(chunks))
        },
        async discard() {
          chunks.length = 0
          bodies.delete(id)
        },
      }
    },
    at(id, size) {
      const bytes = bodies.get(id)
      if (bytes === undefined) throw new ReceiverError('internal-error', 'A body is missing.')
      return contentOf(bytes.subarray(0, size))
    },
    async open(id) {
      const bytes = bodies.get(id)
      return bytes === undefined ? null : contentOf(bytes)
    },
    async truncate(id, size) {
      const bytes = bodies.get(id)
      if (bytes !== undefined) bodies.set(id, bytes.slice(0, size))
    },
    list: async () => [...bodies.keys()],
    async remove(ids) {
      for (const id of ids) bodies.delete(id)
    },
  }
}
