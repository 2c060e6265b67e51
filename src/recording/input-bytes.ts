import { createDecipheriv, type Decipher } from 'node:crypto'
import { isPackedAudio, withoutTags } from '../core/codecs/packed-audio.ts'
import { extensionOf } from '../core/file-kind.ts'
import { JobError } from '../core/jobs/job.ts'
import type { InputFile, InputPart, ReadInput } from '../core/making/order.ts'
import { WholeBoxes } from './whole-boxes.ts'

const KEY_BYTES = 16

/** Reads the files of one app's recording as they were before they were encrypted (AES-128, RFC 8216 section 5.2). */
export class InputBytes {
  readonly #app: string
  readonly #read: ReadInput
  /** The key that was read last, which mostly holds for what comes next. */
  #key: { readonly stored: string; readonly bytes: Uint8Array } | undefined

  constructor(app: string, read: ReadInput) {
    this.#app = app
    this.#read = read
  }

  /** One file. Throws what the reading throws, and JobError `input-encrypted`. */
  async *file({ stored, range, key }: InputFile): AsyncGenerator<Uint8Array> {
    const bytes = this.#read(this.#app, stored, range)
    if (key === undefined) yield* bytes
    else yield* decrypted(bytes, createDecipheriv('aes-128-cbc', await this.#keyBytes(key.stored), bytesOf(key.iv)))
  }

  /**
   * All files of a part, one after the other. Throws what the reading throws, JobError `input-encrypted`, and `input-invalid` where a
   * fragmented MP4 does not end where a box does: a demuxer passes over what follows it, and says nothing.
   */
  async *part({ init, files }: InputPart): AsyncGenerator<Uint8Array> {
    for (const file of init === undefined ? files : [init, ...files]) {
      const boxes = init === undefined ? undefined : new WholeBoxes()
      const isTagged = isPackedAudio(extensionOf(file.stored))
      for await (const chunk of isTagged ? withoutTags(this.file(file)) : this.file(file)) {
        boxes?.add(chunk)
        yield chunk
      }
      if (boxes?.isWhole === false) {
        throw new JobError('input-invalid', `${file.stored} is no whole MP4 segment.`, { retryable: false })
      }
    }
  }

  async #keyBytes(stored: string): Promise<Uint8Array> {
    if (this.#key?.stored === stored) return this.#key.bytes
    const bytes = Buffer.alloc(KEY_BYTES)
    let size = 0
    for await (const chunk of this.#read(this.#app, stored)) {
      if (size + chunk.length <= KEY_BYTES) bytes.set(chunk, size)
      size += chunk.length
    }
    if (size !== KEY_BYTES) {
      throw new JobError('input-encrypted', 'The key of the recording is none of AES-128.', { retryable: false })
    }
    this.#key = { stored, bytes }
    return bytes
  }
}

async function* decrypted(bytes: AsyncIterable<Uint8Array>, decipher: Decipher): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) yield decipher.update(chunk)
  yield lastBlock(decipher)
}

/** Its padding tells whether the key was the right one, and the file whole. */
function lastBlock(decipher: Decipher): Uint8Array {
  try {
    return decipher.final()
  } catch (cause) {
    throw new JobError('input-encrypted', 'A file of the recording cannot be decrypted.', { retryable: false, cause })
  }
}

function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex')
}
