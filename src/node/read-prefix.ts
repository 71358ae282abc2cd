import { open, stat } from "node:fs/promises";

/** The first bytes of a file, fewer where it is shorter. Fails as node:fs does. */
export async function readPrefix(path: string, bytes: number): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await file.read(buffer, 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The bytes of a file, or "folder"; undefined where nothing of that name can be looked at. */
export async function sizeOf(path: string): Promise<number | "folder" | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? "folder" : found.size;
}
