const KIB = 1024
const MIB = 1024 * KIB

/** Longest name of one file or folder, in bytes of UTF-8: the 255 of ext4, xfs and APFS, less room for a suffix or an id. */
export const MAX_NAME_BYTES = 220
/** Folders that are looked into for a file that a playlist names without its folder. */
export const MAX_FOLDERS_SEARCHED = 100
/**
 * Longest path below an app, in bytes of UTF-8: an S3 key has at most 1,024, and before the path stand a prefix and the app's
 * name, behind it what tells it from others.
 */
export const MAX_PATH_BYTES = 700
/** Longest S3_PREFIX without the app's name, in bytes. */
export const MAX_PREFIX_BYTES = 64
/** Deepest folder below an app. */
export const MAX_FOLDERS = 8

/** A body up to this size, in bytes, lives in the journal; a larger one in a file of its own. */
export const INLINE_BODY_BYTES = 64 * KIB
/** A piece smaller than this, in bytes, is copied into a block of this size, since each piece kept by itself costs about 400 bytes more. */
export const SMALL_PIECE_BYTES = 4 * KIB
/** Pieces that are kept as they come, however small; a network read leaves a small one between two large ones. */
export const LOOSE_PIECES = 16
/** Bytes of one upload gathered before they are written to its file at once. */
export const BODY_WRITE_BYTES = 128 * KIB
/** Largest playlist, in bytes: a day of 2 s segments with dates takes about 4 MiB (facts: 43,200 entries). */
export const MAX_PLAYLIST_BYTES = 16 * MIB
/** Memory for playlists until they are accepted, in bytes over all; beyond, uploads of playlists are refused as `too-many-uploads`. */
export const MAX_TEXTS_BYTES = 256 * MIB
/** Longest line of a playlist, in bytes: libavformat itself reads no more than 4,096. */
export const MAX_PLAYLIST_LINE_BYTES = 8 * KIB
/** Most lines of a playlist: a day of 2 s segments with dates takes about 130,000. */
export const MAX_PLAYLIST_LINES = 500_000
/** Entries of a recording that are read as one text where files are made of them, however long it is. */
export const NUMBERED_ENTRIES = 10_000
/** Largest key file, in bytes; an AES-128 key has 16. */
export const MAX_KEY_BYTES = 64 * KIB
/** Largest end-of-stream message, in bytes. */
export const MAX_END_MESSAGE_BYTES = 64 * KIB

/** Playlists whose parsed state is kept in memory; others are read again from the journal. */
export const MAX_PLAYLIST_STATES = 10_000
/** Memory for playlists that were accepted, in bytes over all: taken apart, and as served. */
export const MAX_HELD_PLAYLIST_BYTES = 256 * MIB
/** What a playlist taken apart takes of memory, in bytes for each byte of its record. */
export const PARSED_PER_RECORD_BYTE = 3
/** How often what is in the store is crossed off the list of what is still to be stored, in ms. */
export const SETTLE_INTERVAL_MS = 60_000
/** How long a receiver that stops waits until that is done, in ms; what is not crossed off then is stored again. */
export const LAST_SETTLE_MS = 5_000
/** Objects on their way to the store at once. */
export const MAX_STORE_WRITES = 64
/** How long accepted objects wait for company on their way to the store, in ms: many at once cost a disk half as much CPU. */
export const STORE_GATHER_MS = 50
/** How long an accepted object counts as the live edge, in ms; what is older is backlog, and waits behind it. */
export const LIVE_EDGE_MS = 15_000
/** Of MAX_STORE_WRITES, those that no backlog may take. */
export const LIVE_STORE_WRITES = 16
/** Failures in a row after which the store is taken for down: one in three may fail without that. */
export const STORE_DOWN_FAILURES = 8
/** How long an attempt at a store that is down is waited for before another is made, in ms. */
export const STORE_PROBE_MS = 5_000
/** How long a playlist waits for the store to have what it names, in ms; then it goes there with holes, or cut. */
export const STORE_PATIENCE_MS = 1_000
/** First pause before a failed write to the store is tried again, in ms. */
export const STORE_RETRY_MIN_MS = 250
/** Longest pause before a failed write to the store is tried again, in ms. */
export const STORE_RETRY_MAX_MS = 5_000
/** Objects that may wait for the store at once, of about 1 KiB of memory each; beyond, uploads are refused as `spool-full`. */
export const MAX_STORE_QUEUE = 500_000
/** Longest pause before a write is made again that the store refused, and not for a moment, in ms. */
export const STORE_REFUSED_RETRY_MS = 60_000
/** Bodies that go to the store while they still arrive, at once: each keeps a few parts in memory. */
export const MAX_EARLY_UPLOADS = 8
/** How often it is looked for uploads that have waited long enough for the end of their stream, in ms. */
export const HELD_LOOK_MS = 15_000
/** Uploads whose time is remembered until a playlist says how long they play. */
export const MAX_UPLOAD_LAGS = 10_000
/** Numbers that receivers which share a store claim at once, of names and of playlists: two days of segments of 2 s. */
export const CLAIM_BLOCK_NUMBERS = 100_000
/** How long an upload waits for a claim, in ms; then it goes on without. */
export const CLAIM_WAIT_MS = 500
/** How long nothing is claimed after a claim that failed, in ms. */
export const CLAIM_RETRY_MS = 5_000
/** How often a claim is tried that others were quicker to make. */
export const MAX_CLAIM_TRIES = 8
/** Largest claim that is read, in bytes. */
export const MAX_CLAIM_BYTES = 4 * KIB
/** Pages of at most 1,000 keys that are listed to find what others wrote. */
export const MAX_LISTED_PAGES = 20
/** Blocks of names of which it is remembered that they are another receiver's. */
export const MAX_FOREIGN_BLOCKS = 10_000
/** Recordings of several receivers that are put together at once. */
export const MAX_RECORDINGS_AT_ONCE = 32
/** How much a recording grows before it is written to the store again, as a part of what was written. */
export const RECORDING_GROWTH = 0.1
/** Texts of runs that go on which are on their way to the store at once: a day's takes about 4 MiB. */
export const MAX_GROWING_RUNS = 4
/** By how many entries at least, of a run that goes on. */
export const RUN_GROWTH_ENTRIES = 60
/** How long a playlist is quiet before what was recorded of it is written, in ms. */
export const PART_QUIET_MS = 20_000
/** How long it is looked for files that come after that, in ms. */
export const PART_KEEP_MS = 60_000
/** How full the spool is, from 0 to 1, when the log begins to warn. */
export const SPOOL_WARNING_PART = 0.85

