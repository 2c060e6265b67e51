import { contentOf } from '../core/catalog.ts'
import { ReceiverError } from '../core/errors.ts'
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
          bodies.set(id, concatAll(chunks))
        },
        async finish() {
          bodies.set(id, concatAll(chunks))
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

function concatAll(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
