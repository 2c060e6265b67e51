import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { JobError } from '../core/jobs/job.ts'
import type { Attempt } from '../core/jobs/job-queue.ts'
import type { InputPart, MadeFile, MakeOrder, Maker, ReadInput } from '../core/making/order.ts'
import { type ExaminedPart, examinePart, fitTogether, secondsOfPart } from './examine-part.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { InputBytes } from './input-bytes.ts'
import { INPUT_OPTIONS, InputServer, type ServedPart } from './input-server.ts'
import { asReadError } from './read-error.ts'
import { isFile, recipeOf } from './recipe.ts'
import { madeContent, removeMade, syncMade } from './work-folder.ts'

/** What makes files on this machine. */
export interface EmbeddedMakerParts {
  readonly ffmpeg: Ffmpeg
  readonly read: ReadInput
  /** Where they are made: see `emptyWorkFolder`; best on the file system that they are kept on. */
  readonly folder: string
}

/** An order, and what it is made of as far as that was examined. */
interface Prepared {
  readonly parts: readonly ServedPart[]
  readonly codecs: readonly string[]
}

/** Makes files of recordings with ffmpeg on this machine. */
export class EmbeddedMaker implements Maker {
  readonly #parts: EmbeddedMakerParts

  constructor(parts: EmbeddedMakerParts) {
    this.#parts = parts
  }

  /**
   * Throws JobError: those of `Ffmpeg.run`, `storage-unavailable` and `input-missing` for what could not be read, `input-encrypted`,
   * `input-invalid`, `input-mixed` where one file cannot hold all parts as they are, `job-too-large`; leaves nothing then.
   */
  async make(order: MakeOrder, attempt: Attempt): Promise<MadeFile> {
    const output = join(this.#parts.folder, randomUUID())
    try {
      const seconds = await this.#run(order, output, attempt)
      return await this.#made(order, output, seconds)
    } catch (error) {
      await removeMade(output)
      throw error
    }
  }

  /** Resolves with how long the output plays, in s. */
  async #run(order: MakeOrder, output: string, { signal, progress }: Attempt): Promise<number> {
    const bytes = new InputBytes(order.app, this.#parts.read)
    const { parts, codecs } = await prepare(order, bytes, signal)
    const { inputOptions, outputOptions } = recipeOf(order, codecs)
    const server = new InputServer(parts, bytes)
    const input = await server.begin()
    const task = {
      ...{ input, inputOptions: [...inputOptions, ...INPUT_OPTIONS], outputOptions, output },
      seconds: parts.reduce((sum, part) => sum + part.seconds, 0),
    }
    try {
      const seconds = await this.#parts.ffmpeg.run(task, signal, progress)
      await this.#checkSize(output)
      if (server.failure === undefined && server.isReadToEnd) return seconds
      throw new JobError('ffmpeg-failed', 'ffmpeg did not read the recording to its end.', { retryable: true })
    } catch (error) {
      // The cause of what ffmpeg says.
      throw signal.aborted ? error : (server.failure ?? error)
    } finally {
      await server.close()
    }
  }

  async #checkSize(output: string): Promise<void> {
    const content = await madeContent(output)
    if (content === undefined) throw new JobError('ffmpeg-failed', 'ffmpeg made nothing.', { retryable: true })
    if (content.size < this.#parts.ffmpeg.maxBytes) return
    throw new JobError('job-too-large', 'The file got larger than it may.', { retryable: false })
  }

  async #made({ format }: MakeOrder, output: string, seconds: number): Promise<MadeFile> {
    try {
      await syncMade(output)
      const content = await madeContent(output)
      if (content === undefined) throw new Error('the file is gone')
      const durationMs = isFile(format) ? Math.round(seconds * 1_000) : 0
      return { content, durationMs, remove: () => removeMade(output) }
    } catch (cause) {
      throw new JobError('storage-unavailable', 'The file could not be kept.', { retryable: 'outage', cause })
    }
  }
}

/** Looks at all parts; a picture is made of the last one. */
async function prepare({ format, parts: all }: MakeOrder, bytes: InputBytes, signal: AbortSignal): Promise<Prepared> {
  const parts = isFile(format) ? all : all.slice(-1)
  const served: ServedPart[] = []
  let known: ExaminedPart | undefined
  for (const [index, part] of parts.entries()) {
    if (signal.aborted) throw new JobError('job-ended', 'The job was ended.', { retryable: true })
    const isLast = index === parts.length - 1
    const { examined, plays } = await examine(part, isLast, bytes)
    if (known !== undefined && !fitTogether(known, examined)) {
      throw new JobError('input-mixed', 'The recording has parts of different codecs.', { retryable: false })
    }
    if (known === undefined || known.codecs.length === 0) known = examined
    served.push({ ...part, plays })
  }
  return { parts: served, codecs: known?.codecs ?? [] }
}

async function examine(
  part: InputPart,
  isLast: boolean,
  bytes: InputBytes,
): Promise<{ readonly examined: ExaminedPart; readonly plays: number | undefined }> {
  try {
    const examined = await examinePart(part, bytes)
    // How long the last one plays matters to nothing behind it.
    return { examined, plays: isLast ? undefined : await secondsOfPart(part, bytes) }
  } catch (cause) {
    throw asReadError(cause)
  }
}
