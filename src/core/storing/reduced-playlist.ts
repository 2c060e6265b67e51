import { attributeOf, hasTag, tagOf, URI_ROLES } from '../playlist/tags.ts'

/** What of a playlist may stand in the store. */
export interface ReducedPlaylist {
  readonly text: string
  /** Nothing had to be changed. */
  readonly isWhole: boolean
}

const GAP = '#EXT-X-GAP'

/**
 * A served playlist as it may stand in a store that lacks some of what it names: entries whose segment, MAP or KEY is missing
 * are holes, at the end of the list they are left out; so are variants that are not there. Undefined where nothing is left.
 */
export function reducedPlaylist(text: string, isMissing: (uri: string) => boolean): ReducedPlaylist | undefined {
  const reducer = new Reducer(isMissing)
  for (const line of text.split('\n')) reducer.add(line)
  return reducer.finish()
}

class Reducer {
  readonly #isMissing: (uri: string) => boolean
  readonly #kept: string[] = []
  /** Lines since the last URI. */
  #block: string[] = []
  /** How many of the kept lines lead up to the last entry that is there, and whether there is one. */
  #end = 0
  #hasEntry = false
  /** The last entry is a hole made here: the list is cut before it. */
  #isLastMissing = false
  #isWhole = true
  #isMapMissing = false
  #isKeyMissing = false
  /** Keys that stand together are for the same segments: each is needed by some player. */
  #hasKeyBefore = false

  constructor(isMissing: (uri: string) => boolean) {
    this.#isMissing = isMissing
  }

  add(line: string): void {
    if (line.startsWith('#')) this.#tag(line)
    else if (line.trim() === '') this.#block.push(line)
    else this.#uri(line)
  }

  finish(): ReducedPlaylist | undefined {
    if (!this.#isWhole && !this.#hasEntry) return undefined
    if (this.#isLastMissing) return { text: [...this.#kept.slice(0, this.#end), ''].join('\n'), isWhole: false }
    return { text: [...this.#kept, ...this.#block].join('\n'), isWhole: this.#isWhole }
  }

  #tag(line: string): void {
    const role = URI_ROLES.get(tagOf(line))
    const uri = role === undefined ? undefined : attributeOf(line, 'URI')?.value
    const isMissing = uri !== undefined && this.#isMissing(uri)
    if (role === 'map') this.#isMapMissing = isMissing
    if (role === 'key' && hasTag(line, '#EXT-X-KEY')) this.#key(isMissing)
    if (isMissing && (role === 'part' || role === 'playlist')) this.#isWhole = false
    else this.#block.push(line)
  }

  #key(isMissing: boolean): void {
    this.#isKeyMissing = isMissing || (this.#hasKeyBefore && this.#isKeyMissing)
    this.#hasKeyBefore = true
  }

  #uri(line: string): void {
    this.#hasKeyBefore = false
    const isVariant = this.#block.some((other) => hasTag(other, '#EXT-X-STREAM-INF'))
    const isHole = this.#block.some((other) => hasTag(other, GAP))
    const isMissing = !isHole && (this.#isMissing(line) || (!isVariant && (this.#isMapMissing || this.#isKeyMissing)))
    if (isMissing) this.#isWhole = false
    this.#isLastMissing = isMissing && !isVariant
    if (isVariant && isMissing) this.#block = this.#block.filter((other) => !hasTag(other, '#EXT-X-STREAM-INF'))
    else this.#kept.push(...this.#block.splice(0), ...(isMissing ? [GAP] : []), line)
    if (isMissing) return
    this.#hasEntry = true
    this.#end = this.#kept.length
  }
}
