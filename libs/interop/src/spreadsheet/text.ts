import { refuse, type Refusal } from '#kernel';

/**
 * The text of a file in whichever encoding it was saved: UTF-16 and UTF-8 by their marks, UTF-8
 * where all of it is, else Windows-1252, which is what Excel's plain "CSV" is in Britain.
 */
export function textOf(bytes: Buffer): string | Refusal {
  if (bytes.subarray(0, 2).toString('latin1') === 'PK') {
    return refuse(
      'not-csv',
      'This is a workbook, not CSV: open it and save each sheet as "CSV UTF-8".',
    );
  }
  const text = decoded(bytes);
  if (text?.includes('\0') === false) return text;
  return refuse(
    'not-csv',
    'This is not text: save the sheet as "CSV UTF-8", then import it again.',
  );
}

function decoded(bytes: Buffer): string | null {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return decodedAs('utf-16le', bytes);
  if (first === 0xfe && second === 0xff) return decodedAs('utf-16be', bytes);
  return decodedAs('utf-8', bytes) ?? decodedAs('windows-1252', bytes);
}

/** Without its byte order mark; `null` where it is not in this encoding. */
function decodedAs(encoding: string, bytes: Buffer): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