/** Uploads of one stream, and of all, under one encoder name that are remembered in order; the bytes of all are kept. */
export const MAX_ACCEPTANCES = 32
export const MAX_ACCEPTANCES_OF_ALL = 1_024
/** Streams of which is held in memory when their newest run began; of others it is read again. */
export const MAX_RUN_DATES = 10_000
/** Kinds of names whose next free number is remembered; of others it is looked for again. */
export const MAX_NUMBER_HINTS = 10_000
/** The beginning of a playlist, in bytes, in which its own tags are looked for before the first entry. */
export const PLAYLIST_HEAD_BYTES = 8 * KIB
/** How soon it is tried again to bring a run into the store that failed, or waited for the store, in ms. */
export const RUN_RETRY_MS = 10_000
/** Longest time that an entry is awaited, in ms; usually a target duration is shorter. */
export const MAX_GATE_WAIT_MS = 30_000
/** How long a multivariant playlist waits for the playlists it names, in ms; then it is served without those that lack. */
export const MULTIVARIANT_WAIT_MS = 6_000
/** Largest box of an MP4 segment's description that is read to tell how long it plays, in bytes. */
export const MAX_BOX_BYTES = MIB
/** How deep boxes that are looked into may lie in each other: `mdhd` is in the fourth. */
export const MAX_BOX_DEPTH = 8
/** How much of a segment is read to tell its codecs, in bytes: behind a large first picture, sound may begin late. */
export const MAX_CODEC_BYTES = MIB
/** How much of one elementary stream is gathered to find its parameters, in bytes. */
export const MAX_PARAMETER_BYTES = 64 * KIB
/** Largest rate of pictures that is taken for one, in pictures a second: encoders without one write down how they count time. */
export const MAX_FRAME_RATE = 300
/** Longest side of a picture, in pixels. */
export const MAX_PICTURE_SIDE = 65_535
/** Elementary streams of a program, or tracks, that are looked at. */
export const MAX_ELEMENTARY_STREAMS = 32
/** How far a rendition may be behind another that goes on, in ms, or three target durations: later it is one of an earlier time. */
export const RENDITION_LAG_MS = 60_000
/** Media playlists that a multivariant one is made of. */
export const MAX_RENDITIONS = 32
/** How long a stored multivariant playlist keeps variants that seem gone, in ms: after a pause renditions come one by one. */
export const VARIANT_RETURN_MS = 10_000
/** Last segments of a list whose bit rates are measured. */
export const MAX_MEASURED_SEGMENTS = 512
/** How long a made multivariant playlist waits until the codecs of its variants were read, in ms; then it goes without. */
export const CODECS_WAIT_MS = 5_000
/** How long a recording waits until it was read how long unnamed segments play, in ms; later ones go without. */
export const DURATIONS_WAIT_MS = 5_000
/** Entries of a list that only grows from which its first ones are sealed. */
export const SEAL_AT_ENTRIES = 16
/** Last entries of a list that are never sealed. */
export const SEAL_KEEP_ENTRIES = 4
/** Most entries in one sealed chunk. */
export const SEAL_CHUNK_ENTRIES = 256
/** Most entries in one record of the archive. */
export const ARCHIVE_CHUNK_ENTRIES = 256
/** Entries of a recording that are put into one block for good. */
export const RECORDING_BLOCK_ENTRIES = 1_000
/** How many more must have left the list by then, as a part of that: the last ones may still change. */
export const RECORDING_BLOCK_MARGIN = 0.1
/** How long it is waited before it is tried again to make a block of entries that may still change, in ms. */
export const BLOCK_RETRY_MS = 60_000
/** Memory for blocks of recordings that were read a moment ago, in bytes. */
export const MAX_CACHED_BLOCK_BYTES = 32 * MIB
/** How far what was named may come behind what played before it, in ms, before it counts as a pause, where there are no dates. */
export const ARRIVAL_DRIFT_MS = 10_000
/** Segments of one recording that no playlist named and that are looked up for it. */
export const MAX_UNNAMED_SEGMENTS = 1_000
/** Segments that no playlist named of which it is remembered how long they play; others are read again. */
export const MAX_DURATIONS = 10_000
/** How long a recording with holes is served as it was put together, in ms. */
export const VOD_CACHE_MS = 1_000
/** Segments that have left a list and are remembered by name: half of them the first of their run, half the last. */
export const MAX_GONE_SEGMENTS = 16
/** Bytes of a sealed list after which an upload is compared with it, and need not be held any longer. */
export const SEAL_MARK_BYTES = 256 * KIB
/** How long an old version of a playlist may be on its way, in ms; what looks old and comes later begins a new run. */
export const OLD_VERSION_MS = 10_000
/** How long a playlist that looks old waits for the segment that shows a new run, in ms, or a target duration if longer. */
export const SUSPECT_WAIT_MS = 5_000
/** How long after its stream's newest run began a rendition's list is of that one, in ms; later it begins one of its own. */
export const RUN_TOGETHER_MS = 60_000
/** From a server's message that a stream has ended to the end of its playlists, in ms, and how long they must be quiet by then. */
export const END_SETTLE_MS = 10_000
export const END_QUIET_MS = 5_000
/** How long after it was named a segment may begin to arrive, in ms; later it may be one of the encoder's next run. */
export const GAP_MEND_MS = 60_000
/** Refused playlists that are kept. */
export const MAX_QUARANTINED = 200
/** How much of a refused playlist is kept, in bytes. */
export const MAX_QUARANTINED_BYTES = 64 * KIB
/** Entries of a recording, or of the journal, that a removal looks at in one go; others have their turn in between. */
export const REMOVAL_SLICE = 256
/** Files that a removal removes at once: their objects, and then what the journal has of them; a store takes 1,000. */
export const REMOVAL_PAGE = 500
/** From the moment playlists are gone until the first file goes, in ms: whoever has just read them still gets what they name. */
export const REMOVAL_PAUSE_MS = 10_000
/** How soon a removal that failed, or waited for something, goes on, in ms. */
export const REMOVAL_RETRY_MS = 5_000
/** How long a removal waits until the store has multivariant playlists without what goes, in ms; then they are taken out of it first. */
export const LEADING_WAIT_MS = 300_000
/** How soon a removal of files goes on whose bodies still arrive, in ms. */
export const REMOVAL_ARRIVING_MS = 60_000
/** Files that encoders have deleted and that wait until nobody needs them; beyond, a DELETE changes nothing. */
export const MAX_DELETED_FILES = 100_000
/** How often it is looked whether they may go, in ms. */
export const DELETED_LOOK_MS = 15_000
/** Target durations that a deleted segment stays after it has left every list, where the list's window is shorter. */
export const DELETED_TARGET_DURATIONS = 3
/** How often it is looked whether recordings are older, or take more, than they may, in ms. */
export const EXPIRY_LOOK_MS = 30_000
/** How much more than its limit a recording gets old before its oldest entries go, and how much less it takes then, as a part of it. */
export const EXPIRY_STEP = 0.1
/** Entries of one recording that go at once, and of all that wait to go; more go the next time. */
export const EXPIRED_OF_PLAYLIST = 10_000
export const EXPIRED_ENTRIES = 100_000
/** By how much the oldest entries of some recordings may differ when they have gone, in ms. */
export const EXPIRY_SPREAD_MS = 10_000
/** How long nothing may come of a playlist that is to go as a whole, in ms. */
export const EXPIRY_QUIET_MS = 60_000
/** How long what is to go waits until no list shows it, beside twice the window of its list, in ms; then it is chosen anew. */
export const EXPIRY_WAIT_MS = 3_600_000
/** Playlists of a bucket that are taken up where a receiver takes its place, and as many with a date-time in their names; more of those are left alone. */
export const MAX_TAKEN_PLAYLISTS = 100_000
/** Entries of one recording that are taken up: some months of segments of 2 s. */
export const MAX_TAKEN_ENTRIES = 5_000_000
/** Lines of a text that are read at once there, and records of an archive that are written at once. */
export const TAKEN_BATCH_LINES = 4_096
export const TAKEN_COMMIT_CHUNKS = 16
/** Largest segment that is read there to tell how long it plays, in bytes. */
export const MAX_MEASURED_BYTES = 64 * MIB
/** How long an upload waits until it was read whether what another receiver stored under its name is the same, in ms. */
export const HASH_WAIT_MS = 5_000
/** How long one removal of old entries keeps others waiting, in ms. */
export const EXPIRY_TURN_MS = 10_000
/** Where a recording has no limit of age, uploads that no list named are young for so long, in ms. */
export const EXPIRY_YOUNG_MS = 3_600_000
/** Jobs that are remembered, and of those that failed for good, how many. */
export const MAX_JOBS = 100_000
export const MAX_FAILED_JOBS = 1_000
/** Attempts of a job, also those that a crash ended. */
export const JOB_ATTEMPTS = 5
/** How long after its first attempt a job is tried again, in ms; twice as long after each other, and so long at most. */
export const JOB_RETRY_MS = 10_000
export const JOB_RETRY_MAX_MS = 300_000
/** How long a stream must have ended until its session is over, in ms: other renditions end, or its encoder comes back. */
export const SESSION_SETTLE_MS = 3_000
/** When the end of a session that could not be noted is tried again, in ms. */
export const SESSION_RETRY_MS = 10_000
/** Playlists of a stream whose last end is remembered. */
export const MAX_SESSION_ENDS = 100
/** How many files that are in the bucket, and nobody here knows of, a name is moved past. */
export const MAX_FOUND_NAMES = 100
/** How long a bucket that did not say whether it has a file is not asked again, in ms. */
export const PRODUCT_SILENCE_MS = 60_000
/** How long the bucket is asked whether it has a file of a name, in ms. */
export const PRODUCT_LOOK_MS = 3_000
/** Names of files that are looked at in one go at the start: others have their turn in between. */
export const NAMES_AT_ONCE = 500
/** Playlists of which it is remembered when the next picture is due. */
export const MAX_PREVIEWED_PLAYLISTS = 10_000
/** How long one may take, in ms: the next ones wait. */
export const MAX_PREVIEW_MS = 30_000
/** How long after there was no ffmpeg for one it is looked for again, in ms. */
export const FFMPEG_LOOK_MS = 60_000
/** Files of one folder that are taken in at once. */
export const MAX_IMPORTED_FILES = 10_000
/** Files that are brought to the bucket at once. */
export const UPLOAD_JOBS_AT_ONCE = 2
/** Events that wait to be told, in all, and of one stream; beyond, the oldest of a stream is given up, of the one that has most. */
export const MAX_EVENTS = 10_000
export const MAX_STREAM_EVENTS = 1_000
/** Events of which it is not known yet whether they are durable. */
export const MAX_UNCOMMITTED_EVENTS = 10_000
/** Largest event in the journal, in bytes: a path and a few numbers. */
export const MAX_EVENT_BYTES = 8 * KIB
/** Events that are being told at once, and of those how many to one host: one that hangs must not hold up the others. */
export const WEBHOOKS_AT_ONCE = 16
export const WEBHOOKS_PER_HOST = 4
/** How long the request of a webhook may take until its answer is there, in ms. */
export const WEBHOOK_TIMEOUT_MS = 10_000
/** First, and longest, pause before an event is told again, in ms: twice as long after each attempt. */
export const WEBHOOK_RETRY_MIN_MS = 2_000
export const WEBHOOK_RETRY_MAX_MS = 900_000
/** Longest pause that an answer may ask for, in ms. */
export const WEBHOOK_RETRY_AFTER_MAX_MS = 3_600_000
/** An event is given up when it is so old, in ms, and so many attempts in a row have failed. */
export const WEBHOOK_MAX_AGE_MS = 259_200_000
export const WEBHOOK_MIN_ATTEMPTS = 8
/** How much of the answer to a webhook is read, in bytes; nothing is made of it. */
export const WEBHOOK_ANSWER_BYTES = 4 * KIB
/** How long a receiver that stops waits for requests that were ended, in ms. */
export const WEBHOOK_STOP_MS = 2_000
/** Items of a list that management gives at once, as AMS does. */
export const MAX_LISTED = 250
/** Longest name that a recording is given over REST, in characters as AMS has it, and in bytes of UTF-8 so that there is room for a suffix. */
export const MAX_RECORDING_NAME = 120
export const MAX_RECORDING_NAME_BYTES = 160
/** Boxes of a file that are passed over to find how long it plays. */
export const MAX_BOXES_PASSED = 1_000
