import { ReceiverError } from '../errors.ts'
import { JobError } from '../jobs/job.ts'
import { type MediaRange, readLines, type ScannedPlaylist, scanLines, type UriSite } from '../playlist/scan.ts'
import { hasTag, tagValue } from '../playlist/tags.ts'
import { InputKeys } from './input-keys.ts'
import { inputName } from './input-name.ts'
import type { InputFile, InputPart } from './order.ts'

/** A MAP as it is written, and the key that holds for it. */
interface WrittenMap {
  readonly uri: string
  readonly range: MediaRange | undefined
  readonly key: InputFile['key']
}

/** A part whose entries are still read. */
interface OpenPart extends InputPart {
  readonly files: InputFile[]
  seconds: number
}

/**
 * What a recorded VOD playlist is made of, in parts: a new one begins at each discontinuity, and with each other MAP. A hole has no
 * file, but its seconds; a part of holes alone counts to the next one. Throws JobError, which no other attempt mends: `input-foreign`
 * for a URI that leads elsewhere, `input-encrypted` for what only a player can decrypt, `input-empty` where there is no file at all,
 * and `input-invalid` for what is no playlist.
 */
export function inputParts(playlist: string, text: Uint8Array): InputPart[] {
  const reading = new PartReading(playlist, scannedOf(text))
  const parts = reading.parts()
  if (parts.length > 0) return parts
  throw new JobError('input-empty', 'Nothing was recorded.', { retryable: false })
}

class PartReading {
  readonly #playlist: string
  readonly #scanned: ScannedPlaylist
  readonly #sites: ReadonlyMap<number, UriSite>
  readonly #keys: InputKeys
  readonly #parts: OpenPart[] = []
  #map: WrittenMap | undefined
  /** The next file begins a part. */
  #isBreak = true
  /** Of holes before the next part, in s. */
  #secondsBefore = 0

  constructor(playlist: string, scanned: ScannedPlaylist) {
    this.#playlist = playlist
    this.#scanned = scanned
    this.#sites = new Map(scanned.uris.map((site) => [site.line, site]))
    this.#keys = new InputKeys(playlist)
  }

  parts(): InputPart[] {
    for (const { firstLine, uriLine, number, uri, range, isDiscontinuity, isGap } of this.#scanned.entries) {
      if (isDiscontinuity) this.#isBreak = true
      const seconds = this.#readTags(firstLine, uriLine, number)
      if (!isGap) this.#add(fileOf(inputName(this.#playlist, uri), range, this.#keys.holding(number)), seconds)
      else this.#skip(seconds)
    }
    return this.#parts
  }

  /** How long the entry plays whose lines these are; what they say of keys and maps holds on. */
  #readTags(from: number, to: number, number: number): number {
    let seconds = 0
    for (let at = from; at < to; at++) {
      const line = this.#scanned.lines[at] ?? ''
      const site = this.#sites.get(at)
      if (hasTag(line, '#EXTINF')) seconds = secondsOf(line)
      else if (hasTag(line, '#EXT-X-KEY')) this.#keys.add(line)
      else if (site?.role === 'map') this.#begin({ uri: site.uri, range: site.range, key: this.#keys.holding(number) })
    }
    return seconds
  }

  #begin(map: WrittenMap): void {
    if (!isSame(this.#map, map)) this.#isBreak = true
    this.#map = map
  }

  #add(file: InputFile, seconds: number): void {
    if (this.#isBreak) this.#parts.push({ ...this.#init(), files: [], seconds: this.#secondsBefore })
    if (this.#isBreak) this.#secondsBefore = 0
    this.#isBreak = false
    const part = this.#parts.at(-1)
    part?.files.push(file)
    if (part !== undefined) part.seconds += seconds
  }

  #skip(seconds: number): void {
    const part = this.#parts.at(-1)
    if (this.#isBreak || part === undefined) this.#secondsBefore += seconds
    else part.seconds += seconds
  }

  #init(): { readonly init?: InputFile } {
    if (this.#map === undefined) return {}
    const { uri, range, key } = this.#map
    return { init: fileOf(inputName(this.#playlist, uri), range, key) }
  }
}

function scannedOf(text: Uint8Array): ScannedPlaylist {
  try {
    return scanLines(readLines(text))
  } catch (cause) {
    if (!(cause instanceof ReceiverError)) throw cause
    throw new JobError('input-invalid', 'The recording is no playlist.', { retryable: false, cause })
  }
}

function fileOf(stored: string, range: MediaRange | undefined, key: InputFile['key']): InputFile {
  return { stored, ...(range === undefined ? {} : { range }), ...(key === undefined ? {} : { key }) }
}

function isSame(one: WrittenMap | undefined, other: WrittenMap): boolean {
  return one?.uri === other.uri && one.range?.start === other.range?.start && one.range?.end === other.range?.end
}

/** EXTINF in s; 0 where it is no number. */
function secondsOf(line: string): number {
  const seconds = Number.parseFloat(tagValue(line))
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0
}
