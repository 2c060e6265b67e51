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
