import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import { ROOT } from './generated-docs.ts'

/** A file of the repository as text. */
export interface SourceFile {
  /** Below the root, with `/`. */
  readonly path: string
  readonly text: string
  /** What it imports: packages as named, relative ones as paths below the root. */
  readonly imports: readonly string[]
}

const IMPORT = /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?\bfrom\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g

/** What a TypeScript file imports, as written. */
export function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '')
}

/** All files below a folder whose name ends so. */
export function filesBelow(folder: string, ending: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
    .map(readSource)
}

/** One file by its path below the root. */
export function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const imports = importsOf(text).map((name) => (name.startsWith('.') ? posix.join(posix.dirname(path), name) : name))
  return { path, text, imports }
}
