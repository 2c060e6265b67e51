/** A playlist's texts in the order they were sent whole, and how far they were acknowledged. */
export interface SentPlaylist {
  readonly texts: Uint8Array[]
  /** Index of the newest text that was acknowledged or seen; -1 before the first. */
  newest: number
}

/** All that clients know of their uploads, over all lives of the server. */
export class Ledger {
  /** Name → SHA-256 of every segment that was answered 2xx. */
  readonly segments = new Map<string, string>()
  /** The same of segments that were sent whole and never answered, because the server died. */
  readonly unanswered = new Map<string, string>()
  readonly playlists = new Map<string, SentPlaylist>()
  /** SHA-256 of every body that was sent to its end, answered or not. */
  readonly whole = new Set<string>()
  /** Names of segments that were only ever sent in part. */
  readonly cutNames = new Set<string>()
  /** Answers that should not be: a 2xx to a cut body; an error, or none, to a whole one. */
  readonly wrongAnswers: string[] = []
  /** How many uploads were answered 2xx, playlists included. */
  acknowledged = 0
  /** How many uploads were cut on purpose, playlists included. */
  cuts = 0

  /** The texts of a playlist so far. */
  playlist(name: string): SentPlaylist {
    const known = this.playlists.get(name) ?? { texts: [], newest: -1 }
    this.playlists.set(name, known)
    return known
  }
}
