import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GENERATED_DOCS, ROOT } from './generated-docs.ts'

for (const [path, text] of GENERATED_DOCS) writeFileSync(join(ROOT, path), text())
