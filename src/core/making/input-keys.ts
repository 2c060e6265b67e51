import { JobError } from '../jobs/job.ts'
import { attributeOf } from '../playlist/tags.ts'
import { inputName } from './input-name.ts'
import type { InputFile } from './order.ts'

const IV = /^0x([0-9a-f]{1,32})$/i
const IV_DIGITS = 32

/** The EXT-X-KEY lines that hold at a point of a playlist, one of each KEYFORMAT (RFC 8216 section 4.3.2.4). */
export class InputKeys {
  readonly #playlist: string
  readonly #lines = new Map<string, string>()

  constructor(playlist: string) {
    this.#playlist = playlist
  }

  /** A line that holds from here on. */
  add(line: string): void {
    if (attributeOf(line, 'METHOD')?.value === 'NONE') this.#lines.clear()
    else this.#lines.set(attributeOf(line, 'KEYFORMAT')?.value ?? 'identity', line)
  }

  /**
   * What the entry of this number is encrypted with; without a vector of its own it has the number for one (RFC 8216 section 5.2).
   * Throws JobError `input-encrypted` where only a player can decrypt it, `input-foreign` where the key is none of ours.
   */
  holding(number: number): InputFile['key'] {
    if (this.#lines.size === 0) return undefined
    const line = this.#lines.get('identity') ?? ''
    const [method, uri, iv] = ['METHOD', 'URI', 'IV'].map((name) => attributeOf(line, name)?.value)
    const digits = iv === undefined ? number.toString(16) : IV.exec(iv)?.[1]
    if (method !== 'AES-128' || uri === undefined || digits === undefined) {
      throw new JobError('input-encrypted', 'The segments are encrypted otherwise than with AES-128.', {
        retryable: false,
      })
    }
    return { stored: inputName(this.#playlist, uri), iv: digits.toLowerCase().padStart(IV_DIGITS, '0') }
  }
}
