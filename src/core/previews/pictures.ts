import type { PictureTask } from '../making/task.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { keys, toBytes, toText } from '../records.ts'
import type { SeenPlaylist } from '../sessions/session-steps.ts'
import { readStream, type Session, type StreamRecord } from '../sessions/stream-record.ts'
import { type TakenPart, takenFiles } from '../sessions/taken-files.ts'
import type { PreviewRules } from './preview-rules.ts'

/** Entries at the end that a picture is taken of: the last ones may be holes. */
const LAST_ENTRIES = 3

/** What the pictures of a session are called. */
export interface NamedPictures {
  /** Without what follows. */
  readonly picture: string
  /** Where the names of the next session begin, see `StreamRecord`. */
  readonly pictured: number
  /** Makes the names the stream's. */
  readonly writes: readonly JournalWrite[]
}

/** Names of pictures, of which each is one stream's for good: `cam_1` may be a stream, or the second session of `cam`. */
export class PictureNames {
  readonly #journal: Journal
  /** The streams of names that are not durable yet, by journal key. */
  readonly #given = new Map<string, string>()

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** Those of a new session; undefined: none are made. */
  next(rules: PreviewRules, app: string, stream: string, { pictured = 0 }: StreamRecord): NamedPictures | undefined {
    if (!rules.isOn(app, stream)) return undefined
    for (const key of this.#given.keys()) if (this.#journal.get(key) !== undefined) this.#given.delete(key)
    let number = rules.isOverwriting ? 0 : pictured
    while (!this.#mayHave(app, stream, number)) number++
    const picture = numbered(stream, number)
    const names = [picture, finished(picture)].map((name) => keys.picture(app, name))
    for (const key of names) this.#given.set(key, stream)
    const writes = names.map((key) => ({ key, value: toBytes(stream) }))
    return { picture, pictured: Math.max(pictured, number) + 1, writes }
  }

  /** Whether a name, and what is left of its session, is no other stream's, nor one that another would have by itself. */
  #mayHave(app: string, stream: string, number: number): boolean {
    const picture = numbered(stream, number)
    const isFree = (name: string) => (this.#streamOf(keys.picture(app, name)) ?? stream) === stream
    const isOfOther = number > 0 && readStream(this.#journal, app, picture) !== undefined
    return isFree(picture) && isFree(finished(picture)) && !isOfOther
  }

  #streamOf(key: string): string | undefined {
    const known = this.#journal.get(key)
    return known === undefined ? this.#given.get(key) : toText(known)
  }
}

function numbered(stream: string, number: number): string {
  return number === 0 ? stream : `${stream}_${number}`
}

function finished(picture: string): string {
  return `${picture}_finished`
}

/** What is to be made a picture of: the end of the largest rendition. Undefined where there is nothing. */
export function lastPart(
  journal: Journal,
  app: string,
  session: Session,
  playlists: readonly SeenPlaylist[],
): TakenPart | undefined {
  const take = { vodId: '', format: 'mp4', height: 0, startedAt: session.startedAt } as const
  const part = takenFiles(journal, app, { take, session, isPerRun: false }, playlists)[0]?.parts.at(-1)
  return part && { ...part, from: Math.max(part.from, part.to - LAST_ENTRIES) }
}

/** The picture that is left of a session when it is over; undefined: none is made. */
export function finishedPicture(
  journal: Journal,
  { format }: PreviewRules,
  at: { readonly app: string; readonly stream: string },
  session: Session,
  playlists: readonly SeenPlaylist[],
): PictureTask | undefined {
  const part = lastPart(journal, at.app, session, playlists)
  if (session.picture === undefined || part === undefined) return undefined
  return { kind: 'picture', ...at, format, file: `${finished(session.picture)}.${format}`, part }
}
