import { type Cell, cellName } from './cells.ts'
import type { Measurement } from './measure.ts'

/** The figures of all servers in one cell, by server name. */
export interface CellResult {
  readonly cell: Cell
  readonly byServer: ReadonlyMap<string, Measurement>
}

/** One line per cell and server. */
export function figuresTable(results: readonly CellResult[]): string {
  const rows = results.flatMap(({ cell, byServer }) =>
    [...byServer].map(([server, { p50, p99, perCpuToAck, perCpuToTree }]) => [
      cellName(cell),
      server,
      milliseconds(p50),
      milliseconds(p99),
      count(perCpuToAck),
      count(perCpuToTree),
    ]),
  )
  const head = ['load', 'server', 'ack p50, ms', 'ack p99, ms', 'files per CPU-s, to the last ack', 'to the whole tree']
  return table(head, rows)
}

/** How many times as many files per CPU-second `server` takes as each of the others. */
export function ratiosTable(results: readonly CellResult[], server: string, others: readonly string[]): string {
  const rows = results.map(({ cell, byServer }) => [
    cellName(cell),
    ...others.flatMap((other) => {
      const ours = byServer.get(server)
      const theirs = byServer.get(other)
      if (ours === undefined || theirs === undefined) return ['', '']
      return [ratio(ours.perCpuToAck, theirs.perCpuToAck), ratio(ours.perCpuToTree, theirs.perCpuToTree)]
    }),
  ])
  return table(['load', ...others.flatMap((other) => [`to ${other}, last ack`, 'whole tree'])], rows)
}

/** A sentence per server that refused something; empty when none did. */
export function refusals(results: readonly CellResult[]): string[] {
  return results.flatMap(({ cell, byServer }) =>
    [...byServer].flatMap(([server, { refused }]) =>
      refused === 0 ? [] : [`${server} did not accept ${refused} files (${cellName(cell)}); they are not counted.`],
    ),
  )
}

/** A table in Markdown; columns of numbers are set to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isText = (column: number) => rows.every((row) => Number.isNaN(Number((row[column] ?? '').replaceAll(',', ''))))
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => (isText(at) ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, at) => (isText(at) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

const milliseconds = (value: number) => value.toFixed(2)
const count = (value: number) => Math.round(value).toLocaleString('en-US')
const ratio = (one: number, other: number) => (one / other).toFixed(2)
