const KIB = 1024
const MIB = 1024 * KIB

/** Longest name of one file or folder, in bytes of UTF-8: the 255 of ext4, xfs and APFS, less room for a suffix or an id. */
export const MAX_NAME_BYTES = 220
/** Folders that are looked into for a file that a playlist names without its folder. */
export const MAX_FOLDERS_SEARCHED = 100
/** Longest path below an app, in bytes of UTF-8: the limit of an S3 key. */
export const MAX_PATH_BYTES = 1024
/** Deepest folder below an app. */
export const MAX_FOLDERS = 8

/** A body up to this size, in bytes, lives in the journal; a larger one in a file of its own. */
export const INLINE_BODY_BYTES = 64 * KIB
/** A piece smaller than this, in bytes, is copied into a block of this size, since each piece kept by itself costs about 400 bytes more. */
export const SMALL_PIECE_BYTES = 4 * KIB
/** Bytes of one upload gathered before they are written to its file at once. */
export const BODY_WRITE_BYTES = 128 * KIB
/** Largest playlist, in bytes: a day of 2 s segments with dates takes about 4 MiB (facts: 43,200 entries). */
export const MAX_PLAYLIST_BYTES = 16 * MIB
/** Memory set aside for playlists on their way in, in bytes, each counted at its largest; beyond, they take the way of large bodies. */
export const MAX_TEXTS_BYTES = 256 * MIB
/** Longest line of a playlist, in bytes: libavformat itself reads no more than 4,096. */
export const MAX_PLAYLIST_LINE_BYTES = 8 * KIB
/** Most lines of a playlist: a day of 2 s segments with dates takes about 130,000. */
export const MAX_PLAYLIST_LINES = 500_000
/** Largest key file, in bytes; an AES-128 key has 16. */
export const MAX_KEY_BYTES = 64 * KIB
/** Largest end-of-stream message, in bytes. */
export const MAX_END_MESSAGE_BYTES = 64 * KIB

/** Versions of one playlist that may wait for their segments at once; the oldest is dropped. */
export const MAX_WAITING_VERSIONS = 8
/** Playlists whose parsed state is kept in memory; others are read again from the journal. */
export const MAX_PLAYLIST_STATES = 10_000
/** Bytes of playlists kept in memory, served and waiting, over all. */
export const MAX_HELD_PLAYLIST_BYTES = 256 * MIB
/** Shortest time between two writes of one playlist to the store, in ms (R2 takes one write a second per key). */
export const PLAYLIST_WRITE_INTERVAL_MS = 1_000
/** How often what is in the store is crossed off the list of what is still to be stored, in ms. */
export const SETTLE_INTERVAL_MS = 60_000
/** Objects on their way to the store at once. */
export const MAX_STORE_WRITES = 64
/** How long accepted objects wait for company on their way to the store, in ms: many at once cost a disk half as much CPU. */
export const STORE_GATHER_MS = 20
/** First and longest pause before a failed write to the store is tried again, in ms. */
export const STORE_RETRY_MIN_MS = 250
export const STORE_RETRY_MAX_MS = 30_000
/** Objects that may wait for the store at once; beyond, uploads are refused as `storage-unavailable`. */
export const MAX_STORE_QUEUE = 100_000
