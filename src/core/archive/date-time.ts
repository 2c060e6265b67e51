/** A moment as Ant Media Server writes it in file names, `yyyy-MM-dd_HH-mm-ss.SSS`; `zone` is an IANA time zone. */
export function dateTimeOf(ms: number, zone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  })
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]))
  const of = (...types: Intl.DateTimeFormatPartTypes[]) => types.map((type) => parts.get(type) ?? '').join('-')
  return `${of('year', 'month', 'day')}_${of('hour', 'minute', 'second')}.${of('fractionalSecond')}`
}

const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})_(\d{2})-(\d{2})-(\d{2})(?:\.(\d{3}))?$/

/** The moment of such a text in ms since the epoch, the earlier one where clocks were set back; undefined of other texts. */
export function momentOf(dateTime: string, zone: string): number | undefined {
  const [year, month, day, hour, minute, second, ms = '0'] = DATE_TIME.exec(dateTime)?.slice(1) ?? []
  if (year === undefined) return undefined
  const asUtc = (...parts: (string | undefined)[]) => {
    const [y = 0, mo = 1, d = 1, h = 0, mi = 0, s = 0, milli = 0] = parts.map((part) => Number(part ?? 0))
    return Date.UTC(y, mo - 1, d, h, mi, s, milli)
  }
  const written = asUtc(year, month, day, hour, minute, second, ms)
  const shownAt = (at: number) => asUtc(...(DATE_TIME.exec(dateTimeOf(at, zone))?.slice(1) ?? []))
  let at = written
  // Once for the zone, and once more where its clocks were set in between.
  for (let round = 0; round < 2; round++) at += written - shownAt(at)
  return at
}
