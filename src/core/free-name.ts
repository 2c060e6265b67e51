import { extensionOf, fileKind } from './file-kind.ts'
import { MAX_NUMBER_HINTS } from './limits.ts'
import { parseName, withSuffix } from './names.ts'
import { baseName, folderOf } from './upload-path.ts'

/** Numbers of more digits are not counted with exactly. */
const MAX_DIGITS = 15

/** Gives out stored names where the encoder's own is taken, as when it starts again at 1. */
export class FreeNames {
  /** How far numbers were given out, by what stands around them; those used longest ago come first. */
  readonly #given = new Map<string, number>()

  /**
   * The name itself where it is free. Else, where the numbers behind a segment's are taken too, its encoder starts over: it
   * gets the next free number (`cam000000001.ts` → `cam000000014.ts`). Others get `_1`, `_2` … before the extension: the next
   * number is the encoder's own.
   */
  next(app: string, plain: string, isTaken: (name: string) => boolean): string {
    if (!isTaken(plain)) return plain
    const [before, digits, after] = numberOf(plain) ?? []
    const nameAt = (index: number) => `${before}${String(index).padStart(digits?.length ?? 0, '0')}${after}`
    if (digits === undefined || !isTaken(nameAt(Number(digits) + 1))) {
      return this.#firstFree(`${app}/${plain}`, 0, (index) => suffixed(plain, index), isTaken)
    }
    return this.#firstFree(`${app}/${before}\u0001${digits.length}${after}`, Number(digits), nameAt, isTaken)
  }

  /** Numbers mostly have no holes: the end of those that are taken is looked for in steps that double, and halve again. */
  #firstFree(
    kind: string,
    taken: number,
    nameAt: (index: number) => string,
    isTaken: (name: string) => boolean,
  ): string {
    let last = Math.max(taken, this.#given.get(kind) ?? taken)
    let step = 1
    while (isTaken(nameAt(last + step))) {
      last += step
      step *= 2
    }
    let free = last + step
    while (free - last > 1) {
      const middle = last + ((free - last) >> 1)
      if (isTaken(nameAt(middle))) last = middle
      else free = middle
    }
    this.#note(kind, free)
    return nameAt(free)
  }

  #note(kind: string, number: number): void {
    this.#given.delete(kind)
    this.#given.set(kind, number)
    const [oldest] = this.#given.keys()
    if (this.#given.size > MAX_NUMBER_HINTS && oldest !== undefined) this.#given.delete(oldest)
  }
}

/** A segment's number, and what stands before and behind it; init sections are mp4 files too, and theirs is no order. */
export function numberOf(name: string): readonly [before: string, digits: string, after: string] | undefined {
  const base = baseName(name)
  const extension = extensionOf(base)
  const { number } = parseName(base)
  if (number === undefined || fileKind(base) !== 'segment' || extension === 'mp4') return undefined
  if (number.length > MAX_DIGITS) return undefined
  const end = base.length - extension.length - 1
  return [folderOf(name) + base.slice(0, end - number.length), number, base.slice(end)]
}

function suffixed(name: string, suffix: number): string {
  return folderOf(name) + withSuffix(baseName(name), suffix)
}
