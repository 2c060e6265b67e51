import type { Random } from '../../support/random.ts'

/** How often, of all segments or versions, something goes wrong on the way. */
export interface Trouble {
  readonly late: number
  readonly never: number
  readonly cut: number
  readonly twice: number
  readonly differs: number
  /** The playlist comes before its segment. */
  readonly overtaken: number
  /** A version of the playlist comes after a later one. */
  readonly delayed: number
}

/** What an encoder sends, and how: drawn once for all its runs. */
export interface Habits {
  /** The playlist's encoder name without `.m3u8`. */
  readonly stem: string
  readonly type: 'live' | 'event' | 'vod'
  readonly format: 'ts' | 'fmp4' | 'single-ts' | 'single-mp4'
  /** How entries name their files; `twins` are two segments in a row under one name. */
  readonly names: 'plain' | 'absolute' | 'spaced' | 'below' | 'twins'
  readonly hasDates: boolean
  readonly hasKey: boolean
  /** Entries of a live playlist, and by how many there are now and then more or fewer. */
  readonly window: number
  readonly windowJitter: number
  /** How often the duration of the newest segment is corrected by the next version. */
  readonly corrects: number
  /** How often a list of a life that ends comes after the first one of the next. */
  readonly lingers: number
  /** How often a life is killed behind a segment that no list names, or within it: the next one may use its number again. */
  readonly leaves: number
  /** Segments sent at once before the first playlist. */
  readonly bulk: number
  /** Seconds of most segments. */
  readonly duration: number
  readonly restarts: readonly ('over' | 'append')[]
  readonly hasEndlist: boolean
  readonly trouble: Trouble
}

const NO_TROUBLE: Trouble = { late: 0, never: 0, cut: 0, twice: 0, differs: 0, overtaken: 0, delayed: 0 }

/** Draws the habits of one encoder. */
export function drawHabits(random: Random, stem: string): Habits {
  const format = random.pick(['ts', 'ts', 'ts', 'fmp4', 'fmp4', 'single-ts', 'single-mp4'] as const)
  const isSingle = format.startsWith('single')
  const names = isSingle
    ? 'plain'
    : random.pick(['plain', 'plain', 'plain', 'absolute', 'spaced', 'below', 'twins'] as const)
  const isLong = random.next() < 0.08 && names !== 'twins' && !isSingle
  const type = isSingle || isLong ? 'event' : random.pick(['live', 'live', 'live', 'event', 'vod'] as const)
  const trouble = drawTrouble(random, names === 'twins')
  // What comes again, or for the first time, while its duration is corrected looks like a new run.
  const isTold = trouble.late + trouble.never + trouble.cut + trouble.twice + trouble.differs === 0 && !isSingle
  return {
    stem: names === 'spaced' ? `${stem} é+1` : stem,
    type,
    format,
    names,
    hasDates: random.next() < 0.5,
    hasKey: random.next() < 0.2,
    window: random.whole(3, 6),
    windowJitter: random.pick([0, 0, 1, 3]),
    corrects: isTold && names !== 'twins' && random.next() < 0.5 ? random.next() : 0,
    lingers: isSingle || names === 'twins' ? 0 : random.pick([0, 0.5]),
    leaves: isSingle || names === 'twins' || type === 'vod' ? 0 : random.pick([0, 0.5]),
    bulk: isLong ? random.pick([random.whole(30, 70), random.whole(140, 260)]) : 0,
    duration: names === 'twins' ? 0.5 : random.pick([1, 2, 2]),
    restarts: Array.from({ length: random.whole(0, 3) }, () => random.pick(['over', 'over', 'append'] as const)),
    hasEndlist: random.next() < 0.7,
    trouble,
  }
}

/** Some encoders have a quiet life; twins must come in order, or nobody could tell which is which. */
function drawTrouble(random: Random, isTwins: boolean): Trouble {
  const rate = (chance: number, worst: number) => (random.next() < chance ? random.next() * worst : 0)
  if (random.next() < 0.2) return NO_TROUBLE
  const versions = { delayed: rate(0.5, 0.4) }
  if (isTwins) return { ...NO_TROUBLE, ...versions }
  return {
    ...versions,
    late: rate(0.5, 0.3),
    never: rate(0.4, 0.2),
    cut: rate(0.4, 0.2),
    twice: rate(0.4, 0.3),
    // Another file under its name, and an old list behind it: that is how a new run begins, too.
    differs: versions.delayed > 0 ? 0 : rate(0.4, 0.2),
    overtaken: rate(0.6, 0.8),
  }
}
