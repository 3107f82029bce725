// ignoreBOM: it stays in the text
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The text of a file as PostgreSQL's parsers meet it. A byte order mark, which editors on Windows put at the beginning,
 * is no white space to them: it is the first letter of the first word.
 */
export const fileText = (bytes: Uint8Array): string => decoder.decode(bytes);
