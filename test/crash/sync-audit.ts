import { type Answer, actionsOn, type FileAction, type TraceReading } from './trace-reading.ts'

/** Where the journal says that an upload's body lies. */
export interface BodyPlace {
  /** The body file's name; undefined when the journal itself has the bytes. */
  readonly file: string | undefined
  /** Bytes. */
  readonly size: number
}

/** A commit of the journal that survives power loss: pages, then a sync, then the root written through. */
interface DurableCommit {
  readonly pages: readonly FileAction[]
  /** Line on which its root was written through. */
  readonly end: number
}

/** How often the disk was made to sync. */
export interface SyncCounts {
  readonly fsync: number
  readonly fdatasync: number
  readonly writeThrough: number
}

/** Why each `201` that was written too early was so; empty when all is well. */
export function auditAnswers(reading: TraceReading, places: ReadonlyMap<string, BodyPlace>): string[] {
  const commits = durableCommits(actionsOn(reading, 'journal.mdb'))
  return reading.answers.flatMap((answer) => {
    const place = places.get(answer.name)
    if (place === undefined) return [`${answer.name}: answered, but not in the journal`]
    const found = firstHolding(commits, answer)
    if (found === undefined) return [`${answer.name}: no durable commit of the journal holds it`]
    if (found.commit.end > answer.at) return [`${answer.name}: answered before the journal was synced`]
    return place.file === undefined ? [] : bodyProblems(reading, answer, place.file, place.size, found.page)
  })
}

/** The first commit with a page, written after the upload had come in, that shows its name; and that page. */
function firstHolding(commits: readonly DurableCommit[], { name, lastRead }: Answer) {
  for (const commit of commits) {
    const page = commit.pages.find(({ call }) => call.start > lastRead && call.args.includes(name))
    if (page !== undefined) return { commit, page }
  }
  return undefined
}

function bodyProblems(reading: TraceReading, answer: Answer, file: string, size: number, page: FileAction): string[] {
  const actions = actionsOn(reading, file)
  const opened = actions.find(({ kind }) => kind === 'open')
  const sync = actions.find(({ kind, call }) => kind === 'sync' && call.start > answer.lastRead)
  if (opened === undefined || sync === undefined || sync.call.end > page.call.start) {
    return [`${answer.name}: its body file was not synced between its last byte and the commit`]
  }
  const written = actions.filter(({ kind, call }) => kind === 'write' && call.end < sync.call.start)
  const bytes = written.reduce((sum, { call }) => sum + call.result, 0)
  if (bytes !== size) return [`${answer.name}: ${bytes} of ${size} bytes were written before its body file was synced`]
  const isNameDurable = actionsOn(reading, 'bodies').some(
    ({ kind, call }) => kind === 'sync' && call.start > opened.call.end && call.end < page.call.start,
  )
  return isNameDurable ? [] : [`${answer.name}: its body file's name was not synced`]
}

/** Groups what was done to the journal into commits. LMDB's write lock keeps them from overlapping. */
function durableCommits(actions: readonly FileAction[]): DurableCommit[] {
  const commits: DurableCommit[] = []
  let pages: FileAction[] = []
  let syncedAt = Number.POSITIVE_INFINITY
  for (const action of actions) {
    const { kind, call } = action
    if (kind === 'write') {
      pages.push(action)
      syncedAt = Number.POSITIVE_INFINITY
    } else if (kind === 'sync') {
      if (pages.every((page) => page.call.end < call.start)) syncedAt = call.end
    } else if (kind === 'write-through' && syncedAt < call.start) {
      commits.push({ pages, end: call.end })
      pages = []
    }
  }
  return commits
}

/** Syncs of the whole trace, from the start of the server to its end. */
export function countSyncs({ files }: TraceReading): SyncCounts {
  const actions = [...files.values()].flat()
  const count = (fits: (action: FileAction) => boolean) => actions.filter(fits).length
  return {
    fsync: count(({ call }) => call.name === 'fsync'),
    fdatasync: count(({ call }) => call.name === 'fdatasync'),
    writeThrough: count(({ kind }) => kind === 'write-through'),
  }
}
