import type { WrittenEntry } from './encoder-text.ts'
import type { SeenEntry } from './truth.ts'

/** How much further than the next one a segment may be, where those between came under one name and are lost behind it. */
const NEAR = 4

/** How soon after the one before it a segment is sure to be of the same life, in ms. */
const SOON_MS = 55_000

/** What is wrong with the entries of a recording that stood in no list: they have no id of their encoder. */
export function wrongUnnamed(
  recording: readonly SeenEntry[],
  written: ReadonlyMap<string, WrittenEntry>,
  isUntold: (id: string) => boolean,
): string[] {
  const wrong: string[] = []
  const all = [...written.values()]
  const named = new Set(recording.map(({ id }) => id))
  const lives = new Set([...named].map((id) => lifeOf({ id })))
  let last: WrittenEntry | undefined
  for (const { id, hash } of recording) {
    // A hole, since its init section never came.
    if (id === '' && hash === undefined) continue
    if (id !== '') {
      last = written.get(id)
      // What passes for another's tells nothing of what comes behind it.
      if (hash !== undefined && last?.segment.hashes.has(hash) === false) last = undefined
      continue
    }
    if (last === undefined || isUntold(last.id)) continue
    const { run, number } = last
    // A life of which no list was heard passes for the one before, or behind it.
    const next = all.filter((entry) => entry.number > number && (entry.run === run || !lives.has(lifeOf(entry))))
    const found = next.find(({ segment, number: own }) => own <= number + NEAR && segment.hashes.has(hash ?? ''))
    if (found === undefined) wrong.push(`P5: the recording has what is not the next segment behind ${last.id}`)
    else if (named.has(found.id)) wrong.push(`P5: the recording has ${found.id} named and unnamed`)
    last = found
  }
  return wrong
}

/** Segments that came, that no list named, and that a recording lacks behind the one before them, though their life is over. */
export function missingUnnamed(
  recording: readonly SeenEntry[],
  written: ReadonlyMap<string, WrittenEntry>,
  isUntold: (id: string) => boolean,
  { hasEnded, hadCrash }: { readonly hasEnded: boolean; readonly hadCrash: boolean },
): string[] {
  const all = [...written.values()]
  const hashes = new Set(recording.map(({ hash }) => hash))
  const named = new Set(recording.map(({ id }) => id))
  // Where the next life lacks a segment of that name, it may be that one.
  const holes = new Set(recording.flatMap(({ id, hash }) => (hash === undefined ? (written.get(id)?.uri ?? []) : [])))
  const isOwn = ({ id, hash = '' }: SeenEntry) => written.get(id)?.segment.hashes.has(hash) === true
  return recording.filter(isOwn).flatMap(({ id }, index, { length }) => {
    const last = written.get(id)
    const next = all.find(
      (entry) => entry.run === last?.run && entry.number === last.number + 1 && lifeOf(entry) === lifeOf(last),
    )
    if (last === undefined || next === undefined || named.has(next.id) || isUntold(id)) return []
    const isOver = hasEnded || index < length - 1
    const life = all.filter((entry) => lifeOf(entry) === lifeOf(last))
    // Of two in a row under one name nobody can tell which is which; what came again with other bytes may begin a next life.
    const isTold =
      life.filter(({ uri }) => uri === next.uri).length === 1 && life.every(({ segment }) => segment.hashes.size < 2)
    // That an encoder asked, and goes on, is not known for sure before its next list.
    const isAgain = hadCrash && all.some((entry) => entry !== next && entry.run === next.run && entry.uri === next.uri)
    const came = next.segment.readyAt ?? Number.POSITIVE_INFINITY
    const isSoon = came < (last.segment.readyAt ?? 0) + SOON_MS && !next.segment.isTaken
    const isFound = [...next.segment.hashes].some((hash) => hashes.has(hash))
    if (!isOver || !isSoon || isFound || next.byteRange !== undefined || !isTold || isAgain || holes.has(next.uri))
      return []
    return [`P5: the recording lacks ${next.id}, which no list named`]
  })
}

function lifeOf({ id }: { readonly id: string }): string {
  return id.slice(0, id.lastIndexOf('.'))
}
