/** Where files come from: a disk, standard input, or what somebody dropped on a page. */
export interface FileSource {
  /** The whole text. @throws InputError when it cannot be read. */
  readText(path: string): Promise<string>;
  /** The first bytes, fewer where the file is shorter. Rejects when it cannot be read. */
  readPrefix(path: string, bytes: number): Promise<Uint8Array>;
  /** The whole text where there is a file, else undefined. @throws InputError when it cannot be read. */
  readTextIfThere(path: string): Promise<string | undefined>;
  /** Bytes of a file; undefined where there is none, or nobody knows. */
  sizeOf(path: string): Promise<number | "folder" | undefined>;
  /** The path of a file in a folder. */
  inside(folder: string, name: string): string;
  /** The path of a file that the file at `path` names. */
  beside(path: string, name: string): string;
}
