import type { Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, readJson, toText } from '../records.ts'
import type { Vod } from './vod.ts'

/** Which files are asked for. */
export interface VodQuery {
  readonly offset: number
  readonly size: number
  /** `name` or `date`; else as they were made. */
  readonly sortBy?: string | undefined
  /** `desc`: the other way round. */
  readonly orderBy?: string | undefined
  /** Text in the id, the names, the stream or what was written about it. */
  readonly search?: string | undefined
  readonly streamId?: string | undefined
}

/** The files of apps that can be watched on demand, as the journal keeps them. */
export class Vods {
  readonly #journal: Journal

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** The file of an id; undefined: there is none. */
  find(app: string, vodId: string): Vod | undefined {
    return readJson<Vod>(this.#journal, keys.vod(app, vodId))
  }

  /** The file of a name below the streams folder; undefined: there is none, or it is not made yet. */
  named(app: string, file: string): Vod | undefined {
    const vodId = this.#journal.get(keys.vodName(app, file))
    return vodId === undefined ? undefined : this.find(app, toText(vodId))
  }

  /** A page of those that are asked for. Costs what all of the app's cost. */
  list(app: string, query: VodQuery): Vod[] {
    const found = this.#matching(app, query)
    found.sort(query.sortBy === 'name' ? byName : byDate)
    if (query.orderBy === 'desc') found.reverse()
    return found.slice(query.offset, query.offset + query.size)
  }

  /** How many there are. */
  count(app: string, search?: string): number {
    return this.#matching(app, { search }).length
  }

  /** What makes a file known; to be committed when it is there. */
  writes(app: string, vod: Vod): JournalWrite[] {
    return [jsonWrite(keys.vod(app, vod.vodId), vod)]
  }

  /** What makes a file forgotten. Its name is not given again: players may still hold what was served under it. */
  removal(app: string, { vodId, file }: Vod): JournalWrite[] {
    return [{ key: keys.vod(app, vodId), value: null }, this.nameRemoval(app, file)]
  }

  /** What makes the name of a file forgotten; it is not given again. */
  nameRemoval(app: string, file: string): JournalWrite {
    return { key: keys.vodName(app, file), value: null }
  }

  /** All that there are, in no order. */
  all(app: string): Vod[] {
    return this.#matching(app, {})
  }

  #matching(app: string, { search, streamId }: Pick<VodQuery, 'search' | 'streamId'>): Vod[] {
    const all = [...this.#journal.entries(keys.vodsOf(app))].map(([, value]) => JSON.parse(toText(value)) as Vod)
    const ofStream = streamId === undefined ? all : all.filter((vod) => vod.streamId === streamId)
    const wanted = search?.toLowerCase() ?? ''
    return wanted === '' ? ofStream : ofStream.filter((vod) => textsOf(vod).toLowerCase().includes(wanted))
  }
}

/** What is searched, a line each. */
function textsOf({ vodId, vodName, streamId, description = '', metadata = '' }: Vod): string {
  return [vodId, vodName, streamId, description, metadata].join('\n')
}

function byName(one: Vod, other: Vod): number {
  return one.vodName < other.vodName ? -1 : one.vodName > other.vodName ? 1 : byDate(one, other)
}

function byDate(one: Vod, other: Vod): number {
  return one.creationDate - other.creationDate || (one.vodId < other.vodId ? -1 : 1)
}
