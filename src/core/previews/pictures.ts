import type { PictureTask } from '../making/task.ts'
import type { Journal } from '../ports.ts'
import type { SeenPlaylist } from '../sessions/session-steps.ts'
import type { Session, StreamRecord } from '../sessions/stream-record.ts'
import { type TakenPart, takenFiles } from '../sessions/taken-files.ts'
import type { PreviewRules } from './preview-rules.ts'

/** Entries at the end that a picture is taken of: the last ones may be holes. */
const LAST_ENTRIES = 3

/** What the pictures of a new session are called, without what follows, and how many sessions have some then; undefined: none are made. */
export function pictureOf(
  rules: PreviewRules,
  app: string,
  stream: string,
  { pictured = 0 }: StreamRecord,
): { readonly picture: string; readonly pictured: number } | undefined {
  if (!rules.isOn(app, stream)) return undefined
  const isFirst = pictured === 0 || rules.isOverwriting
  return { picture: isFirst ? stream : `${stream}_${pictured}`, pictured: pictured + 1 }
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
  return { kind: 'picture', ...at, format, file: `${session.picture}_finished.${format}`, part }
}
