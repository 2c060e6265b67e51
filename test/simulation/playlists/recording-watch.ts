import { NOTHING, type SeenEntry } from './truth.ts'

/** Holds the recording of a playlist to all that was ever served of it (promise P5). */
export class RecordingWatch {
  /** By what the encoder calls the entry. */
  readonly #served = new Map<string, SeenEntry>()

  /** Takes note of what is served. */
  note(entries: readonly SeenEntry[]): void {
    for (const entry of entries) {
      const before = this.#served.get(entry.id)
      // A key that is not here is passed on; it may still come.
      if (before?.hash === undefined || before.keyHash !== entry.keyHash) this.#served.set(entry.id, entry)
    }
  }

  /**
   * What is wrong with a recording; an entry that nobody can tell from another run's may stand there for both. Where two
   * encoders send under its name, an entry may be of several runs, each with bytes of its own. `mayBeGone`: deleted by their encoder.
   */
  check(
    recording: readonly SeenEntry[],
    isUntold: (id: string) => boolean,
    hasRival: boolean,
    mayBeGone: ReadonlySet<string> | undefined,
  ): string[] {
    const wrong = recording
      .filter(({ hash }) => hash === NOTHING)
      .map(({ id }) => `P2: the recording names ${id} in vain`)
    const places = new Map<string, number[]>()
    for (const [index, { id }] of recording.entries()) places.set(id, [...(places.get(id) ?? []), index])
    // They are counted, too.
    const unnamed = recording.filter(({ id }) => id === '').length
    let last = -1
    for (const entry of [...this.#served.values()].sort((one, other) => one.number - other.number)) {
      const [place, ...more] = places.get(entry.id) ?? []
      const found = place === undefined ? undefined : recording[place]
      if (place === undefined || found === undefined) {
        if ((hasRival && entry.hash === undefined) || mayBeGone?.has(entry.id) === true) continue
        // Two runs that nothing tells apart have this entry in common: its bytes, or its hole, are there.
        if (!recording.some((other) => isSame(entry, other, unnamed))) wrong.push(`P5: the recording lacks ${entry.id}`)
      } else if (!hasRival) {
        if (more.length > 0 && !isUntold(entry.id))
          wrong.push(`P5: the recording has ${entry.id} ${more.length + 1} times`)
        if (place < last) wrong.push(`P5: the recording has ${entry.id} before what was served before it`)
        // One that stands there twice has the bytes of either run.
        const other = more.length > 0 ? [] : differences(entry, found)
        wrong.push(...other.map((what) => `P3: the recording has another ${what}: ${entry.id}`))
        last = Math.max(last, place)
      }
    }
    return wrong
  }
}

function isSame({ hash, number }: SeenEntry, other: SeenEntry, unnamed: number): boolean {
  if (hash !== undefined) return other.hash === hash
  return other.number >= number && other.number <= number + unnamed
}

function differences(served: SeenEntry, recorded: SeenEntry): string[] {
  if (served.hash === undefined) return []
  // A key that was not here when it was served may have come.
  const isOther = (part: 'hash' | 'mapHash' | 'keyHash') => served[part] !== NOTHING && served[part] !== recorded[part]
  return [
    ...(isOther('hash') ? ['segment'] : []),
    ...(isOther('mapHash') ? ['MAP'] : []),
    ...(isOther('keyHash') ? ['KEY'] : []),
  ]
}
