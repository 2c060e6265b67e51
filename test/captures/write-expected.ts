import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { playlistPaths } from '../support/captures.ts'
import { cases } from './cases.ts'
import { expectedFile } from './expected-files.ts'
import { expectedText } from './expected-text.ts'

for (const capture of cases) {
  for (const path of playlistPaths(capture)) {
    const file = expectedFile(capture, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, expectedText(capture, path))
  }
}
