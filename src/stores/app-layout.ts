import type { ListPage, ObjectStore } from '../core/object-store.ts'

/** How the core names objects: `APP/streams/NAME`, and pictures `APP/previews/NAME`. */
const CORE_KEY = /^([^/]+)\/(streams|previews)\/(.*)$/s

/** Where objects of apps lie, by the folder that the core names; in each `:app` stands for the app. */
export interface AppPrefixes {
  readonly streams: string
  readonly previews: string
}

/** The key of an object below its prefix. */
function bucketKey(prefixes: AppPrefixes, key: string): string {
  const [, app, folder, name] = CORE_KEY.exec(key) ?? []
  if (app === undefined) throw new Error(`not a key of an app: ${key}`)
  return `${(folder === 'streams' ? prefixes.streams : prefixes.previews).replaceAll(':app', app)}/${name}`
}

/** What the keys of all apps begin with below a prefix. */
export function rootOf(prefix: string): string {
  return prefix.split(':app')[0] ?? ''
}

/** The app and name of a key below a prefix; undefined for others. `onlyApp` is the one where the prefix tells none. */
export function coreKey(prefix: string, onlyApp: string, key: string): { app: string; name: string } | undefined {
  const escaped = prefix.replace(/[.]/g, '\\.').replaceAll(':app', '([^/]+)')
  const parts = new RegExp(`^${escaped}/(.+)$`, 's').exec(key)
  const name = parts?.at(-1)
  if (parts === null || name === undefined) return undefined
  return { app: parts.length > 2 ? (parts[1] ?? onlyApp) : onlyApp, name }
}

/**
 * Gives objects of `APP/streams/NAME` the key `PREFIX/NAME` in `store`, where `:app` in the prefix stands for the app, and those of
 * `APP/previews/NAME` likewise. Without it the layout is for one app.
 */
export function appLayout(store: ObjectStore, prefixes: AppPrefixes): ObjectStore {
  const own = (key: string) => bucketKey(prefixes, key)
  return {
    capabilities: store.capabilities,
    put: (key, body, options) => store.put(own(key), body, options),
    ...(store.putOpen && { putOpen: async (key, body, options) => store.putOpen?.(own(key), body, options) }),
    get: (key, options) => store.get(own(key), options),
    head: (key, options) => store.head(own(key), options),
    delete: (keys) => store.delete(keys.map(own)),
    async list(wanted, cursor): Promise<ListPage> {
      const page = await store.list(own(wanted), cursor)
      const known = wanted.slice(0, wanted.length - (CORE_KEY.exec(wanted)?.[3] ?? '').length)
      const ownRoot = own(known)
      return { ...page, keys: page.keys.map((key) => known + key.slice(ownRoot.length)) }
    },
    flush: () => store.flush(),
    close: () => store.close(),
  }
}
