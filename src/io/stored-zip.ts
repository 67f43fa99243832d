/**
 * Zip archives whose records are stored as they are, not compressed: what PyTorch's files are.
 *
 *   for each record   local header (30 bytes, name, extra), then the data
 *   for each record   central header (46 bytes, name, extra, comment), pointing to the local one
 *   at the end        22 bytes that point to the first central header
 *
 * After PKWARE's APPNOTE. Archives that need zip64 (4 GiB, 65,535 records) are refused: one buffer hardly holds them.
 */

import { crc32 } from "../tensor/crc-32.ts";
import { ArgumentError, FormatError } from "../tensor/errors.ts";

const LOCAL = { signature: 0x04034b50, size: 30, nameLength: 26, extraLength: 28 };
const CENTRAL = { signature: 0x02014b50, size: 46 };
const END = { signature: 0x06054b50, size: 22 };
const LONGEST_COMMENT = 0xffff;
const ENCRYPTED = 1;
const UTF8_NAMES = 0x800;
/** PyTorch's extra field, which holds only padding: "FB". */
const PADDING = 0x4246;

/**
 * The records by name. They are views of `bytes`.
 * @throws {FormatError} if anything is compressed, encrypted, damaged, named twice or out of place
 */
export function readStoredZip(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const directory = view.getUint32(end + 16, true);
  if (count === 0xffff || directory === 0xffffffff) {
    throw wrong("needs zip64 (4 GiB or 65,535 records), which is not read here");
  }
  const records = new Map<string, Uint8Array>();
  let at = directory;
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL.size > end || view.getUint32(at, true) !== CENTRAL.signature) {
      throw wrong(`has a damaged directory (record ${i} of ${count})`);
    }
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const name = new TextDecoder().decode(bytes.subarray(at + CENTRAL.size, at + CENTRAL.size + nameLength));
    if (records.has(name)) throw wrong(`has two records named "${name}"`);
    const data = readRecord(bytes, view, at, name, directory);
    total += data.length;
    if (total > bytes.length) throw wrong(`has records that overlap ("${name}")`);
    records.set(name, data);
    at += CENTRAL.size + nameLength + extraLength + commentLength;
  }
  return records;
}

function findEnd(view: DataView): number {
  const last = view.byteLength - END.size;
  for (let at = last; at >= 0 && at >= last - LONGEST_COMMENT; at--) {
    if (
      view.getUint32(at, true) === END.signature &&
      at + END.size + view.getUint16(at + 20, true) === view.byteLength
    ) {
      return at;
    }
  }
  throw wrong("has no directory at its end; is the file whole?");
}

/** The data of the record whose central header is at `central`. */
function readRecord(bytes: Uint8Array, view: DataView, central: number, name: string, limit: number): Uint8Array {
  const method = view.getUint16(central + 10, true);
  if (view.getUint16(central + 8, true) & ENCRYPTED) throw wrong(`has an encrypted record "${name}"`);
  if (method !== 0) {
    throw wrong(`has a compressed record "${name}" (method ${method}); PyTorch stores them, so was it zipped again?`);
  }
  const size = view.getUint32(central + 24, true);
  const local = view.getUint32(central + 42, true);
  if (local + LOCAL.size > limit || view.getUint32(local, true) !== LOCAL.signature) {
    throw wrong(`has no record "${name}" where its directory says`);
  }
  const nameLength = view.getUint16(local + LOCAL.nameLength, true);
  const start = local + LOCAL.size + nameLength + view.getUint16(local + LOCAL.extraLength, true);
  if (start + size > limit) throw wrong(`has a record "${name}" that runs beyond its end`);
  const data = bytes.subarray(start, start + size);
  if (crc32(data) !== view.getUint32(central + 16, true))
    throw wrong(`has a damaged record "${name}" (its CRC-32 differs)`);
  return data;
}

/**
 * An archive of stored records.
 * @param alignment every record's data begins at a multiple of it
 * @throws {ArgumentError} for 4 GiB or 65,535 records
 */
export function writeStoredZip(records: ReadonlyMap<string, Uint8Array>, alignment: number): Uint8Array {
  const encoder = new TextEncoder();
  let at = 0;
  const placed = Array.from(records, ([path, data]) => {
    const name = encoder.encode(path);
    const local = at;
    const unpadded = local + LOCAL.size + name.length + 4;
    const padding = (alignment - (unpadded % alignment)) % alignment;
    at = unpadded + padding + data.length;
    return { name, data, local, padding, checksum: crc32(data) };
  });
  const directory = at;
  const directorySize = placed.reduce((size, { name }) => size + CENTRAL.size + name.length, 0);
  const total = directory + directorySize + END.size;
  if (total >= 0xffffffff || placed.length >= 0xffff) {
    throw new ArgumentError(
      `savePyTorch: ${total} bytes in ${placed.length} records are more than a zip archive without zip64 holds`,
    );
  }

  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  for (const { name, data, local, padding, checksum } of placed) {
    view.setUint32(local, LOCAL.signature, true);
    view.setUint16(local + 6, UTF8_NAMES, true);
    view.setUint32(local + 14, checksum, true);
    view.setUint32(local + 18, data.length, true);
    view.setUint32(local + 22, data.length, true);
    view.setUint16(local + LOCAL.nameLength, name.length, true);
    view.setUint16(local + LOCAL.extraLength, 4 + padding, true);
    bytes.set(name, local + LOCAL.size);
    const extra = local + LOCAL.size + name.length;
    view.setUint16(extra, PADDING, true);
    view.setUint16(extra + 2, padding, true);
    bytes.set(data, extra + 4 + padding);

    view.setUint32(at, CENTRAL.signature, true);
    view.setUint16(at + 8, UTF8_NAMES, true);
    view.setUint32(at + 16, checksum, true);
    view.setUint32(at + 20, data.length, true);
    view.setUint32(at + 24, data.length, true);
    view.setUint16(at + 28, name.length, true);
    view.setUint32(at + 42, local, true);
    bytes.set(name, at + CENTRAL.size);
    at += CENTRAL.size + name.length;
  }
  view.setUint32(at, END.signature, true);
  view.setUint16(at + 8, placed.length, true);
  view.setUint16(at + 10, placed.length, true);
  view.setUint32(at + 12, directorySize, true);
  view.setUint32(at + 16, directory, true);
  return bytes;
}

const wrong = (what: string): FormatError => new FormatError(`loadPyTorch: the zip archive ${what}`);
