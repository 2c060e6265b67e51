import type { PlantedBug } from './plant.ts'

/** Bugs that the simulation must find, or it proves nothing. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    what: 'the gate is off',
    folder: 'gate-off',
    file: 'playlist/gate.js',
    find: 'const isMissing = !isReady(',
    replace: 'const isMissing = false && !isReady(',
    shows: /^P2: /,
  },
  {
    what: 'an entry is bound to an older object of the same name',
    folder: 'older-object',
    file: 'playlist/run-uploads.js',
    find: 'const own = versions.filter(({ id }) => id >= from && (to === undefined || id < to))',
    replace: 'const own = versions.slice(0, 1)',
    shows: /^P2: /,
  },
  {
    what: 'the last playlist that comes wins',
    folder: 'last-write-wins',
    file: 'playlist/align.js',
    find: 'const isOlder = ahead < 0',
    replace: 'const isOlder = ahead < -1e9',
    shows: /^P4: /,
  },
  {
    what: 'a GAP is not mended',
    folder: 'gap-not-mended',
    file: 'playlist/run-uploads.js',
    find: 'const end = isOver && this.#mayBeginRun(entry) ? acceptedId : this.nextRun;',
    replace: 'const end = this.#isLate(entry) ? acceptedId : this.nextRun;',
    shows: /^P9: /,
  },
  {
    what: 'the answer goes out before the playlist is durable',
    folder: 'early-answer',
    file: 'playlist-commit.js',
    find: 'await this.#journal.commit(',
    replace: 'void this.#journal.commit(',
    shows: /^P[149]: /,
  },
]
