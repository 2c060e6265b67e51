import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { GENERATED_DOCS, ROOT } from './generated-docs.ts'
import { filesBelow } from './source-files.ts'

const FENCED = /```[\s\S]*?```/g
const LINK = /\]\(<?([^)<>\s]+)>?(?:\s+"[^"]*")?\)/g

/** The files that a page links to: relative links only, without their anchors. */
function linkedFiles(markdown: string): string[] {
  return [...markdown.replace(FENCED, '').matchAll(LINK)]
    .map((match) => match[1] ?? '')
    .filter((link) => !/^(?:[a-z][a-z0-9+.-]*:|#)/i.test(link))
    .map((link) => decodeURIComponent(link.replace(/[#?].*$/, '')))
}

const pages = [...filesBelow('docs', '.md').map(({ path }) => path), 'README.md', 'CHANGELOG.md'].filter((path) =>
  existsSync(join(ROOT, path)),
)

describe('the docs say what the source says', () => {
  test.each([...GENERATED_DOCS])('%s is what `npm run docs` writes', (path, text) => {
    expect(readFileSync(join(ROOT, path), 'utf8')).toBe(text())
  })

  test.each([...GENERATED_DOCS])('%s is a table with one row for each entry', (_path, text) => {
    const rows = text()
      .split('\n')
      .filter((line) => line.startsWith('| `'))
    const columns = new Set(rows.map((row) => row.split(/(?<!\\)\|/).length))
    expect(rows.length).toBeGreaterThan(10)
    expect(columns.size).toBe(1)
  })
})

describe('links', () => {
  test('are found where they are, and nowhere else', () => {
    const text =
      '[a](docs/a.md#part) [b](https://x/y) ![c](<img/c.png>) [d](#top)\n```\n[e](no.md)\n```\n[f](../f.md "title")'
    expect(linkedFiles(text)).toEqual(['docs/a.md', 'img/c.png', '../f.md'])
  })

  test.each(pages)('in %s lead to files', (page) => {
    const missing = linkedFiles(readFileSync(join(ROOT, page), 'utf8')).filter(
      (link) => !existsSync(join(ROOT, dirname(page), link)),
    )
    expect(missing).toEqual([])
  })
})
