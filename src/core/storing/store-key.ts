/** The store's key of what is served as `/APP/streams/NAME`. */
export function storeKey(app: string, stored: string): string {
  return `${app}/streams/${stored}`
}
