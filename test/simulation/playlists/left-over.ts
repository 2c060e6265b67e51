import type { BodyFiles, Journal } from '../../../src/core/ports.ts'
import type { FakeStore } from '../world/fake-store.ts'
import type { EndedStream } from './ended-stream.ts'
import type { Endings } from './endings.ts'
import { APP, hashOf } from './sending.ts'

const PREFIX = `${APP}/streams/`
/** Keys that only tell which names are not to be given again. */
const NEVER_AGAIN = /^[Hy]\//
/** Removals that are not done, and what they have left. */
const UNDONE = /^[EFR]\//

/** Where something may be left. */
interface Places {
  readonly journal: Journal
  readonly store: FakeStore
  readonly files: BodyFiles
}

/** What is left of streams that were removed, or had to be, once nothing more comes and everything had its time. */
export async function leftOver(endings: Endings, { journal, store, files }: Places): Promise<string[]> {
  const { streams, removed } = endings
  const wrong: string[] = []
  for (const stream of streams.filter(({ isOver }) => isOver)) {
    const served = endings.playlistsOf(stream).filter((name) => stream.isServed(name))
    wrong.push(...served.map((name) => `P5: ${name} is still served after its end`))
  }
  const { keys } = await store.list(PREFIX)
  const isLeft = (key: string) => {
    const isLate = removed.get(hashOf(store.peek(key) ?? new Uint8Array(0)))
    // What comes to another folder later than the last list may be another stream's.
    return isLate === false || (isLate === true && !key.includes('/parts/'))
  }
  wrong.push(...keys.filter(isLeft).map((key) => `P5: the store has ${key} after its removal`))
  const all = [...journal.entries('')]
  const noted = all.map(([key]) => key).filter((key) => !NEVER_AGAIN.test(key))
  wrong.push(...noted.filter((key) => UNDONE.test(key)).map((key) => `P5: a removal is not done: ${show(key)}`))
  const gone = streams.filter((stream) => stream.isGoneForGood)
  for (const stream of gone) {
    const isOwn = ownNames(endings, stream)
    const left = keys.filter((key) => isOwn(key.slice(PREFIX.length)))
    wrong.push(...left.map((key) => `P5: the store has ${key} though ${stream.id} is gone`))
    const known = noted.filter((key) => !UNDONE.test(key) && isOwn(nameOf(key)))
    wrong.push(...known.map((key) => `P5: the journal has ${show(key)} though ${stream.id} is gone`))
  }
  if (gone.length === streams.length) {
    wrong.push(...(await files.list()).map((id) => `P5: body ${id} is left though all streams are gone`))
  }
  return wrong
}

/** Whether a name is of a stream. What lies in a folder below, and no list ever named, is of none. */
function ownNames(endings: Endings, stream: EndedStream): (name: string) => boolean {
  const stems = (each: EndedStream) => [each.id, ...endings.playlistsOf(each).map((name) => name.replace('.m3u8', ''))]
  const own = stems(stream)
  const others = endings.streams.filter((other) => other !== stream).flatMap(stems)
  const longer = others.filter((other) => own.some((stem) => other.startsWith(stem)))
  return (name) => own.some((stem) => name.startsWith(stem)) && !longer.some((other) => name.startsWith(other))
}

/** The name in a key of the journal; those of files in folders begin with their last part. */
function nameOf(key: string): string {
  const [, name = ''] = /^.\/[^/]*\/(.*)$/s.exec(key) ?? []
  if (!key.startsWith('f/')) return name
  const [base = '', folder = ''] = name.split('\u0001')
  return folder + base
}

function show(key: string): string {
  return key.replaceAll('\u0001', ' ')
}
