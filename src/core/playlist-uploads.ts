import { ReceiverError } from './errors.ts'
import { MAX_PLAYLIST_BYTES, MAX_TEXTS_BYTES } from './limits.ts'
import { PlaylistIntake, type PlaylistUpload } from './playlist/intake.ts'
import type { SealedPart } from './playlist/sealed-part.ts'
import type { BodySource, Host } from './ports.ts'

/** Reads playlists from requests: into memory, all together at most MAX_TEXTS_BYTES. */
export class PlaylistUploads {
  readonly #host: Host
  #held = 0

  constructor(host: Host) {
    this.#host = host
  }

  /**
   * Reads a playlist to its proven end and has it accepted; until then it takes its memory. Throws `body-too-large`,
   * `body-cut` or `too-many-uploads`, or what `accept` throws; nothing is left then.
   */
  async take<T>(
    source: BodySource,
    known: SealedPart | undefined,
    accept: (upload: PlaylistUpload) => Promise<T>,
  ): Promise<T> {
    if ((source.declaredBytes ?? 0) > MAX_PLAYLIST_BYTES) throw new ReceiverError('body-too-large')
    const intake = new PlaylistIntake(known, this.#host.createDigest())
    let counted = 0
    try {
      await source.read((piece) => {
        intake.add(piece)
        this.#held += intake.held - counted
        counted = intake.held
        if (this.#held > MAX_TEXTS_BYTES) throw new ReceiverError('too-many-uploads')
        return undefined
      })
      return await accept(intake.finish())
    } finally {
      this.#held -= counted
    }
  }
}
