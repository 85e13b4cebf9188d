/**
 * Files that the server does not have yet, so that a reload does not lose them. Bounded; where the browser keeps none
 * (a private window, no room left) they live as long as the page.
 */
const STORE = 'files'
const MOST_BYTES = 60 * 1024 * 1024

interface Kept {
  key: string
  at: number
  file: Blob
}

const here = new Map<string, Blob>()
let opened: Promise<IDBDatabase> | undefined

/** True when it will be there after a reload. */
export async function keep(key: string, file: Blob): Promise<boolean> {
  here.set(key, file)
  try {
    const all = await done<Kept[]>((files) => files.getAll(), 'readonly')
    for (const old of tooMuch(all, file.size)) await done((files) => files.delete(old.key))
    await done((files) => files.put({ key, at: Date.now(), file } satisfies Kept))
    return true
  } catch {
    return false
  }
}

/** Null when it is gone. */
export async function read(key: string): Promise<Blob | null> {
  const file = here.get(key)
  if (file) return file
  const kept = await done<Kept | undefined>((files) => files.get(key), 'readonly').catch(() => undefined)
  return kept?.file ?? null
}

export async function drop(key: string): Promise<void> {
  here.delete(key)
  await done((files) => files.delete(key)).catch(() => undefined)
}

/** The oldest, until the new one has room. */
function tooMuch(all: Kept[], size: number): Kept[] {
  const sorted = all.sort((a, b) => a.at - b.at)
  let sum = sorted.reduce((bytes, one) => bytes + one.file.size, size)
  return sorted.filter(({ file }) => {
    if (sum <= MOST_BYTES) return false
    sum -= file.size
    return true
  })
}

async function done<Result>(
  ask: (files: IDBObjectStore) => IDBRequest,
  mode: IDBTransactionMode = 'readwrite',
): Promise<Result> {
  opened ??= open()
  const request = ask((await opened).transaction(STORE, mode).objectStore(STORE))
  return new Promise((well, badly) => {
    request.onsuccess = () => well(request.result as Result)
    request.onerror = () => badly(request.error)
  })
}

function open(): Promise<IDBDatabase> {
  return new Promise((well, badly) => {
    const request = indexedDB.open('relevo', 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'key' })
    request.onsuccess = () => well(request.result)
    request.onerror = () => badly(request.error)
  })
}
