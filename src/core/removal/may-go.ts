import type { Journal } from '../ports.ts'
import type { Acceptance } from '../records.ts'
import type { ItemKind, RemovalNote } from './removal-note.ts'
import { isUsed } from './uses.ts'

/** What tells whether a file may go. */
export interface MayGoParts {
  readonly journal: Journal
  /** Every upload under an encoder name. */
  acceptances(app: string, name: string): readonly Acceptance[]
}

/** The file of a removal. */
export interface GoingFile {
  readonly kind: Extract<ItemKind, 'file' | 'shared'>
  readonly stored: string
  /** The encoder name that it came under. */
  readonly name: string
}

/**
 * Whether a file of a removed playlist may go: no other playlist leads to it, and nobody brought the same bytes under the
 * same name since. Under a name that may be another stream's, also what came after the last playlist is not ours.
 */
export function mayGo(
  { journal, acceptances }: MayGoParts,
  { app, id, lastId }: RemovalNote,
  { kind, stored, name }: GoingFile,
): boolean {
  const isOurs = (upload: Acceptance) => (kind === 'file' ? upload.id < id : upload.id <= lastId)
  const uploads = acceptances(app, name).filter((upload) => upload.stored === stored)
  return uploads.every(isOurs) && !isUsed(journal, app, stored)
}
