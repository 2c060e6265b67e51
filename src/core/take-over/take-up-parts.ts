import type { ObjectStore } from '../object-store.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import type { BodyContent, Host, Journal } from '../ports.ts'
import type { StoredObject } from '../records.ts'
import type { FindObject } from './bound-entries.ts'
import type { FoundObject } from './found-object.ts'

/** What playlists of a store are taken up with. */
export interface TakeUpParts {
  readonly host: Pick<Host, 'log' | 'nextId'>
  readonly journal: Journal
  readonly store: ObjectStore
  /** IANA time zone of the names of runs. */
  readonly zone: string
  /** What the URIs of a playlist stand for, and which objects of the store they lead to. */
  lookup(list: FoundObject): UriLookup
  find(list: FoundObject): FindObject
  content(app: string, object: StoredObject): Promise<BodyContent>
}
