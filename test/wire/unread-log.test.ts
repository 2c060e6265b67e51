import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const LOGGER = new URL('../../dist/node/logger.js', import.meta.url)
const LINES = 50_000
const LINE_BYTES = 1_000
/** What the lines that wait may take of memory, in bytes; all of them are 50 MB. */
const MOST_BYTES = 10_000_000

/** Logs much more than a pipe takes, says what memory that has cost, and logs a last line when it is told to. */
const SCRIPT = `
import { createLog } from '${LOGGER.href}'
const log = createLog('info')
process.stdout.on('error', () => {})
const used = () => { gc(); const { heapUsed, external } = process.memoryUsage(); return heapUsed + external }
const before = used()
for (let line = 0; line < ${LINES}; line++) log.info('x'.repeat(${LINE_BYTES}))
process.stderr.write(String(used() - before) + '\\n')
process.stdin.once('data', () => { log.info('last'); void log.flush().then(() => process.exit(0)) })
`

test('P6: log lines that nobody reads take bounded memory, and it is said how many were dropped', async () => {
  const args = ['--expose-gc', '--input-type=module', '-e', SCRIPT]
  const child = spawn(process.execPath, args, { cwd: fileURLToPath(new URL('../..', import.meta.url)) })
  const [used] = (await once(child.stderr, 'data')) as [Buffer]
  expect(Number(used.toString())).toBeLessThan(MOST_BYTES)
  const output = text(child.stdout)
  let end = ''
  const dropped = new Promise<string>((resolve) => {
    child.stdout.on('data', (piece: Buffer) => {
      end = (end + piece.toString()).slice(-piece.length - LINE_BYTES)
      const found = /"lines":(\d+),"msg":"log lines dropped"/.exec(end)?.[1]
      if (found !== undefined) resolve(found)
    })
  })
  const lines = Number(await dropped)
  child.stdin.write('end\n')
  const written = [...(await output).matchAll(/"msg":"x+"/g)].length
  expect(written + lines).toBe(LINES)
})
