/** C0, DEL and C1 control characters; zero-width characters, line separators and bidirectional controls; lone surrogates. */
export const unprintable =
  // oxlint-disable-next-line no-control-regex -- these are what it is about
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Whether it can be typed and shown only with escapes. A line break can be typed as it is. */
export const needsEscapes = (text: string): boolean => text.replaceAll('\n', '').search(unprintable) !== -1;
