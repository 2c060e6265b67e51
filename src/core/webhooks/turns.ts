/** What waits for its turn, by host: hosts have it one after the other, and what waits for one likewise. */
export class Turns<Item extends { readonly host: string }> {
  readonly #waiting = new Map<string, Set<Item>>()

  /** Puts an item at the end; one that waits already stays where it is. */
  add(item: Item): void {
    const ofHost = this.#waiting.get(item.host)
    if (ofHost === undefined) this.#waiting.set(item.host, new Set([item]))
    else ofHost.add(item)
  }

  /** Takes the next item of a host that is free. */
  take(isFree: (host: string) => boolean): Item | undefined {
    for (const [host, items] of this.#waiting) {
      const [item] = items
      if (item === undefined || !isFree(host)) continue
      items.delete(item)
      this.#waiting.delete(host)
      if (items.size > 0) this.#waiting.set(host, items)
      return item
    }
    return undefined
  }
}
