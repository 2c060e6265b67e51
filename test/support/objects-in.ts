import type { ObjectStore } from '../../src/core/object-store.ts'
import type { FoundObject } from '../../src/core/take-over/found-object.ts'

const CORE_KEY = /^([^/]+)\/streams\/(.*)$/s

/** Everything in a store that tells with its keys what it knows of them, page by page. */
export async function* objectsIn(store: ObjectStore): AsyncGenerator<readonly FoundObject[]> {
  let cursor: string | undefined
  do {
    const page = await store.list('', cursor)
    yield page.keys.flatMap((key, index) => {
      const [, app, name] = CORE_KEY.exec(key) ?? []
      const head = page.heads?.[index]
      return app === undefined || name === undefined || head === undefined ? [] : [{ app, name, ...head }]
    })
    cursor = page.cursor
  } while (cursor !== undefined)
}
