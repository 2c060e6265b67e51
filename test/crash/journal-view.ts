import { join } from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import type { StoredObject } from '../../src/core/records.ts'

/** Looks into the journal of a data folder whose server is gone, and closes it again. */
export async function viewJournal<T>(dataDir: string, look: (journal: JournalView) => T): Promise<T> {
  const path = join(dataDir, '.receiver', 'journal.mdb')
  const db: RootDatabase<Buffer, string> = open({ path, noSubdir: true, encoding: 'binary', readOnly: true })
  try {
    return look(new JournalView(db))
  } finally {
    await db.close()
  }
}

/** The records of a journal that the crash tests need; see src/core/records.ts. */
export class JournalView {
  readonly #db: RootDatabase<Buffer, string>

  constructor(db: RootDatabase<Buffer, string>) {
    this.#db = db
  }

  /** Ids of the objects that the store may not have yet → the object, or undefined when its record is missing. */
  unstored(): Map<string, StoredObject | undefined> {
    return new Map(
      this.#entries('u/').map(([key, value]) => {
        // A mark behind the name says that the store has it.
        const record = this.#db.get(`s/${value.replace('\u0001', '')}`)
        return [key.slice(2), record === undefined ? undefined : (JSON.parse(record.toString()) as StoredObject)]
      }),
    )
  }

  /** All objects of an app, by stored name. */
  objects(app: string): Map<string, StoredObject> {
    const prefix = `s/${app}/`
    return new Map(
      this.#entries(prefix).map(([key, value]) => [key.slice(prefix.length), JSON.parse(value) as StoredObject]),
    )
  }

  #entries(prefix: string): [key: string, value: string][] {
    return [...this.#db.getRange({ start: prefix, end: `${prefix}\uffff` })].map(({ key, value }) => [
      key,
      value.toString(),
    ])
  }
}
