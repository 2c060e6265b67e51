import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { type CellResult, figuresTable, ratiosTable, refusals } from './report.ts'

/** What stands in BENCHMARKS.md beside the figures. */
export interface RunFacts {
  readonly command: string
  readonly rounds: number
  readonly nginxVersion: string
  readonly fileSystem: string
  readonly ratioOf: string
  readonly ratioTo: readonly string[]
}

/** The whole of BENCHMARKS.md. */
export function benchmarksDocument(results: readonly CellResult[], facts: RunFacts): string {
  return `# Benchmarks

\`${facts.command}\` makes this file.

## What is measured

Files are uploaded the way libavformat does it: \`PUT\`, \`Transfer-Encoding: chunked\` in chunks of 32 KiB, the head in a
write of its own, every name and every body different. Each server is a process of its own on 127.0.0.1 and keeps its
files on the same file system. All servers run through all loads in turn, ${times(facts.rounds)}; the figures are medians.

- **hls-receiver**: \`node dist/node/cli.js serve\` with \`DURABILITY=fsync\` and \`LOG_LEVEL=info\`, its log in a file. Its
  acknowledgement means that the bytes survive power loss.
- **bare node:http sink**: reads the body and answers 201. Nothing is kept: it shows what node:http alone costs.
- **nginx http_dav**: one worker, access log in a file. It syncs nothing: after power loss acknowledged files may be gone.

**Ack** is the time from the first byte written, or from the start of connecting where each request has its own connection,
to the status line. **Files per CPU-second** are the files answered 201 (nginx: 201 or 204), divided by the CPU time of
the server with all its threads and child processes, user and system: first up to the last acknowledgement, then until
all files stand in the plain tree under \`DATA_DIR\` and the server is idle. The load generator is not counted. Once a
minute the receiver crosses off what is in the tree; that work falls into whichever load runs at the time.

## Machine

${machineFacts(facts.fileSystem).join('\n')}, nginx ${facts.nginxVersion}

## Figures

${figuresTable(results)}

## Ratios

Files per CPU-second of ${facts.ratioOf}, divided by those of the others; more than 1 means less CPU than theirs.

${ratiosTable(results, facts.ratioOf, facts.ratioTo)}
${refusals(results)
  .map((line) => `\n${line}\n`)
  .join('')}`
}

/** What the figures were taken on, as a list; Node comes last. */
export function machineFacts(fileSystem: string): string[] {
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  return [
    `- ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${gibibytes} GiB of memory`,
    `- Linux ${release()}, ${fileSystem}`,
    `- Node ${process.versions.node}`,
  ]
}

function times(rounds: number): string {
  return rounds === 1 ? 'once' : `${rounds} times`
}
