/** A file's mode as chmod(1) takes it: four octal digits, without the kind of file. */
export const modeText = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');
