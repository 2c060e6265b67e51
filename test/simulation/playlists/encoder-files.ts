import type { Random } from '../../support/random.ts'
import type { Habits } from './habits.ts'
import type { Resource } from './truth.ts'

const SMALL_BYTES: readonly [number, number] = [40, 1_500]
/** More than the journal takes. */
const LARGE_BYTES: readonly [number, number] = [66_000, 80_000]
const LARGE_CHANCE = 0.04
const UPLOAD_URL = 'http://ingest.example/live/hls-upload/'
const DIGITS = 9
const MAX_RUNS = 4

/** A body that no other is equal to. */
export function newBody(random: Random, label: string, isLong: boolean): Uint8Array {
  const isLarge = !isLong && random.next() < LARGE_CHANCE
  const [min, max] = isLarge ? LARGE_BYTES : SMALL_BYTES
  return new Uint8Array(Buffer.alloc(isLong ? 40 : random.whole(min, max), `${label};`))
}

/** The first range of a single file, in each run of another length: alike in every number they would not tell the runs apart. */
export function firstRange(body: Uint8Array, run: number): Uint8Array {
  const more = (MAX_RUNS + run - (body.length % MAX_RUNS)) % MAX_RUNS
  return new Uint8Array(Buffer.concat([body, Buffer.alloc(more, ' ')]))
}

/** Something that is not here yet; each body that may stand for it is added by its hash. */
export function newResource(): Resource {
  return { hashes: new Set(), alike: new Set(), isLost: false, isTaken: false, isRepeated: false, readyAt: undefined }
}

/** The encoder name of a segment, and the URI that its playlist has for it. */
export function segmentNames(
  { stem, names, format }: Habits,
  number: number,
  clock = 0,
): { name: string; uri: string } {
  const extension = format === 'ts' || format === 'single-ts' ? 'ts' : 'm4s'
  const index = names === 'twins' ? clock + Math.floor(number / 2) : number
  const digits = format.startsWith('single') ? '' : String(index).padStart(DIGITS, '0')
  const path = `${stem}${digits}.${extension}`
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const base = path.slice(folder.length)
  if (names === 'absolute') return { name: path, uri: UPLOAD_URL + encodeURI(path) }
  if (names === 'below') return { name: `${folder}parts/${base}`, uri: base }
  return { name: path, uri: base }
}

/** The encoder name of a file beside the playlist, and its URI there. */
export function sideFile({ stem }: Habits, suffix: string): { name: string; uri: string } {
  const name = stem + suffix
  return { name, uri: name.slice(name.lastIndexOf('/') + 1) }
}
