import { InputError } from "../core/errors.js";

/**
 * Bytes of a file → text. UTF-8 with or without a byte order mark; anything else is refused, so that
 * no name is silently garbled.
 * @throws InputError naming the encoding where the first bytes tell it.
 */
export function decodeText(source: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_ENCODING_INVALID_ENCODED_DATA") throw error;
    throw new InputError(source, [
      {
        path: "",
        found: isUtf16(bytes) ? "UTF-16 text" : "bytes that are not UTF-8 text",
        expected: "UTF-8 text",
        remedy: "Save the file as UTF-8.",
      },
    ]);
  }
}

/** By its byte order mark, of either order. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}
